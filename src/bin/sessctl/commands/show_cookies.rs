//! `show-cookies`: prints the jar as a table, as JSON, as a file for another program, as a header, or one value.

use clap::{ArgGroup, Args, ValueEnum};
use url::Url;

use sessctl::clock::SystemClock;
use sessctl::cookies::value::decode;
use sessctl::cookies::{ExportFormat, ExportLoss, Jar, NetscapeDialect, StoredCookie, TokenSession, export};

use super::command::{Command, Context, Group};
use super::failure::{Failure, Outcome};
use super::target;
use crate::output::{CookieTable, DecodedCookies, Output};

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("form").args([
    "netscape", "storage_state", "httpie", "curl_config", "header", "value", "decode",
]))]
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
    /// As a storage state for Playwright
    ///
    /// For `storageState` of a browser context, in any browser.
    #[arg(long)]
    storage_state: bool,
    /// As a session for HTTPie or xh
    ///
    /// For `http --session=./FILE.json`.
    #[arg(long)]
    httpie: bool,
    /// As a configuration for curl -K
    ///
    /// It has the cookies that a request to --url would have, and curl sends them to any URL that you give it.
    #[arg(long)]
    curl_config: bool,
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
  sessctl show-cookies --netscape=python         for MozillaCookieJar
  sessctl show-cookies --storage-state > state.json   for Playwright";
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
        } else if let Some(format) = self.format() {
            let is_for_one_request = format == ExportFormat::CurlConfig;
            let cookies = if is_for_one_request { jar.sent_to(&base) } else { cookies };
            print_export(&cookies, format, output);
        } else {
            let wanted = self.name.clone();
            let name = self.name.filter(|_| !jar.cookies().is_empty());
            let tokens = context.client.token_file()?.map_or(Ok(Vec::new()), |file| file.load())?;
            let is_named = |session: &TokenSession| wanted.as_ref().is_none_or(|name| session.name == *name);
            let tokens = tokens.into_iter().filter(is_named).collect();
            output.print(&CookieTable { cookies, tokens, name, now: jar.now() });
        }
        Ok(())
    }
}

impl ShowCookiesArgs {
    /// The format for another program.
    fn format(&self) -> Option<ExportFormat> {
        let formats = [
            (self.storage_state, ExportFormat::StorageState),
            (self.httpie, ExportFormat::Httpie),
            (self.curl_config, ExportFormat::CurlConfig),
        ];
        let netscape = self.netscape.map(|reader| ExportFormat::Netscape(reader.into()));
        netscape.or_else(|| formats.into_iter().find_map(|(is_wanted, format)| is_wanted.then_some(format)))
    }
}

fn print_export(cookies: &[StoredCookie], format: ExportFormat, output: &mut Output) {
    let export = export(cookies, format);
    for (cookie, why) in &export.rejected {
        let name = cookie.name.to_text();
        output.warn(&format!("skipped cookie {name}: it {why}, which {format} cannot represent"));
    }
    let mut losses: Vec<(ExportLoss, Vec<String>)> = Vec::new();
    for (cookie, loss) in &export.losses {
        let name = cookie.name.to_text().into_owned();
        match losses.iter_mut().find(|(known, _)| known == loss) {
            Some((_, names)) => names.push(name),
            None => losses.push((*loss, vec![name])),
        }
    }
    for (loss, names) in losses {
        output.info(&format!("{format} cannot represent {loss} ({})", names.join(", ")));
    }
    output.answer_raw(&export.content);
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
