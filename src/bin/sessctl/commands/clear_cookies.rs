//! `clear-cookies`: deletes cookies from the jar. The server keeps its sessions.

use std::net::IpAddr;
use std::time::Instant;

use clap::{ArgGroup, Args};

use sessctl::clock::{SystemClock, Timestamp};
use sessctl::cookies::StoredCookie;

use super::command::{Command, Context, Group};
use super::failure::Outcome;
use crate::output::{DeletedCookies, Output};

#[derive(Debug, Args)]
// clap would write the usage in one line of 97 columns.
#[command(
    override_usage = "sessctl clear-cookies [OPTIONS]\n       <--name <NAME>|--domain <DOMAIN>|--expired|--session|--all>"
)]
#[command(group = ArgGroup::new("which").args(["name", "domain", "expired", "session", "all"]).required(true).multiple(true))]
pub(super) struct ClearCookiesArgs {
    /// Cookies with this name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Cookies of this domain and below
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<String>,
    /// Expired cookies
    #[arg(long)]
    expired: bool,
    /// Session cookies, as closing a browser does
    ///
    /// They have neither Max-Age nor Expires.
    #[arg(long)]
    session: bool,
    /// All cookies
    #[arg(long, conflicts_with_all = ["name", "domain", "expired", "session"])]
    all: bool,
}

impl Command for ClearCookiesArgs {
    const NAME: &'static str = "clear-cookies";
    const GROUP: Group = Group::Cookies;
    const ABOUT: &'static str = "Delete cookies from the jar";
    const DETAILS: Option<&'static str> = Some(
        "Delete cookies from the jar. A cookie is deleted if it meets all conditions that are given. The server is not \
         told: its sessions stay until they expire.",
    );
    const EXAMPLES: &'static str = "  \
  sessctl clear-cookies --session                what closing a browser does
  sessctl clear-cookies --name theme --domain app.test
  sessctl clear-cookies --all";
    const SHARED_OPTIONS: &'static [&'static str] =
        &["json", "quiet", "color", "lang", "profile", "jar", "timeout"];

    fn run(self, context: &Context, output: &mut Output) -> Outcome {
        let deadline = Instant::now() + context.client.timeout;
        let file = context.client.jar_file()?;
        let (jar, _) = file.load(SystemClock)?;
        let now = jar.now();
        let deleted = jar.remove(|cookie| self.selects(cookie, now));
        file.save(&jar, None, deadline)?;
        output.print(&DeletedCookies(deleted));
        Ok(())
    }
}

impl ClearCookiesArgs {
    fn selects(&self, cookie: &StoredCookie, now: Timestamp) -> bool {
        let by_name = self.name.as_ref().is_none_or(|name| cookie.name.0 == name.as_bytes());
        let by_domain = self.domain.as_ref().is_none_or(|domain| {
            let domain = domain.trim_start_matches('.').to_ascii_lowercase();
            let name = cookie.domain_name().trim_matches(['[', ']']);
            let rest = name.strip_suffix(domain.trim_matches(['[', ']']));
            let is_address = name.parse::<IpAddr>().is_ok();
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.') && !is_address)
        });
        let by_expiry = !self.expired || cookie.is_expired(now);
        let by_kind = !self.session || cookie.expires.is_none();
        by_name && by_domain && by_expiry && by_kind
    }
}
