//! Cookies as a table.

use std::net::IpAddr;

use comfy_table::{ColumnConstraint, ContentArrangement};

use sessctl::clock::Timestamp;
use sessctl::cookies::{StoredCookie, TokenSession};

use super::style::{Style, sanitize, shortened};
use super::table::{rendered, table};
use super::token_table::TokenTable;
use super::view::View;
use crate::json::{Json, json};
use crate::texts::largest_unit;

/// Column numbers.
const SENT_TO: usize = 2;
const SIZE: usize = 6;
const AGE: usize = 7;

/// Below this width, every column may be wrapped.
const ROOMY: usize = 60;

pub(super) const EMPTY_JAR: &str = "the jar has no cookies";

/// The cookies, in the given order, and the tokens of the same client.
pub(crate) struct CookieTable {
    pub(crate) cookies: Vec<StoredCookie>,
    pub(crate) tokens: Vec<TokenSession>,
    /// The name that was asked for, if the jar has cookies with other names too.
    pub(crate) name: Option<String>,
    pub(crate) now: Timestamp,
}

impl View for CookieTable {
    fn document(&self) -> Json {
        json!({ "cookies": self.cookies, "tokens": self.token_table().list() })
    }

    fn render(&self, style: &Style<'_>) -> String {
        let tokens = self.token_table().render(style);
        let gap = if self.cookies.is_empty() || tokens.is_empty() { "" } else { "\n" };
        format!("{}{gap}{tokens}", self.render_cookies(style))
    }

    fn remark(&self) -> Option<String> {
        (self.cookies.is_empty() && self.tokens.is_empty()).then(|| match &self.name {
            Some(name) => format!("the jar has no cookie with the name {name:?}, only with other names"),
            None => EMPTY_JAR.to_owned(),
        })
    }
}

impl CookieTable {
    fn token_table(&self) -> TokenTable {
        TokenTable { sessions: self.tokens.clone(), now: self.now }
    }

    fn render_cookies(&self, style: &Style<'_>) -> String {
        if self.cookies.is_empty() {
            return String::new();
        }
        let rows = self.cookies.iter().map(|cookie| {
            [
                sanitize(&cookie.name.to_text(), false).into_owned(),
                shortened(&sanitize(&cookie.value.to_text(), false), style.reveal).into_owned(),
                sent_to(cookie),
                sanitize(cookie.path(), false).into_owned(),
                expiry(cookie, self.now),
                flags(cookie),
                (cookie.name.0.len() + cookie.value.0.len()).to_string(),
                age(self.now.since(cookie.created).as_secs()),
            ]
        });
        let header = ["NAME", "VALUE", "SENT TO", "PATH", "EXPIRES", "FLAGS", "SIZE", "AGE"];
        let mut table = table(&header, rows);
        // On a pipe, each cookie is one line.
        let width = style.width.unwrap_or(usize::MAX);
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
        // Names and numbers are not wrapped if the dates can be.
        let longest = self.cookies.iter().map(|cookie| sent_to(cookie).chars().count()).max();
        let whole: &[usize] = match width {
            ROOMY.. if longest.unwrap_or_default() <= width / 3 => &[SENT_TO, SIZE, AGE],
            ROOMY.. => &[SIZE, AGE],
            _ => &[],
        };
        for &column in whole {
            if let Some(column) = table.column_mut(column) {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        rendered(&table, style.color)
    }
}

pub(super) fn sent_to(cookie: &StoredCookie) -> String {
    let name = sanitize(cookie.domain_name(), false).into_owned();
    if goes_below(cookie) { format!("{name} and below") } else { name }
}

/// Whether the cookie is also sent to subdomains. An IP address has none.
pub(super) fn goes_below(cookie: &StoredCookie) -> bool {
    let name = cookie.domain_name();
    !cookie.is_host_only() && name.parse::<IpAddr>().is_err() && !name.starts_with('[')
}

/// The date and the time until then: `2030-01-31 (in 3 days)`.
pub(super) fn expiry(cookie: &StoredCookie, now: Timestamp) -> String {
    cookie.expires.map_or_else(|| "with the session".to_owned(), |expires| until(expires, now))
}

/// A date and the time until then.
pub(super) fn until(expires: Timestamp, now: Timestamp) -> String {
    let date: String = expires.to_string().chars().take(10).collect();
    match expires.since(now).as_secs() {
        0 => format!("{date} (expired)"),
        seconds => {
            let (number, unit) = largest_unit(seconds);
            let plural = if number == 1 { "" } else { "s" };
            format!("{date} (in {number} {unit}{plural})")
        }
    }
}

/// An age in short form.
pub(super) fn age(seconds: u64) -> String {
    let (number, unit) = largest_unit(seconds);
    let unit = match unit {
        "minute" => "min",
        other => other.get(..1).unwrap_or(other),
    };
    format!("{number} {unit}")
}

pub(super) fn flags(cookie: &StoredCookie) -> String {
    let same_site = cookie.same_site.map(|same_site| format!("SameSite={same_site:?}"));
    let flags = [("HttpOnly", cookie.http_only), ("Secure", cookie.secure)];
    let flags = flags.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| name.to_owned());
    flags.chain(same_site).collect::<Vec<String>>().join(" ")
}
