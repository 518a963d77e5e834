//! [`Record`]: a session as a store keeps it, with the application's [`Data`].

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

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
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Record {
    /// The session's public name.
    pub handle: Handle,
    /// The logged-in user. `None` for an anonymous session.
    pub user: Option<Arc<str>>,
    /// The version of the credentials that the user logged in with. 0 if the application does not count versions.
    /// See [`SessionsBuilder::admission`](super::SessionsBuilder::admission).
    pub credential_version: u64,
    /// What the login chose.
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
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

/// The application's data in a session: JSON values by key. A clone is cheap and shares the values.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Data(Option<Arc<Map<String, Value>>>);

impl Data {
    /// The maximum size of a session's data as JSON, in bytes. A change that exceeds it is rejected.
    pub const MAX_BYTES: usize = 64 * 1024;

    /// The value under `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.as_deref()?.get(key)
    }

    /// All keys with their values, in the order in which they were first set.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.as_deref().into_iter().flatten().map(|(key, value)| (key.as_str(), value))
    }

    /// Whether there is no data.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The data as JSON text, as a store keeps it.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.0.as_deref().map_or_else(|| "{}".to_owned(), |map| Value::Object(map.clone()).to_string())
    }

    /// Reads data from JSON text that a store kept.
    ///
    /// # Errors
    /// The text is not a JSON object.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str::<Map<String, Value>>(text).map(Data::from)
    }
}

impl From<Map<String, Value>> for Data {
    fn from(map: Map<String, Value>) -> Self {
        Data((!map.is_empty()).then(|| Arc::new(map)))
    }
}

impl From<&Data> for Map<String, Value> {
    fn from(data: &Data) -> Self {
        data.0.as_deref().cloned().unwrap_or_default()
    }
}
