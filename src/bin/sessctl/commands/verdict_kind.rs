//! [`VerdictKind`]: the word in JSON and in the history for how a command ended. The words are stable.

use std::fmt;

use serde::Serialize;

use sessctl::client::auth::{LoginOutcome, LoginState, LogoutOutcome};

use super::exit::Exit;

/// How a command ended. The guide has the same table: a test compares them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum VerdictKind {
    /// The command did what it was asked to do.
    #[default]
    Succeeded,
    /// A session began, or `status` found one.
    LoggedIn,
    /// The server ended the session, or `status` found none.
    LoggedOut,
    /// `status` found no page that shows whether there is a session.
    Unknown,
    /// The cookie was deleted, but the old cookies still open the session.
    OnlyCookieGone,
    /// The logout changed nothing.
    StillLoggedIn,
    /// The single sign-on session is still alive, or logged the client in again.
    SignOnAlive,
    /// There was no session to log out of, or its token could not be renewed.
    NotLoggedIn,
    /// The page has no logout form or link.
    NoLogoutControl,
    /// The application refused the user name, the password or the code.
    Refused,
    /// The application asks for a one-time code or another second factor.
    SecondFactor,
    /// The application asks for a step that is neither a second factor nor a consent.
    AnotherStep,
    /// A page asks the user to confirm the sign-on.
    Consent,
    /// JavaScript renders or sends the login form.
    ScriptOnly,
    /// The page has a captcha.
    Captcha,
    /// The server limits the rate of requests (429).
    RateLimited,
    /// There is no login form, or no form that was asked for.
    NoForm,
    /// No page shows whether there is a session.
    NoEvidence,
    /// The client rejected the cookie that the server sent.
    CookieRejected,
    /// The server failed (5xx).
    ServerError,
    /// The server answered with another error (4xx).
    ClientError,
    /// An expectation of the options was not met.
    ExpectationFailed,
    /// A redirect was not followed (`--max-redirects 0`).
    RedirectNotFollowed,
    /// There were too many redirects.
    TooManyRedirects,
    /// The connection was refused or failed.
    NoConnection,
    /// The certificate of the server is not trusted.
    UntrustedCertificate,
    /// A page asked for a password over clear text, or for another site. It was not sent.
    UnsafePassword,
    /// The time limit was reached.
    TimedOut,
    /// The audit found a fault that counts.
    Findings,
    /// The login, the application, a limit or a signal stopped the audit, which found no fault.
    Incomplete,
    /// An argument is wrong, or the form needs a value that was not given.
    UsageError,
    /// Anything else failed, such as a file.
    Failed,
}

/// The word, as in JSON.
impl fmt::Display for VerdictKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// The kind of a failure about which nothing but its exit code is known.
impl From<Exit> for VerdictKind {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Success => VerdictKind::Succeeded,
            Exit::Failed => VerdictKind::Failed,
            Exit::Usage => VerdictKind::UsageError,
            Exit::Redirect => VerdictKind::RedirectNotFollowed,
            Exit::ClientError => VerdictKind::ClientError,
            Exit::ServerError => VerdictKind::ServerError,
            Exit::TooManyRedirects => VerdictKind::TooManyRedirects,
            Exit::Unmet => VerdictKind::ExpectationFailed,
            Exit::Timeout => VerdictKind::TimedOut,
        }
    }
}

impl From<&LoginOutcome> for VerdictKind {
    fn from(outcome: &LoginOutcome) -> Self {
        match outcome {
            LoginOutcome::LoggedIn => VerdictKind::LoggedIn,
            LoginOutcome::Refused { .. } => VerdictKind::Refused,
            LoginOutcome::SecondFactor => VerdictKind::SecondFactor,
            LoginOutcome::AnotherStep { .. } => VerdictKind::AnotherStep,
            LoginOutcome::Consent { .. } => VerdictKind::Consent,
            LoginOutcome::ScriptOnly => VerdictKind::ScriptOnly,
            LoginOutcome::Captcha => VerdictKind::Captcha,
            LoginOutcome::RateLimited { .. } => VerdictKind::RateLimited,
            LoginOutcome::CookieRejected { .. } => VerdictKind::CookieRejected,
            LoginOutcome::ServerError { .. } => VerdictKind::ServerError,
            _ => VerdictKind::NoEvidence,
        }
    }
}

impl From<&LoginState> for VerdictKind {
    fn from(state: &LoginState) -> Self {
        match state {
            LoginState::LoggedIn => VerdictKind::LoggedIn,
            LoginState::LoggedOut(_) => VerdictKind::LoggedOut,
            _ => VerdictKind::Unknown,
        }
    }
}

impl From<&LogoutOutcome> for VerdictKind {
    fn from(outcome: &LogoutOutcome) -> Self {
        match outcome {
            LogoutOutcome::EndedOnServer => VerdictKind::LoggedOut,
            LogoutOutcome::OnlyCookieGone => VerdictKind::OnlyCookieGone,
            LogoutOutcome::StillLoggedIn => VerdictKind::StillLoggedIn,
            LogoutOutcome::SignOnAlive { .. } => VerdictKind::SignOnAlive,
            LogoutOutcome::Unavailable { status: 429 } => VerdictKind::RateLimited,
            LogoutOutcome::Unavailable { .. } => VerdictKind::ServerError,
            _ => VerdictKind::NoEvidence,
        }
    }
}
