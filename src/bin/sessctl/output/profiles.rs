//! Profiles: a table, or one profile with its cookies.

use comfy_table::Table;
use serde_json::{Value, json};

use sessctl::clock::Timestamp;
use sessctl::cookies::{LastLogin, StoredCookie};

use super::cookie_table::age;
use super::output::Output;
use super::style::sanitize;

/// What is shown about a profile.
#[derive(Debug)]
pub(crate) struct ProfileSummary {
    pub(crate) name: String,
    pub(crate) last_login: Option<LastLogin>,
    pub(crate) cookies: Vec<StoredCookie>,
    /// The number of commands in its history.
    pub(crate) records: usize,
    /// The time of the last command.
    pub(crate) last_used: Option<Timestamp>,
    pub(crate) now: Timestamp,
}

impl Output {
    /// All profiles as a table.
    pub(crate) fn profiles(&mut self, profiles: &[ProfileSummary]) {
        if self.json {
            let profiles: Vec<Value> = profiles.iter().map(json_of).collect();
            return self.answer_json(&json!({ "profiles": profiles }));
        }
        if profiles.is_empty() {
            return self.info("there are no profiles yet: login and visit create them");
        }
        let mut table = Table::new();
        table.load_style(comfy_table::presets::NOTHING);
        table.set_header(["NAME", "LAST LOGIN AT", "COOKIES", "HISTORY", "LAST USED"]);
        for profile in profiles {
            table.add_row([
                sanitize(&profile.name, false).into_owned(),
                login_of(profile),
                profile.cookies.len().to_string(),
                profile.records.to_string(),
                profile.last_used.map_or_else(String::new, |at| ago(at, profile.now)),
            ]);
        }
        self.answer_table(&table);
    }

    /// One profile with its cookies.
    pub(crate) fn profile(&mut self, profile: &ProfileSummary) {
        if self.json {
            return self.answer_json(&json_of(profile));
        }
        let login = profile.last_login.as_ref();
        let login = login.map_or_else(
            || "no login".to_owned(),
            |login| format!("last login: {} ({})", login.page, ago(login.at, profile.now)),
        );
        self.answer(&format!("profile {}", profile.name));
        self.answer(&format!("  {login}"));
        let used = profile.last_used.map(|at| format!(", the last {}", ago(at, profile.now)));
        self.answer(&format!("  {} commands in its history{}", profile.records, used.unwrap_or_default()));
        self.cookies(&profile.cookies, profile.now);
    }
}

fn login_of(profile: &ProfileSummary) -> String {
    let login = profile.last_login.as_ref();
    login.map_or_else(String::new, |login| sanitize(login.page.as_str(), false).into_owned())
}

fn ago(at: Timestamp, now: Timestamp) -> String {
    format!("{} ago", age(now.since(at).as_secs()))
}

fn json_of(profile: &ProfileSummary) -> Value {
    json!({
        "name": profile.name,
        "last_login": profile.last_login,
        "cookies": profile.cookies.len(),
        "records": profile.records,
        "last_used": profile.last_used,
    })
}
