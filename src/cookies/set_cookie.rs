//! [`SetCookie`]: parses a `Set-Cookie` line, byte by byte (RFC 6265bis §5.6).

use std::time::Duration;

use super::byte_string::{ByteString, is_disallowed};
use super::date;
use super::reason::Reason;
use super::same_site::SameSite;
use super::warning::{Warning, WarningKind};
use crate::clock::Timestamp;

/// Name and value together, in bytes (§5.6 step 5).
const MAX_PAIR_LEN: usize = 4096;

/// An attribute with a longer value is ignored (§5.6 step 6).
const MAX_ATTRIBUTE_LEN: usize = 1024;

/// §5.5.
const MAX_LIFETIME: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// A parsed `Set-Cookie` line. [`policy`](super::policy) decides whether it may be stored.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct SetCookie {
    pub(super) name: ByteString,
    pub(super) value: ByteString,
    /// `Domain` in lower case without a leading dot; `None` if it is missing or empty. A single dot is no host's domain.
    pub(super) domain: Option<ByteString>,
    /// `Path`; `None` if it is missing or does not begin with `/`.
    pub(super) path: Option<String>,
    /// Whether the line has a `Path`, valid or not: the prefix `__Host-` requires one (§5.4).
    pub(super) has_path_attribute: bool,
    /// From `Max-Age` or `Expires`; `None` for a session cookie.
    pub(super) expires: Option<Timestamp>,
    pub(super) secure: bool,
    pub(super) http_only: bool,
    pub(super) same_site: Option<SameSite>,
    /// Whether the line has `Partitioned` (CHIPS), for which browsers require `Secure`.
    pub(super) partitioned: bool,
    max_age: Option<i64>,
}

/// Applies the value of an attribute. The last occurrence of an attribute wins (§5.7), also if its value is invalid: RFC
/// 6265bis would keep the one before, browsers do not.
type Apply = fn(&mut SetCookie, &[u8], &mut Vec<Warning>);

const ATTRIBUTES: [(&str, Apply); 7] = [
    ("expires", SetCookie::apply_expires),
    ("max-age", SetCookie::apply_max_age),
    ("domain", SetCookie::apply_domain),
    ("path", SetCookie::apply_path),
    ("secure", |cookie, _, _| cookie.secure = true),
    ("httponly", |cookie, _, _| cookie.http_only = true),
    ("samesite", SetCookie::apply_same_site),
];

/// Attributes of browsers that RFC 6265bis does not define.
const NON_STANDARD_ATTRIBUTES: [&str; 2] = [PARTITIONED, "priority"];
const PARTITIONED: &str = "partitioned";

/// Whether a `Set-Cookie` line asks for a lifetime of more than 400 days.
#[cfg(feature = "client")]
pub(crate) fn asks_for_too_long_a_lifetime(line: &[u8], now: Timestamp) -> bool {
    let mut warnings = Vec::new();
    parse(line, now, &mut warnings).is_ok()
        && warnings.iter().any(|it| it.kind == WarningKind::LifetimeCapped)
}

/// Parses a line, and adds warnings about what is ignored or easily misread. A rejected line still has a name.
pub(super) fn parse(
    line: &[u8],
    now: Timestamp,
    warnings: &mut Vec<Warning>,
) -> Result<SetCookie, (ByteString, Reason)> {
    let mut parts = line.split(|&byte| byte == b';');
    let pair = parts.next().unwrap_or_default();
    let (name, value) = split_pair(pair).unwrap_or_else(|| {
        warnings.push(WarningKind::NoEqualsSign.into());
        (&[], trim(pair))
    });
    if value.len() > 1 && value.starts_with(b"\"") && value.ends_with(b"\"") {
        warnings.push(WarningKind::QuotedValue.into());
    }
    let (name, value) = (ByteString(name.to_vec()), ByteString(value.to_vec()));
    if line.iter().any(|&byte| is_disallowed(byte)) {
        return Err((name, Reason::DisallowedCharacter));
    }
    if name.0.len() + value.0.len() > MAX_PAIR_LEN {
        return Err((name, Reason::NameValuePairExceedsMaxSize));
    }
    let mut cookie = SetCookie { name, value, ..SetCookie::default() };
    for part in parts {
        let (name, value) = split_pair(part).unwrap_or_else(|| (trim(part), &[]));
        cookie.apply(name, value, warnings);
    }
    cookie.decide_expiry(now, warnings);
    Ok(cookie)
}

impl SetCookie {
    fn apply(&mut self, name: &[u8], value: &[u8], warnings: &mut Vec<Warning>) {
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        let about = |kind| Warning::about(kind, String::from_utf8_lossy(name));
        if value.len() > MAX_ATTRIBUTE_LEN {
            warnings.push(about(WarningKind::AttributeTooLong));
        } else if let Some((_, apply)) = ATTRIBUTES.iter().find(|(known, _)| is(known)) {
            apply(self, value, warnings);
        } else if NON_STANDARD_ATTRIBUTES.into_iter().any(is) {
            self.partitioned |= is(PARTITIONED);
            warnings.push(about(WarningKind::NonStandardAttribute));
        } else if !name.is_empty() {
            warnings.push(about(WarningKind::UnknownAttribute));
        }
    }

