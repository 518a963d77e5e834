//! A server's sessions for its operator. Tokens are not shown: no store has them.

use comfy_table::Table;
use serde_json::{Value, json};

use sessctl::session::Record;

use super::output::Output;
use super::style::sanitize;
use crate::app::{session_facts, session_facts_with_data};

impl Output {
    /// A table of sessions.
    pub(crate) fn sessions(&mut self, records: &[Record]) {
        if self.json {
            let sessions: Vec<Value> = records.iter().map(session_facts).collect();
            return self.answer_json(&json!({ "sessions": sessions }));
        }
        if records.is_empty() {
            return self.info("the store has no sessions");
        }
        let mut table = Table::new();
        table.load_style(comfy_table::presets::NOTHING);
        table.set_header(["HANDLE", "USER", "BEGAN", "LAST USED", "ENDS"]);
        for record in records {
            table.add_row([
                record.handle.to_string(),
                record
                    .user
                    .as_deref()
                    .map_or_else(|| "-".to_owned(), |user| sanitize(user, false).into_owned()),
                second(&record.created.to_string()),
                second(&record.last_seen.to_string()),
                second(&record.expires().to_string()),
            ]);
        }
        self.answer_table(&table);
    }

    /// One session with its data.
    pub(crate) fn session(&mut self, record: &Record) {
        let shown = session_facts_with_data(record);
        if self.json {
            return self.answer_json(&shown);
        }
        for (name, value) in shown.as_object().into_iter().flatten() {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            self.answer(&format!("{name}: {text}"));
        }
    }

    /// The number of revoked sessions.
    pub(crate) fn revoked(&mut self, ended: usize) {
        if self.json {
            return self.answer_json(&json!({ "ended": ended }));
        }
        let plural = if ended == 1 { "" } else { "s" };
        self.answer(&format!("ended {ended} session{plural}"));
    }
}

/// A time, to the second.
fn second(moment: &str) -> String {
    moment.chars().take(19).collect::<String>().replace('T', " ")
}
