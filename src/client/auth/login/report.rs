//! [`LoginReport`]: the result of a login that was tried.

use std::time::Duration;

use url::Url;

use super::pending::PendingLogin;
use crate::client::auth::evidence::Evidence;
use crate::client::html::blocker::Blocker;
use crate::client::http::response::Response;
use crate::client::http::retry_after::retry_after;
use crate::clock::Timestamp;
use crate::cookies::{ByteString, Reason};

/// The result of a login that was tried.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LoginReport {
    /// Whether a session began.
    pub outcome: LoginOutcome,
    /// What shows that it began.
    pub evidence: Vec<Evidence>,
    /// The page that shows the session; without a session, the page on which the login ended.
    pub page: Url,
    /// The user name that was sent, if the form has a field for it.
    pub user: Option<String>,
    /// What on the pages needs a person with a browser.
    pub blockers: Vec<Blocker>,
    /// The login, if its last page asks for a further step that a form answers, or refuses the answer and asks again.
    pub pending: Option<PendingLogin>,
    /// The entries of the storage of the browser that look like tokens. They are secrets.
    #[cfg(feature = "browser")]
    pub storage: Vec<crate::client::browser::StoredItem>,
}

/// Whether a session began.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoginOutcome {
    /// A session began.
    LoggedIn,
    /// The application refused the credentials.
    Refused {
        /// Status of the answer.
        status: u16,
        /// The messages of the application.
        messages: Vec<String>,
    },
    /// The application asks for a one-time code or another second factor.
    SecondFactor,
    /// The application asks for a step that is neither a second factor nor a consent, such as a new password.
    AnotherStep {
        /// The messages of the page.
        messages: Vec<String>,
    },
    /// A page asks the user to confirm the sign-on.
    Consent {
        /// The button that confirms it, if the page has several.
        button: Option<String>,
    },
    /// JavaScript sends the login form, so the password did not arrive.
    ScriptOnly,
    /// The application asks for a captcha.
    Captcha,
    /// The server limits the rate of requests.
    RateLimited {
        /// How long the server asks to wait (`Retry-After`).
        retry_after: Option<Duration>,
    },
    /// The server sent a cookie that this client may not store.
    CookieRejected {
        /// The name of the cookie.
        name: ByteString,
        /// The rule that it breaks.
        reason: Reason,
    },
    /// The server failed.
    ServerError {
        /// Status of the answer.
        status: u16,
        /// The messages of the application.
        messages: Vec<String>,
    },
    /// No page differs between a logged-in and an anonymous client.
    NoEvidence {
        /// The messages of the application.
        messages: Vec<String>,
        /// What the page of the report shows instead.
        shows: NoSession,
    },
}

/// What a page shows that does not show a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoSession {
    /// It is the same page with and without the cookies of the login.
    SamePage,
    /// It fails only with the cookies of the login.
    FailsWithCookies {
        /// The status with the cookies.
        with: u16,
        /// The status without.
        without: u16,
    },
    /// It still asks for a login.
    LoginFormRemains,
    /// HTTP Basic authentication opens it, but the cookies alone do not.
    NeedsBasic,
}

impl LoginOutcome {
    /// Whether the login goes on with a further step.
    pub(super) const fn is_open_step(&self) -> bool {
        matches!(
            self,
            LoginOutcome::SecondFactor | LoginOutcome::AnotherStep { .. } | LoginOutcome::Consent { .. }
        )
    }

    /// The outcome of an answer that shows no session, by the status of the answer, which arrived at `now`.
    pub(super) fn of_failure(
        status: u16,
        response: &Response,
        messages: Vec<String>,
        now: Timestamp,
    ) -> Self {
        match status {
            429 => LoginOutcome::RateLimited { retry_after: retry_after(&response.headers, now) },
            500.. => LoginOutcome::ServerError { status, messages },
            _ => LoginOutcome::Refused { status, messages },
        }
    }
}

impl LoginReport {
    /// Decides by the text that the caller expects. A report starts as refused.
    pub(super) fn decide_by_text(&mut self, text: &str, response: &Response) {
        if response.text().contains(text) {
            self.evidence.push(Evidence::ExpectedText(text.to_owned()));
            self.outcome = LoginOutcome::LoggedIn;
        }
    }
}
