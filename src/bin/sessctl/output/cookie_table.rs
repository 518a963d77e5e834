//! Cookies as a table, and what their values contain.

use std::net::IpAddr;

use comfy_table::{ColumnConstraint, ContentArrangement, Table};

use sessctl::clock::Timestamp;
use sessctl::cookies::value::Decoded;
use sessctl::cookies::{SameSite, StoredCookie};

use super::decision::named;
use super::output::Output;
use super::style::{Role, paint, sanitize, shortened};

/// Column numbers.
const SENT_TO: usize = 2;
const SIZE: usize = 6;
const AGE: usize = 7;

/// Below this width, every column may be wrapped.
const ROOMY: usize = 60;

/// If the width of the terminal is unknown.
const DEFAULT_WIDTH: usize = 100;

impl Output {
    /// What the value of each cookie contains, as far as that is visible without a key.
    pub(crate) fn decoded(&mut self, cookies: &[(StoredCookie, Decoded)]) {
        if cookies.is_empty() {
            self.info("the jar has no cookies");
        }
        let color = self.terminal.stdout.color;
        for (cookie, decoded) in cookies {
            let kind = paint(Role::Key, decoded.kind, color);
            let mut lines = vec![format!("{} of {}: {kind}", named(&cookie.name), sent_to(cookie))];
            for part in &decoded.parts {
                let label = paint(Role::Quiet, &format!("{}:", part.label), color);
                lines.push(format!("  {label} {}", sanitize(&part.text, false)));
            }
            self.answer_styled(&format!("{}\n", lines.join("\n")));
        }
    }

    /// The cookies, in the given order.
    pub(crate) fn cookies(&mut self, cookies: &[StoredCookie], now: Timestamp) {
        if cookies.is_empty() {
            self.info("the jar has no cookies");
            return;
        }
        let mut table = Table::new();
        table.load_style(comfy_table::presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        // On a pipe, each cookie is one line.
        let width = if self.terminal.stdout.terminal {
            self.terminal.width.unwrap_or(DEFAULT_WIDTH)
        } else {
            usize::MAX
        };
        table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
        table.set_header(["NAME", "VALUE", "SENT TO", "PATH", "EXPIRES", "FLAGS", "SIZE", "AGE"]);
        for cookie in cookies {
            table.add_row([
                sanitize(&cookie.name.to_text(), false).into_owned(),
                shortened(&sanitize(&cookie.value.to_text(), false), self.reveal).into_owned(),
                sent_to(cookie),
                sanitize(cookie.path(), false).into_owned(),
                expiry(cookie, now),
                flags(cookie),
                (cookie.name.0.len() + cookie.value.0.len()).to_string(),
                age(now.since(cookie.created).as_secs()),
            ]);
        }
        // Names and numbers are not wrapped if the dates can be.
        let longest = cookies.iter().map(|cookie| sent_to(cookie).chars().count()).max().unwrap_or_default();
        let whole: &[usize] = match width {
            ROOMY.. if longest <= width / 3 => &[SENT_TO, SIZE, AGE],
            ROOMY.. => &[SIZE, AGE],
            _ => &[],
        };
        for &column in whole {
            if let Some(column) = table.column_mut(column) {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        self.answer_table(&table);
    }

    /// Prints a table with a colored header. No line ends in spaces.
    pub(super) fn answer_table(&mut self, table: &Table) {
        let mut lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
        if let Some(header) = lines.first_mut() {
            *header = paint(Role::Key, header, self.terminal.stdout.color);
        }
        self.answer_styled(&format!("{}\n", lines.join("\n")));
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
    let Some(expires) = cookie.expires else { return "with the session".to_owned() };
    let date: String = expires.to_string().chars().take(10).collect();
    match expires.since(now).as_secs() {
        0 => format!("{date} (expired)"),
        seconds => format!("{date} (in {})", span(seconds)),
    }
}

/// An age in short form.
pub(super) fn age(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds / 60),
        7200..=172_799 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

fn span(seconds: u64) -> String {
    let (number, unit) = largest_unit(seconds);
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{plural}")
}

/// A duration in its largest useful unit.
pub(super) fn largest_unit(seconds: u64) -> (u64, &'static str) {
    match seconds {
        0..=119 => (seconds, "second"),
        120..=7199 => (seconds / 60, "minute"),
        7200..=172_799 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    }
}

pub(super) fn flags(cookie: &StoredCookie) -> String {
    let same_site = cookie.same_site.map(|same_site| match same_site {
        SameSite::Strict => "SameSite=Strict",
        SameSite::Lax => "SameSite=Lax",
        SameSite::None => "SameSite=None",
    });
    let flags = [cookie.http_only.then_some("HttpOnly"), cookie.secure.then_some("Secure"), same_site];
    flags.into_iter().flatten().collect::<Vec<&str>>().join(" ")
}
