//! What can be wrong with a request, for people to read.

use http::StatusCode;

use sessctl::session::SessionError;

use super::pages::PageTexts;

/// Why there is no other answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    FormType,
    FormTooLarge,
    FormsAtOnce,
    FormUnreadable,
    NoName,
    NameWithControls,
    LongName,
    NoPassword,
    WrongPassword,
    TooManyTries,
    NoPage,
    WhichSession,
    NoSuchSession,
    SessionEnded,
    SessionMisfit,
    StoreSilent,
}

impl Problem {
    /// In the order of their declaration.
    pub(super) const ALL: [Problem; 16] = [
        Problem::FormType,
        Problem::FormTooLarge,
        Problem::FormsAtOnce,
        Problem::FormUnreadable,
        Problem::NoName,
        Problem::NameWithControls,
        Problem::LongName,
        Problem::NoPassword,
        Problem::WrongPassword,
        Problem::TooManyTries,
        Problem::NoPage,
        Problem::WhichSession,
        Problem::NoSuchSession,
        Problem::SessionEnded,
        Problem::SessionMisfit,
        Problem::StoreSilent,
    ];

    /// Its key among the texts.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Problem::FormType => "page-problem-form-type",
            Problem::FormTooLarge => "page-problem-form-too-large",
            Problem::FormsAtOnce => "page-problem-forms-at-once",
            Problem::FormUnreadable => "page-problem-form-unreadable",
            Problem::NoName => "page-problem-no-name",
            Problem::NameWithControls => "page-problem-name-with-controls",
            Problem::LongName => "page-problem-long-name",
            Problem::NoPassword => "page-problem-no-password",
            Problem::WrongPassword => "page-problem-wrong-password",
            Problem::TooManyTries => "page-problem-too-many-tries",
            Problem::NoPage => "page-problem-no-page",
            Problem::WhichSession => "page-problem-which-session",
            Problem::NoSuchSession => "page-problem-no-such-session",
            Problem::SessionEnded => "page-problem-session-ended",
            Problem::SessionMisfit => "page-problem-session-misfit",
            Problem::StoreSilent => "page-problem-store-silent",
        }
    }

    /// For JSON, which is English.
    pub(super) fn in_english(self) -> &'static str {
        PageTexts::english().problem(self)
    }

    /// Why a session could not be read or changed, and the status for it.
    pub(super) fn of_session(error: &SessionError) -> (StatusCode, Self) {
        match error {
            SessionError::Ended => (StatusCode::UNAUTHORIZED, Problem::SessionEnded),
            SessionError::Change(_) | SessionError::Type { .. } => {
                (StatusCode::CONFLICT, Problem::SessionMisfit)
            }
            // Whether there is a session is not known: a page for the wrong visitor would be worse than none.
            _ => (StatusCode::SERVICE_UNAVAILABLE, Problem::StoreSilent),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_place() {
        for (place, problem) in Problem::ALL.into_iter().enumerate() {
            assert_eq!(problem as usize, place);
        }
    }
}
