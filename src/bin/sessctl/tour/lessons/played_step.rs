//! [`PlayedStep`]: what attacker, victim and server have sent in a step, and what they keep.

use sessctl::client::Exchange;
use sessctl::cookies::StoredCookie;

use super::lesson::{LessonServer, LessonStep, Party};
use crate::tour::tour_state::NumberedRecord;

#[derive(Debug)]
pub(crate) struct PlayedStep {
    pub(crate) step: &'static LessonStep,
    pub(crate) server: LessonServer,
    pub(crate) sent: Vec<Sent>,
    pub(crate) before: LessonState,
    pub(crate) after: LessonState,
}

impl PlayedStep {
    /// The exchanges with the server.
    pub(crate) fn exchanges(&self) -> impl Iterator<Item = &Exchange> {
        self.sent.iter().filter_map(|sent| match sent {
            Sent::Request { exchange, .. } => Some(&**exchange),
            _ => None,
        })
    }
}

/// What each of the three keeps.
#[derive(Debug, Clone)]
pub(crate) struct LessonState {
    pub(crate) attacker: Vec<StoredCookie>,
    pub(crate) victim: Vec<StoredCookie>,
    pub(crate) server: Vec<NumberedRecord>,
}

#[derive(Debug)]
pub(crate) enum Sent {
    /// The attacker sends this `Set-Cookie` line to the victim's browser.
    Cookie(String),
    /// The attacker sends a page to the victim's browser. A script in it submits this form.
    Page { origin: String, form: String },
    /// The victim's browser sends the value of `document.cookie` to the attacker.
    ReadCookies(String),
    /// A request to the server, so many times with the same response, and the last exchange.
    Request { by: Party, times: usize, body: String, exchange: Box<Exchange>, answer: Option<String> },
}
