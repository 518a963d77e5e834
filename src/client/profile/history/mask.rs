//! What stands in a history in place of secrets: a beginning and a hash, by which two can be told apart, or
//! recognised as the same, and nothing opened.

use std::hash::Hasher;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use siphasher::sip128::{Hasher128, SipHasher24};
use url::Url;

use super::stored::{StoredHeaders, StoredRecord};
use crate::cookies::ByteString;

/// Shorter cookie values are hidden in `Cookie` and `Set-Cookie` alone: elsewhere they would be found everywhere.
const SHORTEST: usize = 8;

/// Between the beginning and the hash.
const JOINT: char = '~';

/// How many digits of the hash are shown: enough to tell the values of a history apart.
const DIGITS: usize = 12;

/// Parts of the names of header fields and query fields whose values open something.
const SECRET_NAMES: [&str; 10] =
    ["token", "secret", "password", "passwd", "csrf", "xsrf", "session", "api-key", "api_key", "apikey"];

/// Whole names of such fields: parts of others mean something else.
const WHOLE_SECRET_NAMES: [&str; 9] =
    ["auth", "code", "pass", "pwd", "jwt", "sig", "signature", "assertion", "otp"];

/// The part of a secret that may be shown: its first 8 characters, and at most a quarter of it. Of one that is hidden
/// already it is what stands before its hash.
#[must_use]
pub fn prefix(secret: &str) -> &str {
    if let Some((beginning, _)) = secret.rsplit_once(JOINT).filter(|_| is_masked(secret)) {
        return beginning;
    }
    let shown = (secret.chars().count() / 4).min(8);
    let end = secret.char_indices().nth(shown).map_or(secret.len(), |(end, _)| end);
    &secret[..end]
}

/// Hides secrets, the same ones in the same way as long as the key is the same.
#[derive(Debug)]
pub(super) struct Mask {
    /// A keyed hash of 128 bits: without the key nobody can try values against it.
    hasher: SipHasher24,
}

impl Mask {
    pub(super) fn new(key: [u8; 16]) -> Self {
        Mask { hasher: SipHasher24::new_with_key(&key) }
    }

    /// `abcdefgh~0123456789ab`. What is of this form already stays.
    fn value(&self, value: &[u8]) -> String {
        let text = String::from_utf8_lossy(value);
        if value.is_empty() || is_masked(&text) {
            return text.into_owned();
        }
        let mut hasher = self.hasher;
        hasher.write(value);
        let hash = hasher.finish128().as_u128();
        format!("{}{JOINT}{:012x}", prefix(&text), hash >> (128 - 4 * DIGITS))
    }

    /// Hides cookie values wherever they stand, and what else is called a secret.
    pub(super) fn hide(&self, record: &mut StoredRecord) {
        let mut known = Known::default();
        for exchange in &mut record.exchanges {
            let response = exchange.response.iter_mut().flat_map(|response| &mut response.headers);
            for (name, value) in exchange.request.iter_mut().chain(response) {
                match name.as_str() {
                    "cookie" => *value = self.cookies(&value.0, &mut known),
                    "set-cookie" => {
                        let end = value.0.iter().position(|octet| *octet == b';').unwrap_or(value.0.len());
                        let (pair, rest) = value.0.split_at(end);
                        *value =
                            ByteString([self.pair(pair, &mut known).into_bytes(), rest.to_vec()].concat());
                    }
                    _ => {}
                }
            }
        }
        known.0.sort_by_key(|(plain, _)| std::cmp::Reverse(plain.len()));
        for exchange in &mut record.exchanges {
            // What is no URL any more is shown by its origin alone.
            let shown = self.text(exchange.url.as_str(), &known);
            exchange.url = Url::parse(&shown).unwrap_or_else(|_| {
                let mut origin = exchange.url.clone();
                origin.set_path("");
                origin.set_query(None);
                origin
            });
            self.headers(&mut exchange.request, &known);
            if let Some(response) = &mut exchange.response {
                self.headers(&mut response.headers, &known);
            }
        }
        record.reason = self.text(&record.reason, &known);
        for line in &mut record.evidence {
            *line = self.text(line, &known);
        }
    }

    fn headers(&self, headers: &mut StoredHeaders, known: &Known) {
        for (name, value) in headers.iter_mut().filter(|(name, _)| name != "cookie" && name != "set-cookie") {
            let text = String::from_utf8_lossy(&value.0);
            let shown = if is_secret_name(name) { self.value(&value.0) } else { self.text(&text, known) };
            if shown != text {
                *value = ByteString(shown.into_bytes());
            }
        }
    }

    fn cookies(&self, header: &[u8], known: &mut Known) -> ByteString {
        let pairs = header.split(|octet| *octet == b';');
        let pairs: Vec<String> = pairs.map(|pair| self.pair(pair.trim_ascii(), known)).collect();
        ByteString(pairs.join("; ").into_bytes())
    }

