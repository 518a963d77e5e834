//! The list of names whose values are secret.

/// A name that contains one of these is secret. `-` and `_` are the same.
const PARTS: &str = "
    token secret password passwd passwort passphrase csrf xsrf session apikey api-key authorization
    credential private-key assertion signature samlrequest samlresponse
";

/// These are secret as a whole name, or as its last word (`X-Auth`, `user_pin`): `pin` does not match `shipping`.
const LAST_WORDS: &[&str] =
    &["auth", "key", "jwt", "nonce", "otp", "pass", "pin", "pw", "pwd", "sessid", "sid", "sig"];

/// These are secret only as a whole name: `country_code` is not.
const WHOLE: &[&str] = &["code", "phpsessid", "jsessionid", "state", "ticket"];

/// Names of families that begin so.
const PREFIXES: &[&str] = &["x-amz-"];

/// Names that also mean something harmless: their values are shown if they are words (`?key=name&state=open`).
const AMBIGUOUS: &[&str] = &["code", "key", "state"];

/// Longer values of ambiguous names are masked.
const MAX_WORD_LEN: usize = 12;

/// Whether the value of a field or header of this name is secret. The name is percent-decoded already.
pub(super) fn is_secret(name: &str, value: &str) -> bool {
    let name = name.trim().to_ascii_lowercase().replace('_', "-");
    // In `user[pin]` and `form.pin`, each part is a name.
    let whole = || name.split(['[', ']', '.', ':', '$']).map(|part| part.trim_matches('-'));
    let is_last_word = |part: &str| LAST_WORDS.contains(&part.rsplit('-').next().unwrap_or(part));
    let is_named = PARTS.split_whitespace().any(|part| name.contains(part))
        || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || whole().any(|part| WHOLE.contains(&part) || is_last_word(part));
    let is_ambiguous = || AMBIGUOUS.contains(&name.as_str()) || name.ends_with("-key");
    is_named && !matches!(value, "" | "true" | "false") && !(is_ambiguous() && is_word(value))
}

/// Whether a field of this name contains a password, which is never recorded.
pub(super) fn is_password(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["password", "passwd", "passwort", "passphrase"].iter().any(|part| name.contains(part))
        || ["pass", "pin", "pw", "pwd"]
            .contains(&name.rsplit(['-', '_', '.', '[']).next().unwrap_or_default().trim_end_matches(']'))
}

/// A value that a search form or a filter has: `name`, `created_at`, `KR`.
fn is_word(value: &str) -> bool {
    let is_country = value.len() == 2 && value.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_word_char = |byte: u8| byte.is_ascii_lowercase() || b"_-".contains(&byte);
    is_country || (value.len() <= MAX_WORD_LEN && value.bytes().all(is_word_char))
}
