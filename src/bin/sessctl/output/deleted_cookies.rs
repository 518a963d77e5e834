//! The cookies that `clear-cookies` deleted.

use sessctl::cookies::StoredCookie;

use super::decision::named;
use super::style::Style;
use super::view::View;
use crate::json::{Json, json};

pub(crate) struct DeletedCookies(pub(crate) Vec<StoredCookie>);

impl View for DeletedCookies {
    fn document(&self) -> Json {
        json!({ "deleted": self.0 })
    }

    fn render(&self, style: &Style<'_>) -> String {
        let line = |it: &StoredCookie| {
            style.line(&format!("deleted {} of {}{}", named(&it.name), it.domain_name(), it.path()))
        };
        self.0.iter().map(line).collect()
    }

    fn remark(&self) -> Option<String> {
        self.0.is_empty().then(|| "no cookie in the jar matches; nothing was deleted".to_owned())
    }
}
