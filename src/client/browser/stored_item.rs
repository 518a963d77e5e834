//! [`StoredItem`]: an entry of the local or the session storage of a page.

use std::fmt;

use serde::Deserialize;

/// An entry of the local or the session storage of a page. Its value may be a secret: `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct StoredItem {
    /// The origin of the page.
    pub origin: String,
    /// Where it is.
    pub area: StorageArea,
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
    /// The name of the header in which the page sends it, if it does.
    #[serde(skip)]
    pub header: Option<String>,
}

/// A storage of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum StorageArea {
    /// `localStorage`.
    Local,
    /// `sessionStorage`.
    Session,
}

impl fmt::Debug for StoredItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let StoredItem { origin, area, key, header, .. } = self;
        f.debug_struct("StoredItem")
            .field("origin", origin)
            .field("area", area)
            .field("key", key)
            .field("header", header)
            .finish_non_exhaustive()
    }
}
