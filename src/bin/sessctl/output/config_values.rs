//! The settings of a profile, each with its source.

use super::style::{Style, sanitize, shortened};
use super::table::{rendered, table};
use super::view::View;
use crate::json::{Json, json};

/// A setting that applies.
pub(crate) struct ConfigValue {
    pub(crate) key: String,
    value: String,
    /// An option, an environment variable, or a file with a line.
    source: String,
}

impl ConfigValue {
    pub(crate) fn new(key: &str, value: &str, source: String) -> Self {
        ConfigValue { key: key.to_owned(), value: value.to_owned(), source }
    }
}

impl View for [ConfigValue] {
    fn document(&self) -> Json {
        let values = self.iter();
        values.map(|it| json!({ "key": it.key, "value": it.value, "source": it.source })).collect()
    }

    fn render(&self, style: &Style<'_>) -> String {
        let rows = self.iter().map(|it| {
            // A header may be a credential.
            let is_header = it.key.starts_with("headers.");
            let value = if is_header { shortened(&it.value, style.reveal) } else { it.value.as_str().into() };
            [it.key.as_str(), &value, &it.source].map(|text| sanitize(text, false).into_owned())
        });
        rendered(&table(&["KEY", "VALUE", "SOURCE"], rows), style.color)
    }
}
