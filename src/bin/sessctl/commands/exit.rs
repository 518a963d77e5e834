//! [`Exit`]: the exit codes and their documented meanings.

/// How a command ended, as its exit code tells scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    Success = 0,
    Failed = 1,
    Usage = 2,
    Redirect = 3,
    ClientError = 4,
    ServerError = 5,
    TooManyRedirects = 6,
    Unmet = 7,
    Timeout = 8,
}

impl Exit {
    pub(crate) const fn code(self) -> u8 {
        self as u8
    }
}

/// What help and manual say about each code.
pub(crate) const EXIT_CODES: [(Exit, &str); 9] = [
    (Exit::Success, "success"),
    (Exit::Failed, "failed: network, file or jar error"),
    (Exit::Usage, "usage error, or the form needs a password or field that was not given"),
    (Exit::Redirect, "a redirect was not followed (--max-redirects 0)"),
    (Exit::ClientError, "HTTP 4xx"),
    (Exit::ServerError, "HTTP 5xx"),
    (Exit::TooManyRedirects, "too many redirects"),
    (Exit::Unmet, "an expectation, login, logout or audit failed, or there is no session"),
    (Exit::Timeout, "timeout (--timeout, 30 s)"),
];
