//! Cookies from the files of other programs.

mod har;
mod netscape;
mod session;

use std::fmt;
use std::net::Ipv6Addr;

use cookie_store::{CookieDomain, CookiePath};
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;
use url::Host;

use super::policy;
use super::reason::Reason;
use super::set_cookie::within_longest_life;
use super::stored_cookie::{ByteString, SameSite, StoredCookie};
use crate::clock::Timestamp;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImportFormat {
    /// `cookies.txt`, as curl, wget and browser extensions write it.
    Netscape,
    /// A jar of ours, or what `show-cookies --json` prints.
    Sessctl,
    /// A session of HTTPie.
    Httpie,
    /// A session of xh.
    Xh,
    /// The state of a browser that Playwright drove.
    Playwright,
    /// An HTTP archive, as the network panel of a browser saves it.
    Har,
}

impl fmt::Display for ImportFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ImportFormat::Netscape => "a Netscape cookies.txt",
            ImportFormat::Sessctl => "a jar of sessctl",
            ImportFormat::Httpie => "an HTTPie session",
            ImportFormat::Xh => "an xh session",
            ImportFormat::Playwright => "a storage state of Playwright",
            ImportFormat::Har => "an HTTP archive (HAR)",
        })
    }
}

/// Why a file holds no cookies for us.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ImportError {
    /// It is no format that we know.
    #[error(
        "it is none of: a Netscape cookies.txt, a jar of sessctl, an HTTPie or xh session, an HTTP archive (HAR)"
    )]
    Unknown,
    /// It looks like one, and is not.
    #[error("it looks like {format}, but {why}")]
    Broken {
        /// What it looks like.
        format: ImportFormat,
        /// What is wrong, and where.
        why: String,
    },
}

/// What a file held.
#[derive(Debug)]
pub struct Imported {
    /// What the file is.
    pub format: ImportFormat,
    /// Its cookies, oldest first.
    pub cookies: Vec<StoredCookie>,
    /// What in it is no cookie that a jar may hold.
    pub rejected: Vec<ImportRejection>,
}

/// A cookie of a file that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRejection {
    /// Where in the file it stands: `line 5`, `cookie 3`.
    pub place: String,
    /// Why it was left out.
    pub cause: RejectionCause,
}

/// Why a cookie of a file was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RejectionCause {
    /// The jar may not hold it.
    Rule(Reason),
    /// It could not be read.
    Unreadable(String),
}

impl RejectionCause {
    /// In words that hold nothing of the file: what stands there may be a secret.
    fn unreadable(error: &serde_json::Error) -> Self {
        RejectionCause::Unreadable(without_values(&error.to_string()))
    }
}

/// An error of the JSON parser without the text that it quotes.
pub(super) fn without_values(error: &str) -> String {
    match (error.find("string \""), error.rfind("\", expected")) {
        (Some(start), Some(end)) if start + 8 <= end => format!("{}…{}", &error[..start + 8], &error[end..]),
        _ => error.to_owned(),
    }
}

impl fmt::Display for RejectionCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RejectionCause::Rule(reason) => reason.fmt(f),
            RejectionCause::Unreadable(why) => f.write_str(why),
        }
    }
}

/// A cookie as a file has it, before anybody asks whether a jar may hold it.
#[derive(Debug)]
struct Candidate {
    name: ByteString,
    value: ByteString,
    domain: String,
    host_only: bool,
    path: String,
    expires: Option<Timestamp>,
    secure: bool,
    http_only: bool,
    same_site: Option<SameSite>,
}

/// Reads a file of any known format. Cookies for which the file names no host are for `host`.
///
/// # Errors
/// [`ImportError`], when it is of none.
pub fn import(file: &[u8], host: Option<&str>, now: Timestamp) -> Result<Imported, ImportError> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    if !file.trim_ascii_start().starts_with(b"{") {
        return netscape::read(file, now);
    }
    let mut imported = match serde_json::from_slice::<Value>(file) {
        Err(error) => {
            return Err(ImportError::Broken { format: ImportFormat::Sessctl, why: error.to_string() });
        }
        Ok(document) if document.get("log").is_some() => har::read(document),
        Ok(document) if document.get("__meta__").is_some() => session::read(&document, host, now),
        Ok(document) if document.get("origins").is_some() => session::read(&document, host, now),
        Ok(document) if document.get("cookies").is_some() => own(document, now),
        Ok(_) => Err(ImportError::Unknown),
    }?;
    let (kept, expired): (Vec<_>, Vec<_>) =
        imported.cookies.into_iter().partition(|cookie| !cookie.is_expired(now));
    imported.cookies = kept;
    imported.rejected.extend(expired.into_iter().map(|cookie| ImportRejection {
        place: format!("cookie {}", cookie.name.to_text()),
        cause: RejectionCause::Rule(Reason::Expired),
    }));
    Ok(imported)
}

