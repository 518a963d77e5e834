//! [`Step`]: a finished step, and the check that its texts are true.

use std::time::Duration;

use thiserror::Error;

use sessctl::client::form::Form;
use sessctl::client::{ClientError, Exchange, LoginError, LogoutError, SubmitError};
use sessctl::session::StoreError;

use super::step_key::StepKey;
use super::tour_state::TourState;

/// A finished step.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) key: StepKey,
    /// Without the probes.
    pub(crate) exchanges: Vec<Exchange>,
    /// How many requests were probes: they only verified the result.
    pub(crate) probes: usize,
    /// Each event with the index of the exchange that follows it.
    pub(crate) events: Vec<(usize, TourEvent)>,
    pub(crate) details: Vec<StepDetail>,
    pub(crate) before: TourState,
    pub(crate) after: TourState,
}

impl Step {
    /// Checks that the texts of the step are true.
    pub(super) fn check(&self) -> Result<(), TourError> {
        let responses = self.exchanges.iter().map(|exchange| exchange.response.as_ref());
        let statuses: Vec<u16> =
            responses.map(|response| response.map_or(0, |response| response.status.as_u16())).collect();
        let (cookies, records) = (self.after.cookies.len(), self.after.records.len());
        if (statuses.as_slice(), cookies, records) == self.key.plan().outcome {
            return Ok(());
        }
        let found = format!("statuses {statuses:?}, {cookies} cookies, {records} sessions");
        Err(TourError::Unexpected { key: self.key, found })
    }
}

/// An event that is not an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TourEvent {
    /// The user deletes the cookie of this name.
    Deleted(String),
    /// The old cookie of the session with this number is sent again.
    Replayed(usize),
    Waited(Duration),
}

/// What a step shows in detail. Exchanges are given by their index.
#[derive(Debug)]
pub(crate) enum StepDetail {
    Form(Box<Form>),
    /// Its headers that concern the session.
    Request(usize),
    /// The same of request and response.
    Exchange(usize),
    /// The parts of the `Set-Cookie` header.
    SetCookie(usize),
    /// A response body.
    Body(String),
}

#[derive(Debug, Error)]
pub(crate) enum TourError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Form(#[from] SubmitError),
    #[error(transparent)]
    Login(#[from] LoginError),
    #[error(transparent)]
    Logout(#[from] LogoutError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Url(#[from] url::ParseError),
    /// The text of the step would be wrong.
    #[error("the step \"{}\" had an unexpected result: {found}; report this as a bug", key.plan().name)]
    Unexpected { key: StepKey, found: String },
    /// What the lesson teaches would be wrong.
    #[error(
        "the step \"{step}\" of the lesson \"{lesson}\" had an unexpected result on the {server} server: {found}; report this as a bug"
    )]
    Lesson { lesson: &'static str, step: &'static str, server: &'static str, found: &'static str },
    #[error(
        "cannot show the line of {file} that contains {marker}: there is not exactly one; report this as a bug"
    )]
    CodeLine { file: &'static str, marker: &'static str },
}