    /// §5.6.1
    fn apply_expires(&mut self, value: &[u8], warnings: &mut Vec<Warning>) {
        let date = date::parse(value);
        if date.is_none() {
            warnings.push(WarningKind::InvalidExpires.into());
            Self::warn_if_given(self.expires.is_some(), "Expires", warnings);
        }
        self.expires = date;
    }

    /// §5.6.2
    fn apply_max_age(&mut self, value: &[u8], warnings: &mut Vec<Warning>) {
        let age = seconds(value);
        if age.is_none() {
            warnings.push(WarningKind::InvalidMaxAge.into());
            Self::warn_if_given(self.max_age.is_some(), "Max-Age", warnings);
        }
        self.max_age = age;
    }

    fn warn_if_given(given: bool, attribute: &str, warnings: &mut Vec<Warning>) {
        warnings.extend(given.then(|| Warning::about(WarningKind::InvalidRepetition, attribute)));
    }

    /// §5.6.3
    fn apply_domain(&mut self, value: &[u8], warnings: &mut Vec<Warning>) {
        if value.is_empty() {
            warnings.push(WarningKind::EmptyDomain.into());
        } else if value.starts_with(b".") {
            warnings.push(WarningKind::LeadingDot.into());
        }
        if value.iter().any(|byte| b":/\"".contains(byte)) && !value.starts_with(b"[") {
            warnings.push(WarningKind::InvalidDomain.into());
        }
        let domain = value.strip_prefix(b".").unwrap_or(value).to_ascii_lowercase();
        self.domain = (!value.is_empty()).then_some(ByteString(domain));
    }

    /// §5.6.4
    fn apply_path(&mut self, value: &[u8], warnings: &mut Vec<Warning>) {
        self.has_path_attribute = true;
        self.path = value.starts_with(b"/").then(|| String::from_utf8_lossy(value).into_owned());
        // A comma joins header lines in HTTP, but not those of Set-Cookie (RFC 9110 §5.3).
        if value.split(|&byte| byte == b',').skip(1).any(|rest| rest.contains(&b'=')) {
            warnings.push(WarningKind::LooksLikeTwoCookies.into());
        }
        if self.path.is_none() {
            warnings.push(WarningKind::InvalidPath.into());
        }
    }

    /// §5.6.7
    fn apply_same_site(&mut self, value: &[u8], warnings: &mut Vec<Warning>) {
        self.same_site = SameSite::parse(value);
        if self.same_site.is_none() {
            warnings.push(WarningKind::UnknownSameSite.into());
        }
    }

    /// `Max-Age` takes precedence over `Expires` (§5.7 step 6), and both are capped (§5.5).
    fn decide_expiry(&mut self, now: Timestamp, warnings: &mut Vec<Warning>) {
        let given = match self.max_age {
            // The earliest time (§5.6.2).
            Some(age) if age <= 0 => Some(Timestamp::from_millis(0)),
            Some(age) => Some(now.plus(Duration::from_secs(age.unsigned_abs()))),
            None => self.expires,
        };
        if self.max_age.is_some() && self.expires.is_some() {
            warnings.push(WarningKind::ExpiresIgnored.into());
        }
        self.expires = given.map(|expires| cap_expiry(expires, now));
        if given.is_some_and(|expires| expires <= now) {
            warnings.push(WarningKind::ExpiryInThePast.into());
        }
        if self.expires != given {
            warnings.push(WarningKind::LifetimeCapped.into());
        }
    }
}

/// The expiry of a cookie that is set now: after the longest lifetime, if it is later than that.
pub(super) fn cap_expiry(expires: Timestamp, now: Timestamp) -> Timestamp {
    expires.min(now.plus(MAX_LIFETIME))
}

/// The rules for a line, applied to a name and a value from another source.
pub(super) fn check_content(name: &[u8], value: &[u8]) -> Result<(), Reason> {
    if name.iter().chain(value).any(|&byte| is_disallowed(byte) || byte == b';') || name.contains(&b'=') {
        Err(Reason::DisallowedCharacter)
    } else if name.len() + value.len() > MAX_PAIR_LEN {
        Err(Reason::NameValuePairExceedsMaxSize)
    } else if name.is_empty() && value.is_empty() {
        Err(Reason::NoCookieContent)
    } else {
        Ok(())
    }
}

/// What is before and after the first `=`.
fn split_pair(pair: &[u8]) -> Option<(&[u8], &[u8])> {
    let equals = pair.iter().position(|&byte| byte == b'=')?;
    Some((trim(&pair[..equals]), trim(&pair[equals + 1..])))
}

/// Removes spaces and tabs at both ends (§5.6 step 4).
fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

/// Digits, or `-` and digits (§5.6.2). A number out of range becomes the nearest one in range.
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
