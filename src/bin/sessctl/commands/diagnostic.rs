//! [`Diagnostic`]: the exit code and the hint of each error type.

use std::error::Error;

use sessctl::client::form::NoSuchForm;
use sessctl::client::http::PasswordRisk;
use sessctl::client::{ClientError, LogoutError, SubmitError};
use sessctl::server::TlsError;
use sessctl::session::ConfigError;

use super::exit::Exit;
use super::verdict_kind::VerdictKind;
use crate::output::error_chain;
use crate::texts::Message;
use crate::tour::TourError;

/// What an error means to scripts and what the user can do about it.
pub(super) type Diagnosis = (Exit, Option<Message>);

/// An error that knows its exit code and, if there is one, its hint.
pub(super) trait Diagnostic: Error {
    /// What failed, with its causes.
    fn message(&self) -> Message
    where
        Self: Sized + 'static,
    {
        error_chain(self).into()
    }

    fn diagnosis(&self) -> Diagnosis {
        (Exit::Failed, None)
    }

    /// The word for it in JSON.
    fn kind(&self) -> VerdictKind {
        self.diagnosis().0.into()
    }
}

impl Diagnostic for ClientError {
    fn message(&self) -> Message {
        let english = error_chain(self);
        let new = |key| Message::new(key, &english);
        match self {
            ClientError::Refused { host } => new("error-refused").with("host", host.as_str()),
            ClientError::Connect { host, why } => {
                new("error-connect").with("host", host.as_str()).with("why", why.as_str())
            }
            ClientError::Certificate { host, why } => {
                new("error-certificate").with("host", host.as_str()).with("why", why.as_str())
            }
            ClientError::TimedOut { host, limit, .. } => new("error-timed-out")
                .with("host", host.as_str())
                .with("limit", limit.as_secs_f32().to_string()),
            ClientError::Protocol { host, why } => {
                new("error-protocol").with("host", host.as_str()).with("why", why.as_str())
            }
            ClientError::BodyTooLarge { url, limit } => {
                new("error-body-too-large").with("url", url.as_str()).with("limit", limit.to_string())
            }
            ClientError::PageTooLarge { url, limit } => {
                new("error-page-too-large").with("url", url.as_str()).with("limit", limit.to_string())
            }
            ClientError::UnsafePassword { target, risk } => {
                let english = risk.to_string();
                let risk = match risk {
                    PasswordRisk::Challenge => Message::new("error-password-challenge", english),
                    PasswordRisk::ClearText => Message::new("error-password-clear-text", english),
                    PasswordRisk::OtherSite(named) => {
                        Message::new("error-password-other-site", english).with("named", named.as_str())
                    }
                    _ => english.into(),
                };
                new("error-unsafe-password").with("target", target.as_str()).with("risk", risk)
            }
            ClientError::TokenNotRenewed { origin, why, .. } => {
                new("error-token-not-renewed").with("origin", origin.as_str()).with("why", why.as_str())
            }
            ClientError::TooManyRedirects { limit, target } => new("error-too-many-redirects")
                .with("limit", limit.to_string())
                .with("target", target.as_str()),
            _ => english.into(),
        }
    }

    fn diagnosis(&self) -> Diagnosis {
        match self {
            ClientError::TimedOut { .. } => (Exit::Timeout, None),
            ClientError::TooManyRedirects { .. } => (Exit::TooManyRedirects, None),
            ClientError::TokenNotRenewed { .. } => (Exit::Unmet, None),
            ClientError::UnsafePassword { .. } => (
                Exit::Unmet,
                Some(Message::new(
                    "error-unsafe-password-hint",
                    "name the address yourself if you trust it; --allow-insecure-password sends the password anyway",
                )),
            ),
            ClientError::Refused { .. } => (
                Exit::Failed,
                Some(Message::new(
                    "error-refused-hint",
                    "is the server running? --wait 10s retries while it starts",
                )),
            ),
            ClientError::Certificate { .. } => (
                Exit::Failed,
                Some(Message::new(
                    "error-certificate-hint",
                    "--cacert FILE trusts a further certificate authority; --insecure accepts any certificate",
                )),
            ),
            _ => (Exit::Failed, None),
        }
    }

