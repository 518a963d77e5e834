//! [`LogoutReport`]: the result of a logout that was tried.

use thiserror::Error;
use url::Url;

use crate::client::auth::evidence::ControlSeen;
use crate::client::http::error::ClientError;
use crate::cookies::ByteString;

/// The result of a logout.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LogoutReport {
    /// Whether the session ended.
    pub outcome: LogoutOutcome,
    /// The form, link or request that was used.
    pub control: ControlSeen,
    /// The form or link that confirmed the logout on the next page.
    pub confirmed: Option<ControlSeen>,
    /// A plain `GET` logged out, so any link or image of any site can log this user out.
    pub by_get: bool,
    /// The names of the cookies that are no longer sent to the page.
    pub removed: Vec<ByteString>,
    /// The name of the token that this client no longer has, if the session was one with a token.
    pub forgotten: Option<String>,
    /// The page that shows whether there is a session.
    pub page: Url,
    /// The replay of the old cookies logged this client in again, so the control was used twice.
    pub revived: bool,
    /// The session ended, but the cookies that are left in the jar log this client in again.
    pub logged_in_again: bool,
}

/// Whether the session ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogoutOutcome {
    /// The server ended the session: the old cookies are useless.
    EndedOnServer,
    /// Only the cookie was deleted: anyone who has the old cookies is still logged in.
    OnlyCookieGone,
    /// This client is still logged in.
    StillLoggedIn,
    /// The application may have ended its session, but the single sign-on has not.
    SignOnAlive {
        /// The host of the single sign-on, with its port.
        host: String,
        /// It has already logged this client in again.
        logs_in_again: bool,
    },
    /// The server fails, or limits the rate of requests, and does not show whether a client is logged in.
    Unavailable {
        /// The status of its answer.
        status: u16,
    },
    /// The page does not show whether a client is logged in.
    NoEvidence,
}

/// Why a logout was not tried.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LogoutError {
    /// A request failed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The page has no logout control.
    #[error("no logout form or link on {url}: {}", if *.login_form { "the page shows a login form, so this client is not logged in" } else { "name a page that has one" })]
    NoControl {
        /// The page.
        url: Box<Url>,
        /// It has a login form instead.
        login_form: bool,
    },
    /// A script runs the logout control of the page, and no common logout path ended the session.
    #[error("cannot use the logout control {control} on {url}: a script runs it, which only a browser does")]
    ScriptedControl {
        /// The page.
        url: Box<Url>,
        /// What the control is: its text, and its `javascript:` address.
        control: String,
    },
}
