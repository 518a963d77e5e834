//! [`Layout`]: language, width and color of the tour, and the parts that its steps share.

use std::time::Duration;

use crate::output::style::{Role, paint};
use crate::output::text_layout::{hanging, width, wrapped};
use crate::texts::Texts;

/// The width if the terminal is wider, or its width is unknown.
pub(super) const MAX_WIDTH: usize = 76;
pub(super) const MIN_WIDTH: usize = 30;

/// Below this width there is only one column.
pub(super) const TWO_COLUMNS_WIDTH: usize = 60;

pub(super) struct Layout<'a> {
    pub(super) texts: &'a Texts,
    pub(super) width: usize,
    pub(super) color: bool,
    pub(super) reveal: bool,
}

impl Layout<'_> {
    /// The line in the color of its role, if it has one.
    pub(super) fn painted(&self, role: Option<Role>, line: &str) -> String {
        role.map_or_else(|| line.to_owned(), |role| paint(role, line, self.color))
    }

    /// A heading, followed by a horizontal line.
    pub(super) fn heading(&self, text: &str) -> Vec<String> {
        let mut lines = hanging("── ", text, self.width);
        if let Some(last) = lines.last_mut() {
            last.push(' ');
            let rest = self.width.saturating_sub(width(last));
            last.push_str(&"─".repeat(rest));
        }
        lines.into_iter().map(|line| paint(Role::Key, &line, self.color)).collect()
    }

    pub(super) fn paragraph(&self, text: &str) -> Vec<String> {
        wrapped(text, self.width)
    }

    pub(super) fn labeled(&self, label: &str, lines: impl IntoIterator<Item = String>) -> Vec<String> {
        let label = wrapped(label, self.width).into_iter().map(|line| paint(Role::Quiet, &line, self.color));
        label.chain(lines).collect()
    }

    pub(super) fn duration(&self, duration: Duration) -> String {
        let minutes = duration.as_secs() / 60;
        let (hours, rest) = (minutes / 60, minutes % 60);
        let values = [("hours", hours.into()), ("minutes", rest.into())];
        match (hours, rest) {
            (0, _) => self.texts.say_with("tour-minutes", &values),
            (_, 0) => self.texts.say_with("tour-hours", &values),
            _ => self.texts.say_with("tour-hours-and-minutes", &values),
        }
    }

    /// The commands to type, under a label.
    pub(super) fn commands(&self, label: &str, commands: &[&str]) -> Vec<String> {
        let lines = commands.iter().flat_map(|command| hanging("  $ ", command, self.width));
        self.labeled(label, lines)
    }
}
