//! [`Failure`]: how a command failed, as the user is told.

use std::fmt::Display;

use super::diagnostic::Diagnostic;
use super::exit::Exit;
use crate::texts::Message;

/// The exit code, the message and the hint of a command that failed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) exit: Exit,
    pub(super) message: Message,
    pub(super) hint: Option<Message>,
}

pub(super) type Outcome = Result<(), Failure>;

impl Failure {
    pub(super) fn new(exit: Exit, message: impl Into<Message>) -> Self {
        Failure { exit, message: message.into(), hint: None }
    }

    pub(super) fn failed(message: impl Into<Message>) -> Self {
        Failure::new(Exit::Failed, message)
    }

    pub(super) fn usage(message: impl Into<Message>) -> Self {
        Failure::new(Exit::Usage, message)
    }

    pub(super) fn with_hint(self, hint: impl Into<Message>) -> Self {
        Failure { hint: Some(hint.into()), ..self }
    }

    /// For `map_err`: `cannot ACTION: ERROR`.
    pub(super) fn cannot<E: Display>(action: impl Display) -> impl FnOnce(E) -> Failure {
        move |error| Failure::failed(format!("cannot {action}: {error}"))
    }
}

impl<E: Diagnostic + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        let (exit, hint) = error.diagnosis();
        Failure { exit, message: error.message(), hint }
    }
}
