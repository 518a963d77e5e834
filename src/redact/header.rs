//! Finds secrets in headers.

use super::masking::HIDDEN;
use super::{Redactor, names};

/// Attributes of `Set-Cookie` (RFC 6265bis §5.6, CHIPS, and Chrome's `Priority`). Any other `name=value` after them is
/// another cookie: a proxy has folded several lines into one.
const ATTRIBUTES: &[&str] = &["domain", "expires", "max-age", "partitioned", "path", "priority", "samesite"];

/// Headers whose values look like tokens and are public.
const PUBLIC: &[&str] = &["etag", "if-match", "if-none-match"];

impl Redactor {
    pub(super) fn redact_header(&self, name: &str, value: &str) -> String {
        let name = name.to_ascii_lowercase();
        let mask = |value: &str| self.masking.value(value).into_owned();
        match name.as_str() {
            "authorization" | "proxy-authorization" if self.masking.reveals() => HIDDEN.to_owned(),
            "cookie" => map_cookie(value, mask),
            "set-cookie" => map_set_cookie(value, mask, |attribute| self.redact_reference(attribute)),
            "referer" | "location" | "content-location" => self.redact_reference(value),
            _ if self.masking.reveals() => value.to_owned(),
            _ if names::is_secret(&name, value) => self.masking.named(value).into_owned(),
            _ if PUBLIC.contains(&name.as_str()) => value.to_owned(),
            _ if super::entropy::looks_random(value) => mask(value),
            _ => self.redact_text(value),
        }
    }
}

/// Calls `see` with the value of each cookie in a `Cookie` or `Set-Cookie` header.
pub(super) fn for_each_cookie_value(name: &str, line: &str, mut see: impl FnMut(&str)) {
    let see = |value: &str| {
        see(value.trim().trim_matches('"'));
        String::new()
    };
    match name.to_ascii_lowercase().as_str() {
        "cookie" => drop(map_cookie(line, see)),
        "set-cookie" => drop(map_set_cookie(line, see, str::to_owned)),
        _ => {}
    }
}

fn map_cookie(line: &str, mut mask: impl FnMut(&str) -> String) -> String {
    line.split(';').map(|part| pair(part, &mut mask)).collect::<Vec<String>>().join(";")
}

/// `name=value`, perhaps with a comma behind it. Without `=`, all of it is the value (RFC 6265bis §5.6 step 3).
fn pair(part: &str, mask: &mut impl FnMut(&str) -> String) -> String {
    if let Some(part) = part.strip_suffix(',') {
        return pair(part, mask) + ",";
    }
    let start = part.find('=').map_or(part.len() - part.trim_start().len(), |at| at + 1);
    let (name, value) = part.split_at(start);
    let value = value.trim();
    if value.is_empty() { part.to_owned() } else { format!("{name}{}", mask(value)) }
}

fn map_set_cookie(
    line: &str,
    mut mask: impl FnMut(&str) -> String,
    redact_attribute: impl Fn(&str) -> String,
) -> String {
    let (first, rest) = line.split_at(line.find(';').unwrap_or(line.len()));
    // A comma begins another cookie, if it is not in a date or in a value.
    let mut shown = first.split_inclusive(',').map(|part| pair(part, &mut mask)).collect::<String>();
    let mut is_value = false;
    let mut delimiter = ';';
    for piece in rest.split_inclusive([';', ',']) {
        let part = piece.trim_end_matches([';', ',']);
        let name = part.split_once('=').map(|(name, _)| name.trim().to_ascii_lowercase());
        let is_attribute = name.as_ref().is_some_and(|name| ATTRIBUTES.contains(&name.as_str()));
        let is_continued = is_value && delimiter == ',' && name.is_none();
        if !is_continued {
            is_value = name.is_some() && !is_attribute;
            shown.push_str(&if is_value { pair(part, &mut mask) } else { redact_attribute(part) });
        }
        delimiter = piece[part.len()..].chars().next().unwrap_or(';');
        shown.push_str(&piece[part.len()..]);
    }
    shown
}

#[cfg(test)]
mod tests {
    use crate::redact::{Masking, Redactor};

    fn shown(name: &str, value: &str) -> String {
        let shown = Redactor::new(Masking::Short).header(name, value).into_owned();
        assert_eq!(Redactor::new(Masking::Short).header(name, &shown), shown, "it is masked already");
        shown
    }

    #[test]
    fn cookie_values_are_shortened_and_attributes_are_not() {
        let token = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
        for (name, line, expected) in [
            (
                "cookie",
                format!("a=12345678; sessionid={token}; b=; bare"),
                "a=12…; sessionid=abcdefgh…; b=; b…",
            ),
            ("cookie", format!("a={token}; lone-{token}"), "a=abcdefgh…; lone-abc…"),
            (
                "set-cookie",
                format!("sessionid={token}; HttpOnly; Path=/; Expires=Wed, 21 Oct 2015 07:28:00 GMT"),
                "sessionid=abcdefgh…; HttpOnly; Path=/; Expires=Wed, 21 Oct 2015 07:28:00 GMT",
            ),
            ("set-cookie", "sessionid=; Max-Age=0".to_owned(), "sessionid=; Max-Age=0"),
            (
                "set-cookie",
                "lang=en; Path=/, sessionid=0123456789abcdef0123456789abcdef; Path=/; HttpOnly".to_owned(),
                "lang=…; Path=/, sessionid=01234567…; Path=/; HttpOnly",
            ),
            (
                "set-cookie",
                format!("a=1, b={token}; Path=/, c={token},{token}; Secure"),
                "a=…, b=abcdefgh…; Path=/, c=abcdefgh…,; Secure",
            ),
            ("set-cookie", format!("a=1; Path=/{token}"), "a=…; Path=/abcdefgh…"),
        ] {
            assert_eq!(shown(name, &line), expected, "{line}");
        }
    }

    #[test]
    fn secret_headers_are_masked() {
        for (name, value) in [
            ("authorization", "Basic YWxpY2U6c2VjcmV0"),
            ("Proxy-Authorization", "Bearer abcdefghijklmnop"),
            ("x-csrf-token", "abcdefghijklmnop"),
            ("x-api-key", "abcdefghijklmnop"),
            ("x-auth", "XAUTHSECRET1"),
            ("x-authorization", "abcdefghijklmnop"),
            ("ocp-apim-subscription-key", "abcdefghijklmnop"),
            ("x-amz-signature", "abcdefghijklmnop"),
        ] {
            assert_eq!(shown(name, value), "…", "{name}");
        }
        for (name, value, expected) in [
            ("referer", "http://a/?access_token=1#x", "http://a/?access_token=…#x"),
            ("location", "/login?user=a&Password=hunter2&x", "/login?user=a&Password=…&x"),
            ("link", "</x?pin=1234>; rel=\"next\"", "</x?pin=…>; rel=\"next\""),
            ("refresh", "0;url=http://u:hunter2@h/?pin=1234", "0;url=http://…@h/?pin=…"),
            ("x-own", "S3cretValue0123456789abcdef", "S3cret…"),
            ("www-authenticate", "Digest realm=\"x\", nonce=\"abc123\"", "Digest realm=\"x\", nonce=\"…\""),
        ] {
            assert_eq!(shown(name, value), expected, "{name}");
        }
        let revealed = Redactor::new(Masking::Revealed);
        assert_eq!(revealed.header("Authorization", "Bearer abc"), "[hidden]");
        assert_eq!(revealed.header("X-Api-Key", "abc"), "abc");
    }
}
