//! Tables without borders, in columns as wide as their content.

use comfy_table::{Row, Table};

use super::style::{Role, paint};

/// A table with its header.
pub(super) fn table(header: &[&str], rows: impl IntoIterator<Item: Into<Row>>) -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_header(header).add_rows(rows);
    table
}

/// The lines of a table with a colored header. No line ends in spaces.
pub(super) fn rendered(table: &Table, color: bool) -> String {
    let mut lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    if let Some(header) = lines.first_mut() {
        *header = paint(Role::Key, header, color);
    }
    lines.join("\n") + "\n"
}
