//! [`Snapshot`]: the table of the sessions in the store.

use serde::Serialize;

use sessctl::session::Owner;
use sessctl::session::{Data, Handle, Record, Sessions, Timestamp};

use super::millis::Millis;

const MAX_ROWS: usize = 200;

/// How many keys of a session's data a row has, and how many characters a value or a name has.
const MAX_KEYS: usize = 5;
const MAX_VALUE_LEN: usize = 60;

/// One session. It has no token: the server stores only the hash.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    handle: Handle,
    user: Option<String>,
    created: Millis,
    idle_end: Millis,
    end: Millis,
    /// The idle timeout in milliseconds.
    idle: u128,
    data: Vec<(String, String)>,
    /// How many keys are left out.
    more: usize,
}

impl From<&Record> for Row {
    fn from(record: &Record) -> Self {
        let data = |data: &Data| {
            data.iter().take(MAX_KEYS).map(|(key, value)| (cut(key), cut(&value.to_string()))).collect()
        };
        Row {
            handle: record.handle,
            user: record.user.as_deref().map(cut),
            created: record.created.into(),
            idle_end: record.last_seen.plus(record.idle_timeout).into(),
            end: record.absolute_expiry.into(),
            idle: record.idle_timeout.as_millis(),
            data: data(&record.data),
            more: record.data.iter().count().saturating_sub(MAX_KEYS),
        }
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_VALUE_LEN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Snapshot {
    now: Millis,
    /// `None`: the store does not respond.
    sessions: Option<Vec<Row>>,
    /// Whether rows are left out.
    more: bool,
}

impl Snapshot {
    pub(super) async fn take(sessions: &Sessions, now: impl Fn() -> Millis) -> Self {
        let page = sessions.list(Owner::Everyone, None, MAX_ROWS).await;
        let more = page.as_ref().is_ok_and(|page| page.next.is_some() && page.sessions.len() == MAX_ROWS);
        let rows = page.ok().map(|page| {
            let mut records: Vec<Record> = page.sessions.into_iter().map(|(_, record)| record).collect();
            records.sort_by_key(|record| std::cmp::Reverse::<Timestamp>(record.created));
            records.iter().map(Row::from).collect()
        });
        Snapshot { now: now(), sessions: rows, more }
    }
}

/// The end of a session.
#[derive(Debug, Serialize)]
pub(super) struct Ended {
    pub(super) now: Millis,
    pub(super) handle: Handle,
    pub(super) reason: &'static str,
}