/// A jar file, or what `show-cookies --json` prints.
fn own(document: Value, now: Timestamp) -> Result<Imported, ImportError> {
    #[derive(Deserialize)]
    struct Document {
        #[serde(default)]
        version: u32,
        cookies: Vec<Value>,
    }
    let broken = |why: String| ImportError::Broken { format: ImportFormat::Sessctl, why };
    let document: Document =
        serde_json::from_value(document).map_err(|error| broken(without_values(&error.to_string())))?;
    if document.version > 1 {
        return Err(broken(format!("it has version {}, and 1 is the latest known", document.version)));
    }
    let mut imported = Imported { format: ImportFormat::Sessctl, cookies: Vec::new(), rejected: Vec::new() };
    for (index, cookie) in document.cookies.into_iter().enumerate() {
        match serde_json::from_value::<StoredCookie>(cookie) {
            Ok(cookie) => {
                let expires = cookie.expires.map(|end| within_longest_life(end, now));
                imported.take(index, policy::still_admitted(StoredCookie { expires, ..cookie }));
            }
            Err(error) => imported.refuse(place(index), RejectionCause::unreadable(&error)),
        }
    }
    Ok(imported)
}

impl Imported {
    fn take(&mut self, index: usize, cookie: Result<StoredCookie, Reason>) {
        match cookie {
            Ok(cookie) => self.cookies.push(cookie),
            Err(reason) => self.refuse(place(index), RejectionCause::Rule(reason)),
        }
    }

    fn refuse(&mut self, place: String, why: RejectionCause) {
        self.rejected.push(ImportRejection { place, cause: why });
    }
}

fn place(index: usize) -> String {
    format!("cookie {}", index + 1)
}

/// The host in what a program calls the domain of a cookie: perhaps with a dot before it, with a port, with the ending
/// that Python's cookie jar gives to names without a dot; IPv6 with or without brackets.
fn host_in(domain: &str) -> Option<Host> {
    let bare_v6 = |text: &str| text.parse::<Ipv6Addr>().ok().map(Host::Ipv6);
    let without_port = domain.rsplit_once(':').filter(|(_, port)| port.bytes().all(|it| it.is_ascii_digit()));
    let without_port = without_port.map(|(host, _)| host);
    if let Some(address) = bare_v6(domain).or_else(|| without_port.and_then(bare_v6)) {
        return Some(address);
    }
    let name = if domain.ends_with(']') { domain } else { without_port.unwrap_or(domain) };
    let name = name.trim_start_matches('.');
    let name = name.strip_suffix(".local").filter(|name| !name.contains('.')).unwrap_or(name);
    Host::parse(name).ok()
}

impl Candidate {
    /// The cookie, if a jar may hold it.
    fn admit(self, now: Timestamp) -> Result<StoredCookie, Reason> {
        let host = host_in(&self.domain).ok_or(Reason::InvalidDomain)?;
        // A host without domains below it, whatever the file says.
        let is_alone = !matches!(&host, Host::Domain(name) if name != "localhost");
        let name = host.to_string();
        let domain = if self.host_only || is_alone {
            CookieDomain::HostOnly(name)
        } else {
            CookieDomain::Suffix(name)
        };
        let path =
            CookiePath::parse(&self.path).or_else(|| CookiePath::parse("/")).ok_or(Reason::SyntaxError)?;
        let cookie = StoredCookie {
            name: self.name,
            value: self.value,
            domain,
            path,
            expires: self.expires.map(|expires| within_longest_life(expires, now)),
            secure: self.secure,
            http_only: self.http_only,
            same_site: self.same_site,
            created: now,
            last_used: now,
        };
        if cookie.is_expired(now) { Err(Reason::Expired) } else { policy::still_admitted(cookie) }
    }
}
