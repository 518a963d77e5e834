//! `clear-cookies`: deletes cookies from the jar. The server keeps its sessions.

use std::net::IpAddr;
use std::time::Instant;

use clap::{ArgGroup, Args};
use url::Url;

use sessctl::clock::{SystemClock, Timestamp};
use sessctl::cookies::{Jar, StoredCookie};

use super::command::{Command, Context, Group};
use super::failure::{Failure, Outcome};
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
    ///
    /// A name, *.name, host:port or a URL.
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
        "Delete cookies from the jar. A cookie is deleted if it meets all conditions that are given. With --name or \
         --domain, it is an error if no cookie matches. The server is not told: its sessions stay until they expire.",
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
        let domain = self.domain.as_deref().map(host_of);
        let deleted = jar.remove(|cookie| self.selects(cookie, domain.as_deref(), now));
        file.save(&jar, None, deadline)?;
        let is_unmatched = deleted.is_empty() && (self.name.is_some() || self.domain.is_some());
        if is_unmatched {
            return Err(self.unmatched(&jar));
        }
        output.print(&DeletedCookies(deleted));
        Ok(())
    }
}

impl ClearCookiesArgs {
    fn selects(&self, cookie: &StoredCookie, domain: Option<&str>, now: Timestamp) -> bool {
        let by_name = self.name.as_ref().is_none_or(|name| cookie.name.0 == name.as_bytes());
        let by_domain = domain.is_none_or(|domain| {
            let name = cookie.domain_name().trim_matches(['[', ']']);
            let rest = name.strip_suffix(domain.trim_matches(['[', ']']));
            let is_address = name.parse::<IpAddr>().is_ok();
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.') && !is_address)
        });
        let by_expiry = !self.expired || cookie.is_expired(now);
        let by_kind = !self.session || cookie.expires.is_none();
        by_name && by_domain && by_expiry && by_kind
    }
    /// No cookie has this name and domain.
    fn unmatched(&self, jar: &Jar) -> Failure {
        let name = self.name.as_ref().map(|name| format!("with the name {name:?}"));
        let domain = self.domain.as_ref().map(|domain| format!("of the domain {domain:?}"));
        let wanted: Vec<String> = name.into_iter().chain(domain).collect();
        let mut domains: Vec<String> =
            jar.cookies().iter().map(|cookie| cookie.domain_name().to_owned()).collect();
        domains.sort();
        domains.dedup();
        let there = match domains.is_empty() {
            true => "it is empty".to_owned(),
            false => format!("it has cookies of {}; show-cookies lists them", domains.join(", ")),
        };
        Failure::failed(format!("nothing was deleted: the jar has no cookie {}; {there}", wanted.join(" ")))
    }
}

/// The host of a domain, as users write it: `app.example`, `.app.example`, `*.app.example`, `app.example:443`, or a URL.
fn host_of(domain: &str) -> String {
    let name = domain.trim_start_matches("*.").trim_start_matches('.');
    let url = if name.contains("://") { name.to_owned() } else { format!("http://{name}/") };
    let host = Url::parse(&url).ok().and_then(|url| url.host_str().map(str::to_owned));
    // An IPv6 address without brackets is not a host of a URL.
    host.unwrap_or_else(|| name.to_ascii_lowercase())
}
