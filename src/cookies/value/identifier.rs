//! Values without content: session ids, UUIDs, numbers, random strings.

use uuid::Uuid;

use super::decoded::Decoded;
use crate::clock::Timestamp;

/// The year 2100. A later number is not a time.
pub(super) const MAX_SECONDS: u64 = 4_102_444_800;

const ON_SERVER: &str = "the data is on the server";

/// Session ids of frameworks, recognized by the cookie's name.
pub(super) fn by_name(name: &str, text: &str) -> Option<Decoded> {
    let all = |allowed: fn(char) -> bool| !text.is_empty() && text.chars().all(allowed);
    let kind = match name {
        "PHPSESSID" if text.len() >= 22 && all(|c| c.is_ascii_alphanumeric() || c == '-' || c == ',') => {
            "PHP session id"
        }
        "JSESSIONID" => {
            let (id, node) = text.split_once('.').unwrap_or((text, ""));
            if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric() || "-_!+*".contains(c)) {
                return None;
            }
            let node = (!node.is_empty()).then(|| format!("{node}, one of several behind a load balancer"));
            return Some(id_of("Java session id", id).with_some("server", node));
        }
        "ASP.NET_SessionId" if text.len() == 24 => "ASP.NET session id",
        "laravel_session" if text.len() == 40 => "Laravel session id",
        "sessionid" if text.len() == 32 && all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()) => {
            "Django session id"
        }
        "csrftoken" if matches!(text.len(), 32 | 64) && all(|c| c.is_ascii_alphanumeric()) => {
            let decoded = Decoded::new("Django CSRF token").with("size", size_of(text));
            return Some(decoded.with("content", "compared with the field of a form; not a session id"));
        }
        _ => return None,
    };
    Some(id_of(kind, text))
}

fn id_of(kind: &'static str, text: &str) -> Decoded {
    Decoded::new(kind).with("size", size_of(text)).with("content", ON_SERVER)
}

/// Values that are recognized by their form alone.
pub(super) fn by_shape(text: &str) -> Option<Decoded> {
    if let Some(uuid) = (text.len() == 36).then(|| Uuid::parse_str(text).ok()).flatten() {
        let version = uuid.get_version_num();
        let made = uuid.get_timestamp().map(|time| time.to_unix().0).filter(|seconds| *seconds < MAX_SECONDS);
        let made = made.and_then(|seconds| i64::try_from(seconds).ok());
        let made = made.map(|seconds| Timestamp::from_millis(seconds * 1000).to_string());
        return Some(Decoded::new("UUID").with("version", version.to_string()).with_some("made", made));
    }
    if text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds: i64 = text.parse().ok()?;
        return Some(
            Decoded::new("number").with("as a time", Timestamp::from_millis(seconds * 1000).to_string()),
        );
    }
    let is_word = |c: char| c.is_ascii_alphabetic() || " -_.,".contains(c);
    // Long random strings contain digits or capital letters; words do not.
    let is_plain =
        text.len() <= 64 && text.chars().all(is_word) && text.split(SEPARATORS).all(looks_like_a_word);
    let is_number = text.len() <= 15 && text.parse::<f64>().is_ok();
    if text.is_empty() || is_plain || is_number {
        return Some(Decoded::new(if text.is_empty() { "empty" } else { "plain text" }));
    }
    None
}

const SEPARATORS: [char; 5] = [' ', '-', '_', '.', ','];

/// Short, or without a capital letter after the first.
fn looks_like_a_word(word: &str) -> bool {
    word.len() <= 8 || word.len() <= 16 && !word.chars().skip(1).any(|c| c.is_ascii_uppercase())
}

/// A value that only the server understands.
pub(super) fn opaque(text: &str) -> Decoded {
    Decoded::new("opaque").with("size", size_of(text))
}

/// The length, and the number of bits that can be random.
fn size_of(text: &str) -> String {
    let count = text.chars().count();
    let all = |allowed: fn(char) -> bool| text.chars().all(allowed);
    let (alphabet, bits) = if all(|c| c.is_ascii_digit()) {
        ("decimal digits", 3.32)
    } else if all(|c| c.is_ascii_hexdigit())
        && (all(|c| !c.is_ascii_uppercase()) || all(|c| !c.is_ascii_lowercase()))
    {
        ("hexadecimal digits", 4.0)
    } else if all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()) {
        ("lower-case letters and digits", 5.17)
    } else if all(|c| c.is_ascii_alphanumeric() || "-_+/=".contains(c)) {
        ("base64 characters", 6.0)
    } else {
        return format!("{count} characters");
    };
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cookie is small"
    )]
    let bits = (count as f64 * bits) as usize;
    format!("{count} {alphabet}: at most {bits} random bits")
}
