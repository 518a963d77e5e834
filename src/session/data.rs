//! [`Data`]: what an application keeps in a session.

use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// The key of the CSRF token of a session.
pub(super) const CSRF_TOKEN_KEY: &str = "_csrf";

/// The application's data in a session: JSON values by key. A clone is cheap and shares the values.
///
/// The keys keep the order in which they were first set, also when they are written as JSON and read again.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Data(Option<Arc<IndexMap<String, Value>>>);

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
        // Keys are strings, so this cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads data from JSON text that a store kept.
    ///
    /// # Errors
    /// The text is not a JSON object.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The data without the CSRF token: a login gives the session a new one, because the previous user of the browser may
    /// know the old one.
    pub(super) fn without_csrf_token(&self) -> Data {
        if self.get(CSRF_TOKEN_KEY).is_none() {
            return self.clone();
        }
        let mut map = self.to_map();
        map.shift_remove(CSRF_TOKEN_KEY);
        Data::from_map(map)
    }

    pub(super) fn from_map(map: IndexMap<String, Value>) -> Self {
        Data((!map.is_empty()).then(|| Arc::new(map)))
    }

    /// A copy that can be changed.
    pub(super) fn to_map(&self) -> IndexMap<String, Value> {
        self.0.as_deref().cloned().unwrap_or_default()
    }
}

impl FromIterator<(String, Value)> for Data {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(values: I) -> Self {
        Data::from_map(values.into_iter().collect())
    }
}

impl From<Map<String, Value>> for Data {
    fn from(map: Map<String, Value>) -> Self {
        map.into_iter().collect()
    }
}

impl From<&Data> for Map<String, Value> {
    fn from(data: &Data) -> Self {
        data.iter().map(|(key, value)| (key.to_owned(), value.clone())).collect()
    }
}

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(DataVisitor)
    }
}

struct DataVisitor;

impl<'de> Visitor<'de> for DataVisitor {
    type Value = Data;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of session data")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Data, A::Error> {
        let mut map = IndexMap::new();
        while let Some((key, value)) = access.next_entry()? {
            map.insert(key, value);
        }
        Ok(Data::from_map(map))
    }
}
