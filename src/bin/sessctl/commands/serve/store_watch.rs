//! [`StoreWatch`]: tells the operator of a server without a log that its store fails, and that it works again.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sessctl::session::StoreError;

use crate::app::Warn;
use crate::output::error_chain;

/// The shortest time between two warnings: a store may fail in every other call.
const INTERVAL: Duration = Duration::from_secs(60);

/// Prints a warning at the first failure, and another one when the same kind of call works again.
pub(super) struct StoreWatch {
    warn: Warn,
    /// Written by the calls that fail, and by the first one that works again. It is locked only for assignments.
    state: Mutex<StoreState>,
}

#[derive(Default)]
struct StoreState {
    /// The call that failed.
    failing: Option<&'static str>,
    warned: Option<Instant>,
    has_unreadable: bool,
}

impl StoreWatch {
    pub(super) fn new(warn: &Warn) -> Self {
        StoreWatch { warn: Warn::clone(warn), state: Mutex::default() }
    }

    /// Is told the result of each call.
    pub(super) fn called(&self, call: &'static str, outcome: Result<(), &StoreError>) {
        if let Some(line) = self.line(call, outcome) {
            (self.warn)(&line);
        }
    }

    fn line(&self, call: &'static str, outcome: Result<(), &StoreError>) -> Option<String> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Ok(()) if state.failing == Some(call) => {
                state.failing = None;
                Some("the session store works again".to_owned())
            }
            Ok(()) => None,
            Err(error @ StoreError::Unreadable(_)) => {
                let is_first = !std::mem::replace(&mut state.has_unreadable, true);
                is_first.then(|| format!("{}; it counts as no session", error_chain(error)))
            }
            Err(error) => {
                let is_due = state.warned.is_none_or(|warned| warned.elapsed() >= INTERVAL);
                if state.failing.is_some() || !is_due {
                    return None;
                }
                (state.failing, state.warned) = (Some(call), Some(Instant::now()));
                Some(format!("{}; requests that need a session get 503", error_chain(error)))
            }
        }
    }
}
