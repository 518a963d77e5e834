//! Reading a `Set-Cookie` line (RFC 6265bis §5.6), octet by octet.

use std::time::Duration;

use super::date;
use super::reason::Reason;
use super::stored_cookie::{ByteString, SameSite};
use super::warning::Warning;
use crate::clock::Timestamp;

/// Name and value together, in octets.
const LARGEST_PAIR: usize = 4096;

/// A larger attribute value makes its attribute as good as absent.
const LARGEST_ATTRIBUTE: usize = 1024;

/// A cookie lives for 400 days at most (RFC 6265bis §5.5).
const LONGEST_LIFE: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// What a `Set-Cookie` line says, before anybody asks whether it may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SetCookie {
    pub(super) name: ByteString,
    pub(super) value: ByteString,
    /// `Domain` in lower case without its leading dot; `None` when it is missing or empty.
    pub(super) domain: Option<ByteString>,
    /// `Path`; `None` when it is missing or does not begin with `/`.
    pub(super) path: Option<String>,
    /// Whether there was a `Path`, be it of no use: a prefix may ask for that (§5.4).
    pub(super) has_path_attribute: bool,
    /// `None`: no end but that of the browser session.
    pub(super) expires: Option<Timestamp>,
    pub(super) secure: bool,
    pub(super) http_only: bool,
    pub(super) same_site: Option<SameSite>,
}

/// Reads a line, and tells what in it counts otherwise than it looks. A refused one comes with its name, as far as
/// there is one.
pub(super) fn parse(
    line: &[u8],
    now: Timestamp,
    mut tell: impl FnMut(Warning),
) -> Result<SetCookie, (ByteString, Reason)> {
    let mut parts = line.split(|&octet| octet == b';');
    let pair = parts.next().unwrap_or_default();
    let (name, value) = match pair.iter().position(|&octet| octet == b'=') {
        Some(equals) => (trim(&pair[..equals]), trim(&pair[equals + 1..])),
        None => {
            tell(Warning::NoEqualsSign);
            (&[][..], trim(pair))
        }
    };
    if value.len() > 1 && value.starts_with(b"\"") && value.ends_with(b"\"") {
        tell(Warning::QuotedValue);
    }
    let name = ByteString(name.to_vec());
    if line.iter().any(|&octet| is_disallowed(octet)) {
        return Err((name, Reason::DisallowedCharacter));
    }
    if name.0.len() + value.len() > LARGEST_PAIR {
        return Err((name, Reason::NameValuePairExceedsMaxSize));
    }
    let mut cookie = SetCookie {
        name,
        value: ByteString(value.to_vec()),
        domain: None,
        path: None,
        has_path_attribute: false,
        expires: None,
        secure: false,
        http_only: false,
        same_site: None,
    };
    let (mut max_age, mut expires) = (None, None);
    for attribute in parts {
        let (name, value) = match attribute.iter().position(|&octet| octet == b'=') {
            Some(equals) => (trim(&attribute[..equals]), trim(&attribute[equals + 1..])),
            None => (trim(attribute), &[][..]),
        };
        if value.len() > LARGEST_ATTRIBUTE {
            tell(Warning::AttributeTooLong(ByteString(name.to_vec())));
            continue;
        }
        // Of an attribute that is given twice the last counts; one that fails counts as not given (§5.6.1 to §5.6.7).
        if name.eq_ignore_ascii_case(b"expires") {
            let date = date::parse(value);
            if date.is_none() {
                tell(Warning::InvalidExpires);
            }
            expires = date.or(expires);
        } else if name.eq_ignore_ascii_case(b"max-age") {
            let age = seconds(value);
            if age.is_none() {
                tell(Warning::InvalidMaxAge);
            }
            max_age = age.or(max_age);
        } else if name.eq_ignore_ascii_case(b"domain") {
            if value.is_empty() {
                tell(Warning::EmptyDomain);
            } else if value.starts_with(b".") {
                tell(Warning::LeadingDot);
            }
            if value.iter().any(|octet| b":/\"".contains(octet)) && !value.starts_with(b"[") {
                tell(Warning::InvalidDomain);
            }
            let domain = value.strip_prefix(b".").unwrap_or(value).to_ascii_lowercase();
            cookie.domain = (!domain.is_empty()).then_some(ByteString(domain));
        } else if name.eq_ignore_ascii_case(b"path") {
            let path = String::from_utf8_lossy(value);
            if !path.starts_with('/') {
                tell(Warning::InvalidPath);
            }
            cookie.has_path_attribute = true;
            cookie.path = path.starts_with('/').then(|| path.into_owned());
        } else if name.eq_ignore_ascii_case(b"secure") {
            cookie.secure = true;
        } else if name.eq_ignore_ascii_case(b"httponly") {
            cookie.http_only = true;
        } else if name.eq_ignore_ascii_case(b"samesite") {
            cookie.same_site = same_site(value);
            if cookie.same_site.is_none() {
                tell(Warning::UnknownSameSite);
            }
        } else if [&b"partitioned"[..], b"priority"].iter().any(|known| name.eq_ignore_ascii_case(known)) {
            tell(Warning::NonStandardAttribute(ByteString(name.to_vec())));
        } else if !name.is_empty() {
            tell(Warning::UnknownAttribute(ByteString(name.to_vec())));
        }
    }
    let wanted = match max_age {
        // Zero and less is the earliest time there is (§5.6.2).
        Some(age) if age <= 0 => Some(Timestamp::from_millis(0)),
        Some(age) => Some(now.plus(Duration::from_secs(age.unsigned_abs()))),
        None => expires,
    };
    if max_age.is_some() && expires.is_some() {
        tell(Warning::ExpiresIgnored);
    }
    cookie.expires = wanted.map(|wanted| within_longest_life(wanted, now));
    if wanted.is_some_and(|end| end <= now) {
        tell(Warning::ExpiryInThePast);
    }
    if cookie.expires != wanted {
        tell(Warning::LifetimeCapped);
    }
    Ok(cookie)
}

