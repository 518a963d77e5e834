//! [`Imported`]: what an import found, and why parts of it were left out.

use std::fmt;

use thiserror::Error;

use crate::cookies::json_error::without_values;
use crate::cookies::reason::Reason;
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

/// Why no cookies could be read from a file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The format is unknown.
    #[error(
        "its format is unknown; supported are a Netscape cookies.txt, a jar of sessctl, an HTTPie or xh session, a \
         storage state of Playwright and an HTTP archive (HAR)"
    )]
    Unknown,
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
    /// It could not be read.
    Unreadable(String),
}

impl fmt::Display for RejectionCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RejectionCause::Rule(reason) => reason.fmt(f),
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
        Imported { format, cookies: Vec::new(), rejected: Vec::new() }
    }

    pub(super) fn add(&mut self, place: String, cookie: Result<StoredCookie, RejectionCause>) {
        match cookie {
            Ok(cookie) => self.cookies.push(cookie),
            Err(cause) => self.reject(place, cause),
        }
    }

    pub(super) fn reject(&mut self, place: String, cause: impl Into<RejectionCause>) {
        self.rejected.push(ImportRejection { place, cause: cause.into() });
    }
}
