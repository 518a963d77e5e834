//! What is shown in place of a secret.

use std::borrow::Cow;
use std::hash::Hasher;

use percent_encoding::percent_decode_str;
use siphasher::sip128::{Hasher128, SipHasher24};

/// Replaces values that are recorded nowhere: passwords and `Authorization`.
pub(crate) const HIDDEN: &str = "[hidden]";

/// Marks the end of a shortened value.
const ELLIPSIS: char = '…';

/// Separates the prefix of a value from its hash.
const SEPARATOR: char = '~';

/// At most this many characters of a secret are shown, and at most a quarter of it.
const MAX_PREFIX_LEN: usize = 8;

/// Hexadecimal digits of a hash: enough to tell the values of one history apart.
const HASH_LEN: usize = 12;

/// How secrets are shown. Passwords and `Authorization` are never shown.
#[derive(Clone, Copy)]
pub enum Masking {
    /// For people: `abcdefgh…` for cookies and tokens, `…` for what a name declares secret.
    Short,
    /// For files: `abcdefgh~0123456789ab`, a prefix and a hash under this key. Equal values stay recognizable, and nobody
    /// without the key can test guesses.
    Hashed([u8; 16]),
    /// In full.
    Revealed,
}

impl std::fmt::Debug for Masking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Masking::Short => "Short",
            Masking::Hashed(_) => "Hashed(…)",
            Masking::Revealed => "Revealed",
        })
    }
}

impl Masking {
    /// [`Masking::Revealed`] or [`Masking::Short`].
    #[must_use]
    pub fn for_people(reveal: bool) -> Self {
        if reveal { Masking::Revealed } else { Masking::Short }
    }

    pub(super) fn reveals(self) -> bool {
        matches!(self, Masking::Revealed)
    }

    /// Masks a value that is secret, such as the value of a cookie. An empty value is not secret.
    #[must_use]
    pub fn value(self, secret: &str) -> Cow<'_, str> {
        if secret.is_empty() || self.reveals() {
            return Cow::Borrowed(secret);
        }
        match self {
            Masking::Hashed(_) if is_masked(secret) => Cow::Borrowed(secret),
            Masking::Hashed(key) => {
                let mut hasher = SipHasher24::new_with_key(&key);
                hasher.write(secret.as_bytes());
                let hash = hasher.finish128().as_u128() >> (128 - 4 * HASH_LEN);
                Cow::Owned(format!("{}{SEPARATOR}{hash:0HASH_LEN$x}", prefix(secret)))
            }
            _ if secret == HIDDEN || secret.ends_with(ELLIPSIS) && is_masked(secret) => Cow::Borrowed(secret),
            _ => Cow::Owned(format!("{}{ELLIPSIS}", prefix(secret))),
        }
    }

    /// Masks a value that its name declares secret, perhaps a password: people see nothing of it.
    pub(super) fn named(self, secret: &str) -> Cow<'_, str> {
        match self {
            Masking::Short if !is_masked(secret) => Cow::Borrowed("…"),
            Masking::Short => Cow::Borrowed(secret),
            _ => self.value(secret),
        }
    }
}

/// The part of a secret that may be shown. Of a hashed value it is the part before the hash.
fn prefix(secret: &str) -> &str {
    if let Some((prefix, _)) = secret.rsplit_once(SEPARATOR).filter(|_| is_masked(secret)) {
        return prefix;
    }
    let length = (secret.chars().count() / 4).min(MAX_PREFIX_LEN);
    // A delimiter would let the masked value be read as two.
    let is_plain = |c: char| c.is_alphanumeric() || "-_.%+!*".contains(c);
    let end = secret.char_indices().take(length).find(|(_, c)| !is_plain(*c)).map(|(end, _)| end);
    let end = end.or_else(|| Some(secret.char_indices().nth(length)?.0));
    &secret[..end.unwrap_or(secret.len())]
}

/// What other programs write in place of a secret.
const PLACEHOLDERS: [&str; 3] = [HIDDEN, "REDACTED", "[REDACTED]"];

/// Whether a value is in one of the forms that replace secrets, also after a URL has percent-encoded it.
pub fn is_masked(value: &str) -> bool {
    let value = percent_decode_str(value).decode_utf8_lossy();
    let is_short = |prefix: &str| prefix.chars().count() <= MAX_PREFIX_LEN;
    let is_hash = |hash: &str| {
        hash.len() == HASH_LEN && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    PLACEHOLDERS.contains(&&*value)
        || value.strip_suffix(ELLIPSIS).is_some_and(is_short)
        || value.rsplit_once(SEPARATOR).is_some_and(|(prefix, hash)| is_short(prefix) && is_hash(hash))
}