/// The end of a cookie's life, or what is the latest for one that is set now.
pub(super) fn within_longest_life(end: Timestamp, now: Timestamp) -> Timestamp {
    end.min(now.plus(LONGEST_LIFE))
}

/// Whether name and value are more than a jar may hold, or hold what it may not.
pub(super) fn check_content(name: &[u8], value: &[u8]) -> Result<(), Reason> {
    if name.iter().chain(value).any(|&octet| is_disallowed(octet) || octet == b';') || name.contains(&b'=') {
        Err(Reason::DisallowedCharacter)
    } else if name.len() + value.len() > LARGEST_PAIR {
        Err(Reason::NameValuePairExceedsMaxSize)
    } else if name.is_empty() && value.is_empty() {
        Err(Reason::NoCookieContent)
    } else {
        Ok(())
    }
}

/// Control characters but the tab (§5.6 step 1).
pub(super) fn is_disallowed(octet: u8) -> bool {
    matches!(octet, 0x00..=0x08 | 0x0A..=0x1F | 0x7F)
}

fn trim(octets: &[u8]) -> &[u8] {
    let is_space = |octet: &u8| matches!(octet, b' ' | b'\t');
    let start = octets.iter().position(|octet| !is_space(octet)).unwrap_or(octets.len());
    let end = octets.iter().rposition(|octet| !is_space(octet)).map_or(start, |last| last + 1);
    &octets[start..end]
}

/// `-` and digits, or digits; a number too large for us is as good as the largest.
fn seconds(value: &[u8]) -> Option<i64> {
    let (negative, digits) = match value.strip_prefix(b"-") {
        Some(digits) => (true, digits),
        None => (false, value),
    };
    if digits.is_empty() && !negative || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let size =
        digits.iter().fold(0_i64, |n, digit| n.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
    Some(if negative { -size } else { size })
}

pub(super) fn same_site(value: &[u8]) -> Option<SameSite> {
    let known: [(&[u8], SameSite); 3] =
        [(b"strict", SameSite::Strict), (b"lax", SameSite::Lax), (b"none", SameSite::None)];
    known.into_iter().find(|(name, _)| value.eq_ignore_ascii_case(name)).map(|(_, same_site)| same_site)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn read(line: &str) -> SetCookie {
        parse(line.as_bytes(), NOW, |_| {}).unwrap()
    }

    #[test]
    fn a_pair_splits_at_its_first_equals_sign() {
        for (line, name, value) in [
            ("a=b=c", "a", "b=c"),
            (" a\t= b c ;x", "a", "b c"),
            ("foo", "", "foo"),
            ("=foo", "", "foo"),
            ("a=\"b\"", "a", "\"b\""),
        ] {
            let cookie = read(line);
            assert_eq!((cookie.name, cookie.value), (name.into(), value.into()), "{line}");
        }
    }

    #[test]
    fn attributes_are_read_in_any_case_and_the_last_counts() {
        let cookie = read("a=b; PATH=/x; path=/y; Secure=no; HTTPonly; samesite=lAX; DOMAIN=.Example.ORG");
        assert_eq!((cookie.path.as_deref(), cookie.domain), (Some("/y"), Some("example.org".into())));
        assert!(cookie.secure && cookie.http_only && cookie.same_site == Some(SameSite::Lax));
    }

    #[test]
    fn max_age_outweighs_expires_and_neither_exceeds_400_days() {
        let after = |line: &str| read(line).expires.map(|expires| expires.since(NOW).as_secs());
        assert_eq!(after("a=b; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT"), Some(60));
        assert_eq!(after("a=b; Max-Age=99999999999999999999"), Some(LONGEST_LIFE.as_secs()));
        assert_eq!(after("a=b; Expires=Fri, 31 Dec 9999 23:59:59 GMT"), Some(LONGEST_LIFE.as_secs()));
        assert_eq!(after("a=b; Max-Age=-1"), Some(0));
        assert_eq!(after("a=b; Max-Age=1x; Max-Age="), None);
    }

    #[test]
    fn a_large_attribute_is_as_good_as_absent_and_a_large_pair_is_refused() {
        assert_eq!(read(&format!("a=b; Path=/{}", "x".repeat(1024))).path, None);
        assert!(parse(format!("a={}", "x".repeat(4095)).as_bytes(), NOW, |_| {}).is_ok());
        let refused = parse(format!("a={}", "x".repeat(4096)).as_bytes(), NOW, |_| {});
        assert_eq!(refused, Err(("a".into(), Reason::NameValuePairExceedsMaxSize)));
    }
}
