//! [`Traffic`]: sends the requests of an audit within its limits, and keeps the exchanges of the check that runs.

use std::time::Duration;

use url::{Origin, Url};

use super::observation::NotTested;
use crate::client::auth::SessionState;
use crate::client::html::page::HtmlPage;
use crate::client::http::{Exchange, Request, Response, UserAgent};
use crate::cookies::{Jar, is_loopback};

/// How long a server may ask to wait (`Retry-After`).
const MAX_WAIT: Duration = Duration::from_secs(60);

/// Sends the requests of an audit within its limits, and keeps the exchanges of the check that runs.
pub(super) struct Traffic {
    /// The settings of all clients.
    prototype: UserAgent,
    /// How many requests were sent, and how many may be sent.
    pub(super) requests: usize,
    /// How many logins were sent.
    pub(super) logins: usize,
    pub(super) max_requests: usize,
    /// How many requests are kept for the end, when sessions are ended.
    reserved: usize,
    /// How many requests end a session: the page with the control, and the control.
    pub(super) requests_of_logout: usize,
    /// The exchanges of the check that runs.
    pub(super) trail: Vec<Exchange>,
}

impl Traffic {
    pub(super) fn new(client: &UserAgent, start: &Url, max_requests: usize) -> Self {
        let mut prototype = client.with_jar(client.jar().empty());
        // Nobody can read what stays on this machine.
        if is_loopback(start) {
            prototype.allow_insecure_password(true);
        }
        prototype.config.for_audit = true;
        prototype.config.wait = MAX_WAIT;
        Traffic {
            prototype,
            requests: 0,
            logins: 0,
            max_requests,
            reserved: 0,
            requests_of_logout: 2,
            trail: Vec::new(),
        }
    }

    /// From now on, only the origins that have got requests get more.
    pub(super) fn stay_on_known_origins(&mut self) {
        let mut origins: Vec<Origin> =
            self.trail.iter().map(|exchange| exchange.request.url.origin()).collect();
        origins.dedup();
        self.prototype.config.origins = origins;
    }

    /// A client without cookies.
    pub(super) fn anonymous(&self) -> UserAgent {
        self.agent(self.prototype.jar().empty())
    }

    /// A client with these cookies, which it may change.
    pub(super) fn agent(&self, jar: Jar) -> UserAgent {
        self.prototype.with_jar(jar)
    }

    /// A jar without cookies.
    pub(super) fn empty_jar(&self) -> Jar {
        self.prototype.jar().empty()
    }

    /// How many requests may still be sent.
    pub(super) fn requests_left(&self) -> usize {
        self.max_requests.saturating_sub(self.requests + self.reserved)
    }

    /// Keeps enough requests to end this many sessions.
    pub(super) fn reserve_for(&mut self, sessions: usize) {
        self.reserved = sessions * self.requests_of_logout;
    }

    /// Lets only this many more requests be sent. Returns what [`restore`](Self::restore) needs.
    pub(super) fn limited_to(&mut self, requests: usize) -> usize {
        let limit = (self.requests + self.reserved + requests).min(self.max_requests);
        std::mem::replace(&mut self.max_requests, limit)
    }

    /// Lifts the limit of [`limited_to`](Self::limited_to).
    pub(super) fn restore(&mut self, max_requests: usize) {
        self.max_requests = max_requests;
    }

    /// Fails unless this many requests may still be sent.
    pub(super) fn check_left(&self, requests: usize) -> Result<(), NotTested> {
        if self.requests_left() < requests {
            Err(NotTested::request_limit(self.max_requests))
        } else {
            Ok(())
        }
    }

    /// Runs work that sends requests.
    pub(super) async fn run<T, E: Into<NotTested>>(
        &mut self,
        agent: &mut UserAgent,
        work: impl AsyncFnOnce(&mut UserAgent) -> Result<T, E>,
    ) -> Result<T, NotTested> {
        if self.requests_left() == 0 {
            return Err(NotTested::request_limit(self.max_requests));
        }
        // The futures of a login are large, and a test polls them together with the application that it calls.
        let result = Box::pin(agent.with_at_most(self.requests_left(), work)).await;
        self.record(agent);
        match result {
            Ok(done) => Ok(done),
            Err(_) if self.requests_left() == 0 => Err(NotTested::request_limit(self.max_requests)),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes over the exchanges of a client.
    pub(super) fn record(&mut self, agent: &mut UserAgent) {
        let sent = std::mem::take(&mut agent.flow.exchanges);
        self.requests += sent.len();
        self.trail.extend(sent);
    }

    /// Sends a request and parses the page.
    pub(super) async fn load(
        &mut self,
        agent: &mut UserAgent,
        request: Request,
    ) -> Result<(Response, HtmlPage), NotTested> {
        self.run(agent, async |agent: &mut UserAgent| agent.load(request).await).await
    }

    /// Sends a request without following a redirect.
    pub(super) async fn send_once(
        &mut self,
        agent: &mut UserAgent,
        request: Request,
    ) -> Result<Response, NotTested> {
        let limit = std::mem::take(&mut agent.config.max_redirects);
        let sent = self.run(agent, async |agent: &mut UserAgent| agent.send(request).await).await;
        agent.config.max_redirects = limit;
        sent
    }
}

/// Whether a state shows a session. An error of the server, or a page that shows neither, is not a result.
pub(super) fn is_logged_in(state: SessionState) -> Result<bool, NotTested> {
    match state {
        SessionState::LoggedIn => Ok(true),
        SessionState::Anonymous => Ok(false),
        SessionState::Failed(429) => {
            Err(NotTested::target_failed("the server limits the rate of requests (429)"))
        }
        SessionState::Failed(status) => Err(NotTested::target_failed(format!(
            "the page that shows the session answered with status {status}"
        ))),
        SessionState::Unclear => Err(NotTested::control_failed(
            "the page that shows the session is neither the one of a logged-in client nor that of an anonymous one",
        )),
    }
}
