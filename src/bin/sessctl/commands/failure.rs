//! [`Failure`]: how a command failed, as the user is told.

use std::borrow::Cow;
use std::fmt::Display;

use super::diagnostic::Diagnostic;
use super::exit::Exit;
use crate::output::error_chain;

/// The exit code, the message and the hint of a command that failed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) exit: Exit,
    pub(super) message: String,
    pub(super) hint: Option<Cow<'static, str>>,
}

pub(super) type Outcome = Result<(), Failure>;

impl Failure {
    pub(super) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Failure { exit, message: message.into(), hint: None }
    }

    pub(super) fn failed(message: impl Into<String>) -> Self {
        Failure::new(Exit::Failed, message)
    }

    pub(super) fn usage(message: impl Into<String>) -> Self {
        Failure::new(Exit::Usage, message)
    }

    pub(super) fn with_hint(self, hint: impl Into<Cow<'static, str>>) -> Self {
        Failure { hint: Some(hint.into()), ..self }
    }

    /// For `map_err`: `cannot ACTION: ERROR`.
    pub(super) fn cannot<E: Display>(action: impl Display) -> impl FnOnce(E) -> Failure {
        move |error| Failure::failed(format!("cannot {action}: {error}"))
    }
}

impl<E: Diagnostic + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure { exit: error.exit(), message: error_chain(&error), hint: error.hint() }
    }
}
