//! [`View`]: the result of a command, shown as text and as a JSON document.

use super::style::Style;
use crate::json::Json;

/// What a command found out. Each view implements this for what it shows.
pub(crate) trait View {
    /// The document that `--json` prints.
    fn document(&self) -> Json;

    /// The text for people.
    fn render(&self, style: &Style<'_>) -> String;

    /// What stderr says before the text.
    fn introduction(&self) -> Option<String> {
        None
    }

    /// What stderr says after the text, for example that there is nothing to show.
    fn remark(&self) -> Option<String> {
        None
    }
}
