//! `show-cookies`: prints the jar as a table, as JSON, as a file for curl, as a header, or one value.

use clap::{ArgGroup, Args, ValueEnum};
use url::Url;

use sessctl::clock::SystemClock;
use sessctl::cookies::value::decode;
use sessctl::cookies::{Jar, NetscapeDialect, StoredCookie, to_netscape};

use super::command::{Command, Context, Group};
use super::failure::{Failure, Outcome};
use super::target;
use crate::output::{CookieTable, DecodedCookies, Output};

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("form").args(["netscape", "header", "value", "decode"]))]
pub(super) struct ShowCookiesArgs {
    /// Only cookies with this name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Only the value of the cookie --name
    ///
    /// In full, for scripts.
    #[arg(long, requires = "name")]
    value: bool,
    /// Decode values (JWT, Flask, …)
    ///
    /// As far as that is possible without a key.
    #[arg(long)]
    decode: bool,
    /// As a cookies.txt for curl or wget
    ///
    /// In Netscape's format, for curl (the default), wget or python. wget does not know HttpOnly; Python's
    /// MozillaCookieJar loads session cookies with ignore_discard=True.
    #[arg(long, hide_possible_values = true, value_name = "FOR", num_args = 0..=1, require_equals = true, default_missing_value = "curl")]
    netscape: Option<NetscapeReader>,
    /// As the Cookie header for this URL
    ///
    /// A URL or a path.
    #[arg(long, value_name = "URL")]
    header: Option<String>,
}

/// The program that reads a `cookies.txt`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum NetscapeReader {
    Curl,
    Wget,
    Python,
}

impl From<NetscapeReader> for NetscapeDialect {
    fn from(reader: NetscapeReader) -> Self {
        match reader {
            NetscapeReader::Curl => NetscapeDialect::Curl,
            NetscapeReader::Wget => NetscapeDialect::Wget,
            NetscapeReader::Python => NetscapeDialect::Python,
        }
    }
}

impl Command for ShowCookiesArgs {
    const NAME: &'static str = "show-cookies";
    const GROUP: Group = Group::Cookies;
    const ABOUT: &'static str = "Show the cookies in the jar, and decode them";
    const EXAMPLES: &'static str = "  \
  sessctl show-cookies
  sessctl show-cookies --decode                  what the values contain
  sessctl show-cookies --name sessionid --value  for a script
  sessctl show-cookies --netscape > cookies.txt  for curl -b
  sessctl show-cookies --netscape=python         for MozillaCookieJar";
    const READS_CONFIG: bool = true;
    const SHARED_OPTIONS: &'static [&'static str] =
        &["json", "quiet", "reveal", "color", "lang", "profile", "jar", "base"];

    fn run(self, context: &Context, output: &mut Output) -> Outcome {
        let (jar, last_login) = context.client.jar_file()?.load(SystemClock)?;
        let is_named =
            |cookie: &StoredCookie| self.name.as_ref().is_none_or(|name| cookie.name.0 == name.as_bytes());
        let cookies: Vec<StoredCookie> = jar.cookies().into_iter().filter(is_named).collect();
        let base = context.client.base_url(last_login.as_ref())?;
        if let Some(url) = &self.header {
            let url = target::without_credentials(target::resolve(Some(url), &base)?);
            return print_header(&jar, &url, output);
        }
        if self.value {
            let cookie = the_one(&cookies, &jar, &base)?;
            output.answer_raw(&[&cookie.value.0[..], b"\n"].concat());
        } else if self.decode {
            let decoded = |cookie: StoredCookie| {
                let decoded = decode(&cookie.name.to_text(), &cookie.value.0, jar.now());
                (cookie, decoded)
            };
            output.print(&DecodedCookies(cookies.into_iter().map(decoded).collect()));
        } else if let Some(dialect) = self.netscape {
            print_netscape(&cookies, dialect.into(), output);
        } else {
            let name = self.name.filter(|_| !jar.cookies().is_empty());
            output.print(&CookieTable { cookies, name, now: jar.now() });
        }
        Ok(())
    }
}

fn print_netscape(cookies: &[StoredCookie], dialect: NetscapeDialect, output: &mut Output) {
    let export = to_netscape(cookies, dialect);
    for (cookie, why) in &export.rejected {
        let name = cookie.name.to_text();
        output.warn(&format!("skipped cookie {name}: it {why}, which a cookies.txt cannot represent"));
    }
    output.answer_raw(&export.text);
}

fn print_header(jar: &Jar, url: &Url, output: &mut Output) -> Outcome {
    match jar.cookies_for(url).0 {
        Some(header) => output.answer_raw(&[b"Cookie: ", header.as_bytes(), b"\n"].concat()),
        None => output.info(&format!("the jar has no cookies that would be sent to {url}")),
    }
    Ok(())
}

/// The cookie to print. Of several with the same name, the one that a request to the base URL would carry.
fn the_one<'a>(cookies: &'a [StoredCookie], jar: &Jar, base: &Url) -> Result<&'a StoredCookie, Failure> {
    match cookies {
        [] => Err(Failure::failed("cannot print the value: the jar has no cookie with this name")),
        [only] => Ok(only),
        several => {
            let sent = jar.sent_to(base);
            let at_base = several.iter().find(|cookie| sent.contains(cookie));
            at_base.ok_or_else(|| {
                let place = |cookie: &StoredCookie| format!("{}{}", cookie.domain_name(), cookie.path());
                let places: Vec<String> = several.iter().map(place).collect();
                Failure::failed(format!(
                    "cannot print the value: the jar has several cookies with this name (for {}); select one with --url BASE",
                    places.join(", ")
                ))
            })
        }
    }
}
