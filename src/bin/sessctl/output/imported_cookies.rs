//! The cookies that `import-cookies` merged into the jar, and those that it skipped.

use sessctl::cookies::Imported;

use super::style::Style;
use super::view::View;
use crate::json::{Json, json};

pub(crate) struct ImportedCookies {
    pub(crate) imported: Imported,
    /// How many of them are in the jar.
    pub(crate) count: usize,
}

impl View for ImportedCookies {
    fn document(&self) -> Json {
        let refused = self.imported.rejected.iter();
        let refused = refused.map(|it| json!({ "place": it.place, "reason": it.cause.to_string() }));
        json!({ "imported": self.imported.cookies, "refused": refused.collect::<Json>() })
    }

    fn render(&self, style: &Style<'_>) -> String {
        let cookies = if self.count == 1 { "cookie" } else { "cookies" };
        style.line(&format!("imported {} {cookies} of {}", self.count, self.imported.format))
    }
}
