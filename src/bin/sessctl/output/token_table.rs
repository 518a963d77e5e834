//! Token sessions as a table.

use sessctl::clock::Timestamp;
use sessctl::cookies::TokenSession;

use super::cookie_table::{age, until};
use super::style::{Style, sanitize, shortened};
use super::table::{rendered, table};
use super::view::View;
use crate::json::{Json, json};

/// The token sessions, in the given order.
pub(crate) struct TokenTable {
    pub(crate) sessions: Vec<TokenSession>,
    pub(crate) now: Timestamp,
}

impl TokenTable {
    /// The list of the document.
    pub(super) fn list(&self) -> Json {
        let item = |session: &TokenSession| {
            json!({
                "name": session.name,
                "value": session.access_token,
                "origin": session.origin.origin().ascii_serialization(),
                "header": session.header,
                "expires": session.expires,
                "issued": session.issued,
                "refresh_token": session.refresh.as_ref().map(|refresh| &refresh.token),
            })
        };
        self.sessions.iter().map(item).collect()
    }
}

impl View for TokenTable {
    fn document(&self) -> Json {
        json!({ "tokens": self.list() })
    }

    fn render(&self, style: &Style<'_>) -> String {
        if self.sessions.is_empty() {
            return String::new();
        }
        let rows = self.sessions.iter().map(|session| {
            let expires = session.expires.map(|expires| until(expires, self.now));
            [
                sanitize(&session.name, false).into_owned(),
                shortened(&sanitize(&session.access_token, false), style.reveal).into_owned(),
                session.origin.origin().ascii_serialization(),
                session.header.to_string(),
                expires.unwrap_or_else(|| "unknown".to_owned()),
                if session.refresh.is_some() { "yes" } else { "no" }.to_owned(),
                age(self.now.since(session.issued).as_secs()),
            ]
        });
        let header = ["TOKEN", "VALUE", "SENT TO", "HEADER", "EXPIRES", "RENEWABLE", "AGE"];
        rendered(&table(&header, rows), style.color)
    }

    fn remark(&self) -> Option<String> {
        self.sessions.is_empty().then(|| "the profile has no tokens".to_owned())
    }
}
