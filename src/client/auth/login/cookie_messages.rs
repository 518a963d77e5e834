//! Messages in cookies: an application writes one for the next page, whose script or template shows it.

use percent_encoding::percent_decode;
use serde_json::Value;

use crate::client::auth::evidence::Evidence;
use crate::client::http::agent::UserAgent;
use crate::clock::Timestamp;
use crate::cookies::value;
use crate::redact::is_sentence;

/// Parts of the names of cookies and members that hold a message.
const NAMES: [&str; 9] =
    ["flash", "message", "msg", "error", "notice", "alert", "toast", "warning", "notification"];

/// The messages in the cookies that the server has set since this number of exchanges.
pub(super) fn in_jar(agent: &UserAgent, since: usize) -> Vec<String> {
    let set = Evidence::of_cookies(agent, since);
    let is_set = |name| {
        set.iter()
            .any(|it| matches!(it, Evidence::CookieIssued(set) | Evidence::CookieRenewed(set) if set == name))
    };
    let (cookies, now) = (agent.jar().cookies(), agent.jar().now());
    let found = cookies.iter().filter(|cookie| is_set(&cookie.name));
    found.flat_map(|cookie| in_cookie(&cookie.name.to_text(), &cookie.value.0, now)).collect()
}

/// The messages in the value of a cookie. Its name, or the name of a member or field in it, says that they are messages.
fn in_cookie(name: &str, value: &[u8], now: Timestamp) -> Vec<String> {
    let (mut found, is_named) = (Vec::new(), names_message(name));
    // Forms write a space as `+`, which is a character of base64.
    let with_spaces = String::from_utf8_lossy(value).replace('+', "%20").into_bytes();
    for value in [value, &with_spaces] {
        let parts = value::decode(name, value, now).parts;
        for content in parts.iter().filter_map(|part| serde_json::from_str(&part.text).ok()) {
            add_texts(&content, is_named, &mut found);
        }
        if !found.is_empty() {
            return found;
        }
    }
    let quoted = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value);
    let fields =
        form_urlencoded::parse(quoted).filter(|(name, text)| names_message(name) && is_sentence(text));
    found.extend(fields.map(|(_, text)| text.into_owned()));
    let plain = percent_decode(&with_spaces).decode_utf8_lossy();
    let plain = plain.trim_matches('"');
    if found.is_empty() && is_named && is_sentence(plain) {
        found.push(plain.to_owned());
    }
    found
}

/// Adds the texts in a JSON value whose names say that they are messages.
fn add_texts(value: &Value, is_named: bool, found: &mut Vec<String>) {
    match value {
        Value::String(text) if is_named && is_sentence(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| add_texts(item, is_named, found)),
        Value::Object(members) => {
            for (name, member) in members {
                add_texts(member, is_named || names_message(name), found);
            }
        }
        _ => {}
    }
}

fn names_message(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    NAMES.iter().any(|it| name.contains(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_found_and_tokens_are_not() {
        let now = Timestamp::from_millis(1_800_000_000_000);
        let django = "W1siX19qc29uX21lc3NhZ2UiLDAsNDAsIldyb25nIHBhc3N3b3JkIl1d:1tXyZa:\
                      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        for (name, value, expected) in [
            ("flash", "%7B%22error%22%3A%22Wrong+password%22%7D", vec!["Wrong password"]),
            ("flash", "%7B%22error%22%3A%22Wrong%20password%22%7D", vec!["Wrong password"]),
            ("PLAY_FLASH", "error=Wrong+password&user=alice", vec!["Wrong password"]),
            ("PLAY_FLASH", "\"error=Wrong+password\"", vec!["Wrong password"]),
            ("messages", django, vec!["Wrong password"]),
            ("loginError", "%EB%B9%84%EB%B0%80%EB%B2%88%ED%98%B8", vec!["비밀번호"]),
            ("msg", "Wrong%20password.%20Try%20again!", vec!["Wrong password. Try again!"]),
            ("session", "eyJfZmxhc2hlcyI6W1sibWVzc2FnZSIsIldyb25nIHBhc3N3b3JkIl1dfQ", vec!["Wrong password"]),
            ("session", "eyJ1c2VyIjoiV3JvbmcgcGFzc3dvcmQifQ", vec![]),
            ("flash", "Zx81ab7Q9-token_1234", vec![]),
            ("flash_token", "AbCdEfGhIjKlMnOpQrStUvWxYzAbCdEfGhIjKl+MnOpQrStUv", vec![]),
            ("error_id", "%7B%22id%22%3A%22550e8400-e29b-41d4-a716-446655440000%22%7D", vec![]),
            ("flash", "csrf%3Dabc%20def%20ghi", vec![]),
            ("theme", "dark blue mode", vec![]),
        ] {
            assert_eq!(in_cookie(name, value.as_bytes(), now), expected, "{name}={value}");
        }
    }
}
