//! [`Record`]: a session as a store keeps it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::data::Data;
use super::id::Handle;
use crate::clock::Timestamp;

/// A session as a store keeps it.
///
/// ```
/// use std::time::Duration;
/// use sessctl::session::{Handle, Record, Timestamp};
///
/// let created = Timestamp::from_millis(0);
/// let record = Record::new(
///     Handle::from_uuid(sessctl::uuid::Uuid::from_u128(1)),
///     created,
///     Duration::from_secs(30 * 60),
///     created.plus(Duration::from_secs(12 * 60 * 60)),
/// );
/// assert!(!record.is_expired(created));
/// ```
///
/// `Debug` shows no data, because logs are less protected than stores.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Record {
    /// The session's public name.
    pub handle: Handle,
    /// The logged-in user. `None` for an anonymous session.
    #[serde(with = "user")]
    pub user: Option<Arc<str>>,
    /// The version of the credentials that the user logged in with. 0 if the application does not count versions.
    /// See [`SessionsBuilder::admission`](super::SessionsBuilder::admission).
    pub credential_version: u64,
    /// What the login chose.
    #[serde(default)]
    pub options: RecordOptions,
    /// The application's data.
    pub data: Data,
    /// When the session was created.
    pub created: Timestamp,
    /// When the session was last used. Uses are recorded at most once per 1/30 of the idle timeout.
    pub last_seen: Timestamp,
    /// The session expires if it is not used for this long.
    pub idle_timeout: Duration,
    /// The session expires at this time even if it is used.
    pub absolute_expiry: Timestamp,
}

impl Record {
    /// An anonymous session without data, last used when it was created.
    #[must_use]
    pub fn new(
        handle: Handle,
        created: Timestamp,
        idle_timeout: Duration,
        absolute_expiry: Timestamp,
    ) -> Self {
        Record {
            handle,
            user: None,
            credential_version: 0,
            options: RecordOptions::default(),
            data: Data::default(),
            created,
            last_seen: created,
            idle_timeout,
            absolute_expiry,
        }
    }

    /// When the session's current token was issued: at the login, or by the last
    /// [rotation](super::Session::cycle_id).
    #[must_use]
    pub fn token_issued(&self) -> Timestamp {
        self.handle.issued().unwrap_or(self.created)
    }

    /// When the session expires if it is not used again: the earlier of idle and absolute expiry.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.last_seen.plus(self.idle_timeout).min(self.absolute_expiry)
    }

    /// Whether the session is expired at `now`. At the exact time of expiry it is.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires() <= now
    }
}

/// A session that a sweep removed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExpiredSession {
    /// The session's public name.
    pub handle: Handle,
    /// The user who was logged in.
    pub user: Option<Arc<str>>,
}

impl ExpiredSession {
    /// A session with this handle and user.
    #[must_use]
    pub const fn new(handle: Handle, user: Option<Arc<str>>) -> Self {
        ExpiredSession { handle, user }
    }
}

impl From<Record> for ExpiredSession {
    fn from(record: Record) -> Self {
        ExpiredSession::new(record.handle, record.user)
    }
}

/// What a login chose for its session. A store keeps it as one number.
///
/// ```
/// use sessctl::session::RecordOptions;
///
/// let mut options = RecordOptions::default();
/// options.persistent = true;
/// assert_eq!(RecordOptions::from_bits(options.bits()), options);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct RecordOptions {
    /// The cookie outlives the browser. See [`Login::persistent`](super::Login::persistent).
    pub persistent: bool,
    /// The login chose [`idle_timeout`](Record::idle_timeout), so a shorter configuration does not limit it.
    pub own_idle_timeout: bool,
    /// The login chose [`absolute_expiry`](Record::absolute_expiry), so a shorter configuration does not limit it.
    pub own_lifetime: bool,
}

impl RecordOptions {
    /// The number to store. It is less than 256, and 0 by default.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.persistent as u8 | (self.own_idle_timeout as u8) << 1 | (self.own_lifetime as u8) << 2
    }

    /// Options read back from a store. Bits that this version does not know are ignored.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        RecordOptions {
            persistent: bits & 1 != 0,
            own_idle_timeout: bits & 2 != 0,
            own_lifetime: bits & 4 != 0,
        }
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Record { handle, user, credential_version, options, data, .. } = self;
        f.debug_struct("Record")
            .field("handle", handle)
            .field("user", user)
            .field("credential_version", credential_version)
            .field("options", options)
            .field("data", &format_args!("{} keys", data.iter().count()))
            .field("created", &self.created)
            .field("last_seen", &self.last_seen)
            .field("idle_timeout", &self.idle_timeout)
            .field("absolute_expiry", &self.absolute_expiry)
            .finish()
    }
}

/// The user as a text. The feature `rc` of serde would do the same, but for the whole program.
mod user {
    use std::sync::Arc;

    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    pub(super) fn serialize<S: Serializer>(
        user: &Option<Arc<str>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        user.as_deref().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Arc<str>>, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.map(Into::into))
    }
}