    fn pair(&self, pair: &[u8], known: &mut Known) -> String {
        let (name, value) = match pair.iter().position(|octet| *octet == b'=') {
            Some(joint) => (&pair[..=joint], &pair[joint + 1..]),
            None => (&pair[..0], pair),
        };
        let masked = self.value(value);
        known.add(value, &masked);
        String::from_utf8_lossy(name).into_owned() + &masked
    }

    /// A text without known values, and without those of query fields that are called secrets.
    fn text(&self, text: &str, known: &Known) -> String {
        let text = known.0.iter().fold(text.to_owned(), |text, (plain, masked)| text.replace(plain, masked));
        if !text.contains(['?', '#']) {
            return text;
        }
        // Fields stand in queries, and in fragments that scripts read.
        let field = |field: &str| match field.split_once('=') {
            Some((name, value)) if is_secret_name(name.rsplit(['?', '#']).next().unwrap_or(name)) => {
                let (value, fragment) =
                    value.split_once('#').map_or((value, None), |(it, rest)| (it, Some(rest)));
                let fragment = fragment.map(|rest| self.text(&format!("#{rest}"), known)).unwrap_or_default();
                format!("{name}={}{fragment}", self.value(value.as_bytes()))
            }
            _ => field.to_owned(),
        };
        let word = |word: &str| match word.contains(['?', '#']) {
            true => word.split('&').map(field).collect::<Vec<String>>().join("&"),
            false => word.to_owned(),
        };
        text.split(' ').map(word).collect::<Vec<String>>().join(" ")
    }
}

/// Cookie values in the spellings in which applications repeat them, and what stands in their place.
#[derive(Debug, Default)]
struct Known(Vec<(String, String)>);

impl Known {
    fn add(&mut self, value: &[u8], masked: &str) {
        let Ok(plain) = std::str::from_utf8(value) else { return };
        if plain.len() < SHORTEST || is_masked(plain) || self.0.iter().any(|(known, _)| known == plain) {
            return;
        }
        let decoded = percent_decode_str(plain).decode_utf8_lossy().into_owned();
        let encoded = utf8_percent_encode(plain, NON_ALPHANUMERIC).to_string();
        for spelling in [plain.to_owned(), decoded, encoded] {
            if !self.0.iter().any(|(known, _)| *known == spelling) {
                self.0.push((spelling, masked.to_owned()));
            }
        }
    }
}

fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_NAMES.iter().any(|part| name.contains(part))
        || WHOLE_SECRET_NAMES.contains(&name.as_str())
        || name.ends_with("-auth")
}

fn is_masked(text: &str) -> bool {
    text.rsplit_once(JOINT).is_some_and(|(prefix, hash)| {
        prefix.chars().count() <= 8
            && hash.len() == DIGITS
            && hash.bytes().all(|octet| octet.is_ascii_digit() || (b'a'..=b'f').contains(&octet))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_at_most_a_quarter_of_itself() {
        for (secret, shown) in
            [("x".repeat(43).as_str(), "xxxxxxxx"), ("abcdefgh", "ab"), ("abc", ""), ("", ""), ("äöüß", "ä")]
        {
            assert_eq!(prefix(secret), shown, "{secret}");
        }
    }

    #[test]
    fn equal_secrets_look_equal_under_one_key_alone() {
        let (one, other) = (Mask::new([1; 16]), Mask::new([2; 16]));
        let masked = one.value(b"0123456789abcdef0123456789abcdef");
        assert!(masked.starts_with("01234567~") && masked.len() == 9 + DIGITS, "{masked}");
        assert_eq!(one.value(masked.as_bytes()), masked, "it is hidden already");
        assert_ne!(other.value(b"0123456789abcdef0123456789abcdef"), masked);
        assert_ne!(one.value(b"0123456789abcdef0123456789abcdee"), masked);
    }

    #[test]
    fn secrets_are_hidden_in_addresses_and_texts() {
        let (mask, mut known) = (Mask::new([1; 16]), Known::default());
        let masked = mask.pair(b"sid=s%3Asecret-value", &mut known);
        assert!(!masked.contains("secret"), "{masked}");
        for text in [
            "http://a.test/x;sid=s%3Asecret-value?y",
            "at http://a.test/?q=s:secret-value now",
            "/x?access_token=secret&y=1",
            "/x?y=1&reset_token=secret",
            "/x#access_token=secret&state=1",
            "/callback?code=secret#token=secret",
            "/x?pwd=secret",
        ] {
            let shown = mask.text(text, &known);
            assert!(!shown.contains("secret"), "{shown}");
        }
        assert_eq!(mask.text("/x?y=secret", &known), "/x?y=secret");
    }
}
