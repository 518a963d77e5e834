//! A server's sessions for its operator. Tokens are not shown: no store has them.

use sessctl::session::Record;

use super::style::{Style, sanitize, second};
use super::table::{rendered, table};
use super::view::View;
use crate::app::{session_facts, session_facts_with_data};
use crate::json::{Json, json};

impl View for [Record] {
    fn document(&self) -> Json {
        json!({ "sessions": self.iter().map(session_facts).collect::<Json>() })
    }

    fn render(&self, style: &Style<'_>) -> String {
        if self.is_empty() {
            return String::new();
        }
        let rows = self.iter().map(|record| {
            let user = record.user.as_deref().map_or("-".into(), |user| sanitize(user, false));
            [
                record.handle.to_string(),
                user.into_owned(),
                second(record.created),
                second(record.last_seen),
                second(record.expires()),
            ]
        });
        rendered(&table(&["HANDLE", "USER", "BEGAN", "LAST USED", "ENDS"], rows), style.color)
    }

    fn remark(&self) -> Option<String> {
        self.is_empty().then(|| "the store has no sessions".to_owned())
    }
}

/// One session with its data.
impl View for Record {
    fn document(&self) -> Json {
        session_facts_with_data(self)
    }

    fn render(&self, style: &Style<'_>) -> String {
        let document = self.document();
        let line = |(name, value): (&String, &Json)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            style.line(&format!("{name}: {text}"))
        };
        document.as_object().into_iter().flatten().map(line).collect()
    }
}

/// The number of revoked sessions.
pub(crate) struct RevokedSessions(pub(crate) usize);

impl View for RevokedSessions {
    fn document(&self) -> Json {
        json!({ "ended": self.0 })
    }

    fn render(&self, style: &Style<'_>) -> String {
        let plural = if self.0 == 1 { "" } else { "s" };
        style.line(&format!("ended {} session{plural}", self.0))
    }
}
