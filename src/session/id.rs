//! The names of a session: the secret token, its [`TokenHash`] in the store, and the public [`Handle`].

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{Error as _, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::clock::Timestamp;

/// The length of a token in a cookie: 32 bytes in base64url without padding.
const ENCODED_LEN: usize = 43;

/// The secret in a session's cookie: 256 random bits, written as 43 characters of base64url.
///
/// Anyone who has the token can use the session. It is never logged (`Debug` hides it) and never stored: a store gets
/// only the [`TokenHash`].
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token([u8; 32]);

impl Token {
    /// A new token and a new handle, from one call to the operating system's random source.
    pub(crate) fn generate(now: Timestamp) -> Result<(Token, Handle), getrandom::Error> {
        let mut random = [0; 42];
        getrandom::fill(&mut random)?;
        let (mut token, mut handle) = ([0; 32], [0; 16]);
        token.copy_from_slice(&random[..32]);
        handle[..10].copy_from_slice(&random[32..]);
        let millis = u64::try_from(now.as_millis()).unwrap_or(0);
        handle[10..].copy_from_slice(&millis.to_be_bytes()[2..]);
        Ok((Token(token), Handle(uuid::Builder::from_custom_bytes(handle).into_uuid())))
    }

    /// Reads a token from a cookie value. `None` for any text that [`encode`](Token::encode) does not produce.
    pub(crate) fn parse(text: &[u8]) -> Option<Token> {
        if text.len() != ENCODED_LEN {
            return None;
        }
        let mut bytes = [0; 32];
        // The decoder rejects nonzero trailing bits, so each token has exactly one text.
        let written = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        (written == bytes.len()).then_some(Token(bytes))
    }

    /// The token as a cookie value.
    pub(crate) fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// The key under which a store keeps the session.
    pub(crate) fn hash(&self) -> TokenHash {
        self.hash_after(Sha256::new())
    }

    /// The same in a realm, whose name is hashed before the token.
    pub(super) fn hash_after(&self, prefix: Sha256) -> TokenHash {
        TokenHash(prefix.chain_update(self.0).finalize().into())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(secret)")
    }
}

/// The SHA-256 of a token: the key of a session in a store.
///
/// The token cannot be computed from it, so a stolen store opens no session.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// A hash read back from a store.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        TokenHash(bytes)
    }

    /// The 32 bytes to store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// 64 hexadecimal digits.
    pub(crate) fn to_hex(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Reads what [`to_hex`](TokenHash::to_hex) wrote.
    pub(crate) fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
            *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
        }
        Some(TokenHash(bytes))
    }
}

/// As 64 hexadecimal digits.
impl Serialize for TokenHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_hex())
    }
}

impl<'de> Deserialize<'de> for TokenHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        TokenHash::from_hex(&text)
            .ok_or_else(|| D::Error::invalid_value(Unexpected::Str(&text), &"64 hexadecimal digits"))
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenHash({:02x}{:02x}{:02x}{:02x}…)", self.0[0], self.0[1], self.0[2], self.0[3])
    }
}

/// The public name of a session: a UUID of version 8 (RFC 9562 §5.8). It is random, but its last 48 bits are the time when
/// the session's token was issued, in milliseconds since 1970. It is safe to show and to log, and does not open the
/// session.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Handle(Uuid);

impl Handle {
    /// A handle read back from a store.
    #[must_use]
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Handle(uuid)
    }

    /// The UUID to store.
    #[must_use]
    pub const fn as_uuid(&self) -> &Uuid {
        &self.0
    }

    /// When the token was issued. `None` for a handle of another version.
    pub(crate) fn issued(&self) -> Option<Timestamp> {
        let millis = self.0.as_u64_pair().1 & 0xffff_ffff_ffff;
        let is_version_8 = self.0.get_version_num() == 8;
        is_version_8.then(|| Timestamp::from_millis(millis.cast_signed()))
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({})", self.0)
    }
}
