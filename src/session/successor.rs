//! [`Successor`]: the key that replaced another one.

use std::time::Duration;

use super::id::TokenHash;
use crate::clock::Timestamp;

/// The key that replaced another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Successor {
    /// The new key. Its session may have ended or been replaced since.
    pub key: TokenHash,
    /// Why the key was replaced.
    pub by: Replacement,
    /// When it was replaced.
    pub since: Timestamp,
}

/// Why a key was replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Replacement {
    /// The session goes on under the new key.
    Rotation,
    /// A login ended the session under the previous key. That key never opens the new session: an attacker may have
    /// planted its token (session fixation).
    Login,
}

impl Successor {
    /// How long a store keeps a successor. Longer than a request takes that was sent with the previous token.
    pub const LIFETIME: Duration = Duration::from_secs(60);

    /// A successor since `since`.
    #[must_use]
    pub const fn new(key: TokenHash, by: Replacement, since: Timestamp) -> Self {
        Successor { key, by, since }
    }

    /// Whether the store may forget it.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.since.plus(Self::LIFETIME) <= now
    }
}
