//! Profiles: a table, or one profile with its cookies.

use sessctl::clock::Timestamp;
use sessctl::cookies::LastLogin;

use super::cookie_table::{CookieTable, age};
use super::style::{Style, sanitize};
use super::table::{rendered, table};
use super::view::View;
use crate::json::{Json, json};

/// What is shown about a profile.
pub(crate) struct ProfileSummary {
    pub(crate) name: String,
    pub(crate) last_login: Option<LastLogin>,
    pub(crate) cookies: CookieTable,
    /// The number of commands in its history.
    pub(crate) records: usize,
    /// The time of the last command.
    pub(crate) last_used: Option<Timestamp>,
}

impl View for [ProfileSummary] {
    fn document(&self) -> Json {
        json!({ "profiles": self.iter().map(View::document).collect::<Json>() })
    }

    fn render(&self, style: &Style<'_>) -> String {
        if self.is_empty() {
            return String::new();
        }
        let rows = self.iter().map(|profile| {
            let login = profile.last_login.as_ref().map(|login| sanitize(login.page.as_str(), false));
            [
                sanitize(&profile.name, false).into_owned(),
                login.unwrap_or_default().into_owned(),
                profile.cookies.cookies.len().to_string(),
                profile.records.to_string(),
                profile.last_used.map_or_else(String::new, |at| ago(at, profile.cookies.now)),
            ]
        });
        let header = ["NAME", "LAST LOGIN AT", "COOKIES", "HISTORY", "LAST USED"];
        rendered(&table(&header, rows), style.color)
    }

    fn remark(&self) -> Option<String> {
        self.is_empty().then(|| "there are no profiles yet: login and visit create them".to_owned())
    }
}

/// One profile with its cookies.
impl View for ProfileSummary {
    fn document(&self) -> Json {
        json!({
            "name": self.name,
            "last_login": self.last_login,
            "cookies": self.cookies.cookies.len(),
            "records": self.records,
            "last_used": self.last_used,
        })
    }

    fn render(&self, style: &Style<'_>) -> String {
        let login = self.last_login.as_ref();
        let login = login.map_or_else(
            || "no login".to_owned(),
            |login| format!("last login: {} ({})", login.page, ago(login.at, self.cookies.now)),
        );
        let used = self.last_used.map(|at| format!(", the last {}", ago(at, self.cookies.now)));
        let used = format!("{} commands in its history{}", self.records, used.unwrap_or_default());
        let lines = [format!("profile {}", self.name), format!("  {login}"), format!("  {used}")];
        lines.iter().map(|line| style.line(line)).collect::<String>() + &self.cookies.render(style)
    }

    fn remark(&self) -> Option<String> {
        self.cookies.remark()
    }
}

fn ago(at: Timestamp, now: Timestamp) -> String {
    format!("{} ago", age(now.since(at).as_secs()))
}
