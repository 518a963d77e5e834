//! The table of the sessions in the store.

use std::cmp::Reverse;

use serde::Serialize;

use serde_json::Value;

use sessctl::session::{Handle, Owner, Record, Sessions};

use super::feed::FeedMessage;
use super::inspector::Inspector;
use crate::json::json;

const MAX_ROWS: usize = 200;

/// How many keys of a session's data a row has, and how many characters a value or a name has.
const MAX_KEYS: usize = 5;
const MAX_LEN: usize = 60;

/// One session. It has no token: the server stores only the hash. Times are in milliseconds since 1970.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    handle: Handle,
    user: Option<String>,
    created: i64,
    idle_end: i64,
    end: i64,
    /// The idle timeout in milliseconds.
    idle: u128,
    data: Vec<(String, String)>,
    /// How many keys are left out.
    more: usize,
}

impl From<&Record> for Row {
    fn from(record: &Record) -> Self {
        let data = record.data.iter().take(MAX_KEYS);
        let shown = |(key, value): (&str, &Value)| (cut(key, MAX_LEN), cut(&value.to_string(), MAX_LEN));
        Row {
            handle: record.handle,
            user: record.user.as_deref().map(|user| cut(user, MAX_LEN)),
            created: record.created.as_millis(),
            idle_end: record.last_seen.plus(record.idle_timeout).as_millis(),
            end: record.absolute_expiry.as_millis(),
            idle: record.idle_timeout.as_millis(),
            data: data.map(shown).collect(),
            more: record.data.iter().count().saturating_sub(MAX_KEYS),
        }
    }
}

/// The event with the table.
pub(super) async fn table(sessions: &Sessions, inspector: &Inspector) -> FeedMessage {
    let page = sessions.list(Owner::Everyone, None, MAX_ROWS).await;
    let more = page.as_ref().is_ok_and(|page| page.next.is_some() && page.sessions.len() == MAX_ROWS);
    // `null`: the store does not respond.
    let rows: Option<Vec<Row>> = page.ok().map(|page| {
        let mut records: Vec<Record> = page.sessions.into_iter().map(|(_, record)| record).collect();
        records.sort_by_key(|record| Reverse(record.created));
        records.iter().map(Row::from).collect()
    });
    FeedMessage::new("sessions", &json!({ "now": inspector.now(), "sessions": rows, "more": more }))
}

/// The first characters of a long text.
pub(super) fn cut(text: &str, max_len: usize) -> String {
    match text.char_indices().nth(max_len) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_cut() {
        assert_eq!(cut(&"é".repeat(1001), 1000).chars().count(), 1001);
        assert_eq!(cut(&"é".repeat(1000), 1000), "é".repeat(1000));
    }
}
