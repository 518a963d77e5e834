//! [`Observation`]: what a check saw, and [`NotTested`]: why it saw nothing.

use url::Url;

use super::check::Severity;
use super::result::{CheckVerdict, ReasonKind};
use crate::client::auth::LoginError;
use crate::client::auth::LogoutError;
use crate::client::http::ClientError;
use crate::client::http::error::error_chain;
use crate::cookies::ByteString;

/// The result of a check.
pub(super) type Observed = Result<Vec<Observation>, NotTested>;

/// What a check saw.
#[derive(Debug, Clone)]
pub(super) struct Observation {
    pub(super) verdict: CheckVerdict,
    /// `None`: the severity of the check.
    pub(super) severity: Option<Severity>,
    pub(super) reason: String,
    /// The cookie that it is about.
    pub(super) cookie: Option<String>,
    /// The page that it is about.
    pub(super) path: Option<String>,
    /// What the control of the check showed.
    pub(super) control: Option<String>,
}

impl Observation {
    fn new(verdict: CheckVerdict, reason: impl Into<String>) -> Self {
        Observation {
            verdict,
            severity: None,
            reason: reason.into(),
            cookie: None,
            path: None,
            control: None,
        }
    }

    pub(super) fn pass(reason: impl Into<String>) -> Self {
        Self::new(CheckVerdict::Pass, reason)
    }

    pub(super) fn info(reason: impl Into<String>) -> Self {
        Self::new(CheckVerdict::Info, reason).severity(Severity::Info)
    }

    pub(super) fn fail(reason: impl Into<String>) -> Self {
        Self::new(CheckVerdict::Fail, reason)
    }

    /// A finding where this is a risk, and a remark where it is not.
    pub(super) fn fail_or_info(is_risk: bool, reason: impl Into<String>) -> Self {
        if is_risk { Self::fail(reason) } else { Self::info(reason) }
    }

    pub(super) fn severity(self, severity: Severity) -> Self {
        Observation { severity: Some(severity), ..self }
    }

    pub(super) fn cookie(self, name: &ByteString) -> Self {
        Observation { cookie: Some(name.to_text().into_owned()), ..self }
    }

    pub(super) fn at(self, page: &Url) -> Self {
        Observation { path: Some(page.path().to_owned()), ..self }
    }

    /// What the control of the check showed.
    pub(super) fn control(self, seen: impl Into<String>) -> Self {
        Observation { control: Some(seen.into()), ..self }
    }
}

/// Why a check saw nothing. It is never taken for a pass.
#[derive(Debug, Clone)]
pub(super) struct NotTested {
    pub(super) kind: ReasonKind,
    pub(super) reason: String,
}

impl NotTested {
    fn new(kind: ReasonKind, reason: impl Into<String>) -> Self {
        NotTested { kind, reason: reason.into() }
    }

    /// An option gives what the check needs.
    pub(super) fn needs_option(reason: impl Into<String>) -> Self {
        Self::new(ReasonKind::NeedsOption, reason)
    }

    /// The application does not have what the check is about.
    pub(super) fn not_applicable(reason: impl Into<String>) -> Self {
        Self::new(ReasonKind::NotApplicable, reason)
    }

    /// The control gave the wrong answer.
    pub(super) fn control_failed(reason: impl Into<String>) -> Self {
        Self::new(ReasonKind::ControlFailed, reason)
    }

    /// The application did not answer, or failed.
    pub(super) fn target_failed(reason: impl Into<String>) -> Self {
        Self::new(ReasonKind::TargetFailed, reason)
    }

    /// No request is left.
    pub(super) fn request_limit(max_requests: usize) -> Self {
        let reason =
            format!("the limit of {max_requests} requests is reached; --max-requests N sets another one");
        Self::new(ReasonKind::RequestLimit, reason)
    }
}

impl From<ClientError> for NotTested {
    fn from(error: ClientError) -> Self {
        Self::target_failed(error_chain(&error))
    }
}

impl From<LoginError> for NotTested {
    fn from(error: LoginError) -> Self {
        Self::target_failed(format!("cannot log in: {}", error_chain(&error)))
    }
}

impl From<LogoutError> for NotTested {
    fn from(error: LogoutError) -> Self {
        match error {
            LogoutError::NoControl { .. } | LogoutError::ScriptedControl { .. } => {
                Self::not_applicable(error_chain(&error))
            }
            LogoutError::Client(error) => error.into(),
        }
    }
}
