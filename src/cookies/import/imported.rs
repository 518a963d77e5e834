//! [`Imported`]: what an import found, and why parts of it were left out.

use std::{fmt, io};

use thiserror::Error;

use crate::cookies::json_error::without_values;
use crate::cookies::reason::{Reason, Stage};
use crate::cookies::stored_cookie::StoredCookie;

/// The format of a file with cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImportFormat {
    /// `cookies.txt`, as curl, wget and browser extensions write it.
    Netscape,
    /// A jar of sessctl, or the output of `show-cookies --json`.
    Sessctl,
    /// A session of HTTPie.
    Httpie,
    /// A session of xh.
    Xh,
    /// A storage state of Playwright.
    Playwright,
    /// The JSON export of a browser extension, such as Cookie-Editor or EditThisCookie.
    Extension,
    /// The cookies of a WebDriver client, such as Selenium.
    WebDriver,
    /// The cookies of the DevTools protocol, as Puppeteer returns them.
    DevTools,
    /// A jar of tough-cookie.
    ToughCookie,
    /// An HTTP archive, as the network panel of a browser saves it.
    Har,
    /// A curl command line, as the network panel of a browser copies it.
    CurlCommand,
    /// The value of a `Cookie` header.
    CookieHeader,
    /// Firefox's `cookies.sqlite`.
    Firefox,
}

impl fmt::Display for ImportFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ImportFormat::Netscape => "a Netscape cookies.txt",
            ImportFormat::Sessctl => "a jar of sessctl",
            ImportFormat::Httpie => "an HTTPie session",
            ImportFormat::Xh => "an xh session",
            ImportFormat::Playwright => "a storage state of Playwright",
            ImportFormat::Extension => "an export of a browser extension",
            ImportFormat::WebDriver => "cookies of a WebDriver client",
            ImportFormat::DevTools => "cookies of the DevTools protocol",
            ImportFormat::ToughCookie => "a jar of tough-cookie",
            ImportFormat::Har => "an HTTP archive (HAR)",
            ImportFormat::CurlCommand => "a curl command line",
            ImportFormat::CookieHeader => "a Cookie header",
            ImportFormat::Firefox => "a cookie database of Firefox",
        })
    }
}

/// Why no cookies could be read from a file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The format is unknown.
    #[error(
        "its format is unknown; supported are a Netscape cookies.txt, a jar of sessctl, an HTTPie or xh session, a \
         storage state of Playwright, the JSON exports of browser extensions, WebDriver, DevTools and tough-cookie, \
         an HTTP archive (HAR), a curl command line, a Cookie header, and Firefox's cookies.sqlite"
    )]
    Unknown,
    /// The format is known, but cannot be imported.
    #[error("it is {what}: {instead}")]
    Unsupported {
        /// What the file is.
        what: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
    /// The file has no cookies.
    #[error("it has no cookies: {why}")]
    NoCookies {
        /// Why, and what to do.
        why: &'static str,
    },
    /// The format names no host, and no URL was given.
    #[error("it is {format}, which names no host; give one with --url")]
    HostNeeded {
        /// The format.
        format: ImportFormat,
    },
    /// The operating system reported an error.
    #[error("cannot {action}: {source}")]
    Io {
        /// The operation.
        action: &'static str,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The format is known, but the file is invalid.
    #[error("it looks like {format}, but {why}")]
    Broken {
        /// The format that it seems to have.
        format: ImportFormat,
        /// What is wrong, and where.
        why: String,
    },
}

/// The result of an import.
#[derive(Debug)]
#[non_exhaustive]
pub struct Imported {
    /// The format of the file.
    pub format: ImportFormat,
    /// The cookies, oldest first.
    pub cookies: Vec<StoredCookie>,
    /// The cookies that were left out.
    pub rejected: Vec<ImportRejection>,
    /// The places at which the file says something that a jar cannot represent, and what was done about it.
    pub notes: Vec<(String, ImportNote)>,
}

/// Something in a file that a jar cannot represent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImportNote {
    /// The cookie is partitioned for its own site. The jar sends it as any other cookie.
    Partitioned,
    /// The domain starts with a dot, but the file says that the hosts below do not get the cookie.
    DotIgnored,
    /// The format has only names and values: each cookie is for one host, for all its paths, and has no expiry.
    NoAttributes,
    /// The format has no session cookies.
    NoSessionCookies,
    /// It is something else than a cookie, and was left out.
    NotACookie,
}

impl fmt::Display for ImportNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ImportNote::Partitioned => {
                "it is partitioned; a jar has no partitions, so it is kept as a usual cookie"
            }
            ImportNote::DotIgnored => {
                "its domain starts with a dot but its second field is FALSE: it is for that host only"
            }
            ImportNote::NoAttributes => {
                "it has only names and values: each cookie is for this host and all its paths, without an expiry"
            }
            ImportNote::NoSessionCookies => {
                "Firefox keeps session cookies in memory, so it has only cookies with an expiry"
            }
            ImportNote::NotACookie => "it was left out: a jar holds only cookies",
        })
    }
}

/// A cookie of a file that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImportRejection {
    /// Its place in the file: `line 5`, `cookie 3`.
    pub place: String,
    /// Why it was left out.
    pub cause: RejectionCause,
}

/// Why a cookie of a file was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RejectionCause {
    /// A rule of RFC 6265bis.
    Rule(Reason),
    /// It is partitioned: only pages of this site send it.
    Partitioned(String),
    /// Its value was masked when the file was written.
    Masked,
    /// It could not be read.
    Unreadable(String),
}

impl fmt::Display for RejectionCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RejectionCause::Rule(reason) => {
                let explanation = reason.explain(Stage::Storing);
                write!(f, "{reason}: {} (RFC 6265bis {})", explanation.rule, explanation.section)
            }
            RejectionCause::Partitioned(site) => {
                write!(f, "it is partitioned: only pages of {site} that embed its site send it")
            }
            RejectionCause::Masked => {
                f.write_str("its value was masked when the file was written; record the file with --reveal")
            }
            RejectionCause::Unreadable(why) => f.write_str(why),
        }
    }
}

impl From<Reason> for RejectionCause {
    fn from(reason: Reason) -> Self {
        RejectionCause::Rule(reason)
    }
}

impl From<&str> for RejectionCause {
    fn from(why: &str) -> Self {
        RejectionCause::Unreadable(why.to_owned())
    }
}

impl From<serde_json::Error> for RejectionCause {
    fn from(error: serde_json::Error) -> Self {
        RejectionCause::Unreadable(without_values(&error))
    }
}

impl Imported {
    pub(super) fn new(format: ImportFormat) -> Self {
        Imported { format, cookies: Vec::new(), rejected: Vec::new(), notes: Vec::new() }
    }

    pub(super) fn add(&mut self, place: String, cookie: Result<StoredCookie, RejectionCause>) {
        match cookie {
            Ok(cookie) => self.cookies.push(cookie),
            Err(cause) => self.reject(place, cause),
        }
    }

    pub(super) fn note(&mut self, place: &str, note: ImportNote) {
        self.notes.push((place.to_owned(), note));
    }

    pub(super) fn reject(&mut self, place: String, cause: impl Into<RejectionCause>) {
        self.rejected.push(ImportRejection { place, cause: cause.into() });
    }
}
