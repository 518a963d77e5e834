//! [`Failure`]: how a command failed, as the user is told.

use std::fmt::Display;
use std::io;
use std::path::Path;

use super::diagnostic::Diagnostic;
use super::exit::Exit;
use super::file_diagnostic::failed_operation;
use super::verdict_kind::VerdictKind;
use crate::texts::Message;

/// The exit code, the kind, the message and the hint of a command that failed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) exit: Exit,
    pub(super) kind: VerdictKind,
    pub(super) message: Message,
    pub(super) hint: Option<Message>,
}

pub(super) type Outcome = Result<(), Failure>;

impl Failure {
    pub(super) fn new(exit: Exit, message: impl Into<Message>) -> Self {
        Failure { exit, kind: exit.into(), message: message.into(), hint: None }
    }

    pub(super) fn failed(message: impl Into<Message>) -> Self {
        Failure::new(Exit::Failed, message)
    }

    pub(super) fn usage(message: impl Into<Message>) -> Self {
        Failure::new(Exit::Usage, message)
    }

    pub(super) fn with_kind(self, kind: impl Into<VerdictKind>) -> Self {
        Failure { kind: kind.into(), ..self }
    }

    pub(super) fn with_hint(self, hint: impl Into<Message>) -> Self {
        Failure { hint: Some(hint.into()), ..self }
    }

    /// For `map_err`: `cannot ACTION PATH: ERROR`.
    pub(super) fn with_file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Failure {
        move |error| {
            let english = format!("cannot {action} {}: {error}", path.display());
            Failure::failed(failed_operation("error-file", english, action, path, &error))
        }
    }

    /// For `map_err`: `cannot ACTION: ERROR`.
    pub(super) fn cannot<E: Display>(action: impl Display) -> impl FnOnce(E) -> Failure {
        move |error| Failure::failed(format!("cannot {action}: {error}"))
    }
}

impl<E: Diagnostic + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        let (exit, hint) = error.diagnosis();
        Failure { exit, kind: error.kind(), message: error.message(), hint }
    }
}
