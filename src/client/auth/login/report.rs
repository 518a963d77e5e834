//! [`LoginReport`]: the result of a login that was tried.

use url::Url;

use crate::client::auth::evidence::Evidence;
use crate::client::html::blocker::Blocker;
use crate::client::http::agent::Response;

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
    /// The application asks for a further step, such as a one-time code.
    CodeNeeded,
    /// No page differs between a logged-in and an anonymous client.
    NoEvidence {
        /// The messages of the application.
        messages: Vec<String>,
    },
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