    fn kind(&self) -> VerdictKind {
        match self {
            ClientError::Refused { .. } | ClientError::Connect { .. } => VerdictKind::NoConnection,
            ClientError::Certificate { .. } => VerdictKind::UntrustedCertificate,
            ClientError::UnsafePassword { .. } => VerdictKind::UnsafePassword,
            ClientError::TokenNotRenewed { .. } => VerdictKind::NotLoggedIn,
            _ => self.diagnosis().0.into(),
        }
    }
}

impl Diagnostic for LogoutError {
    fn message(&self) -> Message {
        let english = error_chain(self);
        let new = |key| Message::new(key, &english);
        match self {
            LogoutError::Client(error) => error.message(),
            LogoutError::NoControl { url, login_form: true } => {
                new("error-not-logged-in").with("url", url.as_str())
            }
            LogoutError::NoControl { url, .. } => new("error-no-logout-control").with("url", url.as_str()),
            LogoutError::ScriptedControl { url, control } => new("error-scripted-logout-control")
                .with("url", url.as_str())
                .with("control", control.as_str()),
            _ => english.into(),
        }
    }

    fn diagnosis(&self) -> Diagnosis {
        match self {
            LogoutError::Client(error) => error.diagnosis(),
            LogoutError::ScriptedControl { .. } => (
                Exit::Unmet,
                Some(Message::new(
                    "error-scripted-logout-control-hint",
                    "logout PATH uses the address that the script requests; a browser's developer tools show it",
                )),
            ),
            _ => (Exit::Unmet, None),
        }
    }

    fn kind(&self) -> VerdictKind {
        match self {
            LogoutError::Client(error) => error.kind(),
            LogoutError::NoControl { login_form: true, .. } => VerdictKind::NotLoggedIn,
            LogoutError::NoControl { .. } => VerdictKind::NoLogoutControl,
            LogoutError::ScriptedControl { .. } => VerdictKind::ScriptOnly,
            _ => self.diagnosis().0.into(),
        }
    }
}

impl Diagnostic for SubmitError {
    fn message(&self) -> Message {
        let english = error_chain(self);
        match self {
            SubmitError::Client(error) => error.message(),
            SubmitError::NoSuchForm(error) => no_such_form(error, english),
            _ => english.into(),
        }
    }

    fn diagnosis(&self) -> Diagnosis {
        match self {
            SubmitError::Client(error) => error.diagnosis(),
            SubmitError::NoSuchForm(NoSuchForm::None { .. }) => (Exit::Failed, None),
            SubmitError::NoSuchForm(_) | SubmitError::Invalid(_) => (
                Exit::Usage,
                Some(Message::new(
                    "error-submit-hint",
                    "submit --list shows the forms of the page and their fields",
                )),
            ),
            _ => (Exit::Failed, None),
        }
    }

    fn kind(&self) -> VerdictKind {
        match self {
            SubmitError::Client(error) => error.kind(),
            SubmitError::NoSuchForm(NoSuchForm::None { .. }) => VerdictKind::NoForm,
            _ => self.diagnosis().0.into(),
        }
    }
}

impl Diagnostic for ConfigError {
    fn diagnosis(&self) -> Diagnosis {
        (Exit::Usage, None)
    }
}

impl Diagnostic for TlsError {}
impl Diagnostic for TourError {}

/// Which form or button is missing.
pub(super) fn no_such_form(error: &NoSuchForm, english: String) -> Message {
    let new = |key| Message::new(key, &english);
    match error {
        NoSuchForm::None { page, status } => {
            new("error-no-form-on-page").with("page", page.as_str()).with("status", status.to_string())
        }
        NoSuchForm::Unknown { wanted, available } => {
            new("error-no-such-form").with("wanted", wanted.as_str()).with("available", available.join("; "))
        }
        NoSuchForm::Several { available } => {
            new("error-several-forms").with("available", available.join("; "))
        }
        NoSuchForm::UnknownButton { wanted, available } => new("error-no-such-button")
            .with("wanted", wanted.as_str())
            .with("available", available.join(", ")),
        _ => english.into(),
    }
}
