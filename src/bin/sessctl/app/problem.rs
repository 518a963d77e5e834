//! [`Problem`]: why a request gets an error response. It carries the status and the key of its text.

use http::StatusCode;

use sessctl::session::SessionError;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    FormType,
    FormTooLarge,
    TooManyForms,
    FormUnreadable,
    NoName,
    NameWithControls,
    LongName,
    NoPassword,
    WrongPassword,
    TooManyAttempts,
    NoPage,
    NoSessionNamed,
    NoSuchSession,
    SessionEnded,
    SessionConflict,
    StoreUnavailable,
}

impl Problem {
    /// In the order of the declaration.
    pub(super) const ALL: [Problem; 16] = [
        Problem::FormType,
        Problem::FormTooLarge,
        Problem::TooManyForms,
        Problem::FormUnreadable,
        Problem::NoName,
        Problem::NameWithControls,
        Problem::LongName,
        Problem::NoPassword,
        Problem::WrongPassword,
        Problem::TooManyAttempts,
        Problem::NoPage,
        Problem::NoSessionNamed,
        Problem::NoSuchSession,
        Problem::SessionEnded,
        Problem::SessionConflict,
        Problem::StoreUnavailable,
    ];

    /// Its key in the texts, after `page-problem-`.
    pub(super) const fn key(self) -> &'static str {
        self.properties().0
    }

    pub(super) const fn status(self) -> StatusCode {
        self.properties().1
    }

    const fn properties(self) -> (&'static str, StatusCode) {
        match self {
            Problem::FormType => ("form-type", StatusCode::UNSUPPORTED_MEDIA_TYPE),
            Problem::FormTooLarge => ("form-too-large", StatusCode::PAYLOAD_TOO_LARGE),
            Problem::TooManyForms => ("too-many-forms", StatusCode::TOO_MANY_REQUESTS),
            Problem::FormUnreadable => ("form-unreadable", StatusCode::BAD_REQUEST),
            Problem::NoName => ("no-name", StatusCode::BAD_REQUEST),
            Problem::NameWithControls => ("name-with-controls", StatusCode::BAD_REQUEST),
            Problem::LongName => ("long-name", StatusCode::BAD_REQUEST),
            Problem::NoPassword => ("no-password", StatusCode::BAD_REQUEST),
            Problem::WrongPassword => ("wrong-password", StatusCode::UNAUTHORIZED),
            Problem::TooManyAttempts => ("too-many-attempts", StatusCode::TOO_MANY_REQUESTS),
            Problem::NoPage => ("no-page", StatusCode::NOT_FOUND),
            Problem::NoSessionNamed => ("no-session-named", StatusCode::BAD_REQUEST),
            Problem::NoSuchSession => ("no-such-session", StatusCode::NOT_FOUND),
            Problem::SessionEnded => ("session-ended", StatusCode::UNAUTHORIZED),
            Problem::SessionConflict => ("session-conflict", StatusCode::CONFLICT),
            Problem::StoreUnavailable => ("store-unavailable", StatusCode::SERVICE_UNAVAILABLE),
        }
    }
}

impl From<&SessionError> for Problem {
    fn from(error: &SessionError) -> Self {
        match error {
            SessionError::Ended => Problem::SessionEnded,
            SessionError::Change(_) | SessionError::Type { .. } => Problem::SessionConflict,
            // Whether there is a session is unknown, so the server must not answer as if there were none.
            _ => Problem::StoreUnavailable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lists_every_problem_in_the_order_of_declaration() {
        for (place, problem) in Problem::ALL.into_iter().enumerate() {
            assert_eq!(problem as usize, place);
        }
    }
}
