//! What the owner or an operator may know of a session. The token is not there: no store has it.

use crate::json::{Json, json};
use sessctl::session::Record;

/// Without the data of the session.
pub(crate) fn session_facts(record: &Record) -> Json {
    json!({
        "handle": record.handle,
        "user": record.user.as_deref(),
        "created": record.created,
        "last_seen": record.last_seen,
        "idle_expiry": record.expires(),
        "absolute_expiry": record.absolute_expiry,
    })
}

pub(crate) fn session_facts_with_data(record: &Record) -> Json {
    let mut facts = session_facts(record);
    facts.set("data", &record.data);
    facts
}
