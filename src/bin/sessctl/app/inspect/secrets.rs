//! What of a request and a response may be shown: a page that is projected shows them to a room.

use std::borrow::Cow;

use http::header::{AUTHORIZATION, COOKIE, LOCATION, PROXY_AUTHORIZATION, REFERER, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue};

use sessctl::client::history::prefix;

/// Parts of the names of fields, in headers and queries, whose values open something.
const SECRET_NAMES: [&str; 8] =
    ["token", "secret", "password", "passwd", "csrf", "xsrf", "api-key", "api_key"];

/// How long a value may be; what is longer is cut.
const LONGEST: usize = 1000;

/// What stands for something that is not shown at all.
const HIDDEN: &str = "…";

/// All header fields, in their order, as they may be shown.
pub(super) fn fields(headers: &HeaderMap) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), cut(field(name, value)))).collect()
}

fn field(name: &HeaderName, value: &HeaderValue) -> String {
    let text = String::from_utf8_lossy(value.as_bytes());
    if *name == COOKIE {
        return text.split(';').map(pair).collect::<Vec<_>>().join(";");
    }
    if *name == SET_COOKIE {
        let (first, rest) = text.split_at(text.find(';').unwrap_or(text.len()));
        return pair(first) + rest;
    }
    if *name == REFERER || *name == LOCATION {
        return target(&text).into_owned();
    }
    if *name == AUTHORIZATION || *name == PROXY_AUTHORIZATION || is_secret(name.as_str()) {
        return HIDDEN.to_owned();
    }
    text.into_owned()
}

/// `name=value` of a cookie; without `=` all of it is its value (RFC 6265bis §5.6 step 3).
fn pair(text: &str) -> String {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (format!("{name}="), value),
        None => {
            let value = text.trim_start();
            (text[..text.len() - value.len()].to_owned(), value)
        }
    };
    if value.is_empty() { name } else { format!("{name}{}{HIDDEN}", prefix(value)) }
}

/// A path or URL. Forms that are sent by GET write what was typed into the query.
pub(super) fn target(text: &str) -> Cow<'_, str> {
    let Some((path, query)) = text.split_once('?') else { return Cow::Borrowed(text) };
    let shown = |field: &str| match field.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}={HIDDEN}"),
        _ => field.to_owned(),
    };
    let query: Vec<String> = query.split('&').map(shown).collect();
    Cow::Owned(format!("{path}?{}", query.join("&")))
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_NAMES.iter().any(|secret| name.contains(secret))
}

/// The beginning of a long text.
pub(super) fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push_str(HIDDEN);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &'static str, value: &str) -> String {
        field(&HeaderName::from_static(name), &HeaderValue::from_str(value).unwrap())
    }

    #[test]
    fn cookies_are_shortened_and_their_attributes_are_not() {
        let token = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
        assert_eq!(
            shown("cookie", &format!("a=12345678; sessionid={token}; b=; bare")),
            "a=12…; sessionid=abcdefgh…; b=; b…"
        );
        assert_eq!(
            shown("set-cookie", &format!("sessionid={token}; HttpOnly; Path=/")),
            "sessionid=abcdefgh…; HttpOnly; Path=/"
        );
        assert_eq!(shown("set-cookie", "sessionid=; Max-Age=0"), "sessionid=; Max-Age=0");
    }

    #[test]
    fn what_opens_something_is_hidden_whole() {
        for (name, value) in [
            ("authorization", "Basic YWxpY2U6c2VjcmV0"),
            ("proxy-authorization", "Bearer abcdefghijklmnop"),
            ("x-csrf-token", "abcdefghijklmnop"),
            ("x-api-key", "abcdefghijklmnop"),
        ] {
            assert_eq!(shown(name, value), "…", "{name}");
        }
        assert_eq!(shown("www-authenticate", "Basic realm=x"), "Basic realm=x");
        assert_eq!(target("/login?user=a&Password=hunter2&x"), "/login?user=a&Password=…&x");
        assert_eq!(shown("referer", "http://a/?access_token=1#x"), "http://a/?access_token=…");
    }

    #[test]
    fn long_values_are_cut() {
        assert_eq!(cut("é".repeat(1001)).chars().count(), 1001);
        assert_eq!(cut("é".repeat(1000)), "é".repeat(1000));
    }
}
