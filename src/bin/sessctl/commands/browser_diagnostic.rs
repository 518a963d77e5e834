//! The exit code and the hint of a browser that could not log in.

use sessctl::client::browser::BrowserError;
use sessctl::client::html::Blocker;

use super::diagnostic::{Diagnosis, Diagnostic};
use super::exit::Exit;
use super::verdict_kind::VerdictKind;
use crate::output::error_chain;
use crate::texts::Message;

impl Diagnostic for BrowserError {
    fn message(&self) -> Message {
        let english = error_chain(self);
        let new = |key| Message::new(key, &english);
        match self {
            BrowserError::NotFound { tried } => {
                new("error-browser-not-found").with("tried", tried.join(", "))
            }
            BrowserError::UnsupportedOption { browser, option, why } => {
                let unsupported = new("error-browser-option").with("browser", *browser);
                unsupported.with("option", *option).with("why", *why)
            }
            BrowserError::NoDisplay => new("error-browser-no-display"),
            BrowserError::Crashed { path, said, .. } => {
                new("error-browser-crashed").with("path", path.as_str()).with("said", said.as_str())
            }
            BrowserError::NoAnswer { command, limit } => new("error-browser-no-answer")
                .with("command", command.as_str())
                .with("limit", limit.as_secs_f32().to_string()),
            BrowserError::WindowClosed => new("error-browser-window-closed"),
            BrowserError::WindowTimedOut { limit } => {
                new("error-browser-window-timed-out").with("limit", limit.as_secs().to_string())
            }
            _ => english.into(),
        }
    }

    fn diagnosis(&self) -> Diagnosis {
        match self {
            BrowserError::NotFound { .. } => (
                Exit::Failed,
                Some(Message::new(
                    "error-browser-not-found-hint",
                    "install Chromium or Firefox; SESSCTL_BROWSER names one in another place",
                )),
            ),
            BrowserError::UnsupportedOption { .. } => (Exit::Usage, None),
            BrowserError::NoDisplay => (
                Exit::Failed,
                Some(Message::new(
                    "error-browser-no-display-hint",
                    "log in on a machine with a screen, and import the cookies here: sessctl show-cookies --storage-state there, sessctl import-cookies FILE here",
                )),
            ),
            BrowserError::WindowClosed => (Exit::Unmet, None),
            BrowserError::TimedOut | BrowserError::NoAnswer { .. } | BrowserError::WindowTimedOut { .. } => {
                (Exit::Timeout, None)
            }
            _ => (Exit::Failed, None),
        }
    }

    fn kind(&self) -> VerdictKind {
        match self {
            BrowserError::WindowClosed => VerdictKind::NoEvidence,
            _ => self.diagnosis().0.into(),
        }
    }
}

/// The hint that a person can log in, if a page needs one.
pub(super) fn window_hint(blockers: &[Blocker]) -> Option<Message> {
    let needs_person = blockers.iter().any(|it| matches!(it, Blocker::Captcha | Blocker::Passkey));
    needs_person.then(|| {
        Message::new(
            "login-window-hint",
            "--browser=window opens a window in which you log in yourself; sessctl takes the session over",
        )
    })
}
