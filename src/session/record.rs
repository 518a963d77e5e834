//! What a store keeps of a session: [`Record`] and the application's [`Data`] in it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::id::Handle;
use crate::clock::Timestamp;

/// One session as a store holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The session's public name.
    pub handle: Handle,
    /// Who is logged in; `None` for an anonymous session, which exists only because it holds data.
    pub user: Option<Arc<str>>,
    /// The version of the credentials by which the user logged in; 0 where nobody counts them. An application that
    /// does ends the sessions of older ones.
    pub credential: u64,
    /// What the application keeps in the session.
    pub data: Data,
    /// When the session began.
    pub created: Timestamp,
    /// When it was last used, as exactly as touches are written.
    pub seen: Timestamp,
    /// It ends when it has not been used for this long.
    pub idle_timeout: Duration,
    /// It ends at this moment however much it is used.
    pub ends: Timestamp,
}

impl Record {
    /// When the session ends unless it is used before: the earlier of idle and absolute expiry.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.seen.plus(self.idle_timeout).min(self.ends)
    }

    /// Whether the session has ended by `now`. At the very moment of expiry it has.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires() <= now
    }
}

/// The application's data in a session: JSON values by key. A copy is cheap and shares what it holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Data(Option<Arc<Map<String, Value>>>);

impl Data {
    /// How large a session's data may be, as JSON, in octets. A change that would make it larger is refused.
    pub const MAX_OCTETS: usize = 64 * 1024;

    /// The value under `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.as_deref()?.get(key)
    }

    /// All keys with their values, in the order in which they were first set.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.as_deref().into_iter().flatten().map(|(key, value)| (key.as_str(), value))
    }

    /// Whether nothing is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The data as JSON text, for a store to keep.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.0.as_deref().map_or_else(|| "{}".to_owned(), |map| Value::Object(map.clone()).to_string())
    }

    /// Data that a store kept as JSON text.
    ///
    /// # Errors
    /// When the text is not a JSON object.
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
