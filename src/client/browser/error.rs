//! [`BrowserError`]: why a browser could not log in.

use std::io;
use std::time::Duration;

use thiserror::Error;

/// Why a browser could not log in.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BrowserError {
    /// No browser is installed.
    #[error("found no browser; tried {}", tried.join(", "))]
    NotFound {
        /// The names and paths that were tried.
        tried: Vec<String>,
    },
    /// The browser cannot do what an option asks for.
    #[error("{browser} cannot use {option}: {why}")]
    UnsupportedOption {
        /// The browser.
        browser: &'static str,
        /// The option.
        option: &'static str,
        /// The reason.
        why: &'static str,
    },
    /// There is no screen for a window.
    #[error("cannot open a window: neither DISPLAY nor WAYLAND_DISPLAY is set")]
    NoDisplay,
    /// The browser cannot be started.
    #[error("cannot start {path}: {why}")]
    Start {
        /// The program.
        path: String,
        /// The reason.
        why: io::Error,
    },
    /// The browser has ended.
    #[error("the browser {path} ended unexpectedly: {said}")]
    Crashed {
        /// The program.
        path: String,
        /// The last line of its messages, or the signal that ended it.
        said: String,
        /// It has ended by itself, without an error.
        is_exit: bool,
    },
    /// The browser does not answer.
    #[error("the browser did not answer {command} within {} s", limit.as_secs_f32())]
    NoAnswer {
        /// The command.
        command: String,
        /// How long it had.
        limit: Duration,
    },
    /// The time limit was reached.
    #[error("the time limit was reached")]
    TimedOut,
    /// The browser refused a command.
    #[error("the browser refused {command}: {why}")]
    Refused {
        /// The command.
        command: String,
        /// Its message.
        why: String,
    },
    /// The person closed the window.
    #[error("the window was closed before a session began")]
    WindowClosed,
    /// The person did not log in in time.
    #[error("no session began in the window within {} s; --window-timeout sets a longer limit", limit.as_secs())]
    WindowTimedOut {
        /// How long the person had.
        limit: Duration,
    },
}
