//! [`Tour`]: the steps of a session as data, with the exchanges of each step and the state of client and server.
//!
//! The client is that of the library, as in `visit`, `login` and `logout`. The state of the server is read from its
//! [`Sessions`]. `output::tour` renders the steps.

mod lessons;
mod step;
mod step_key;
mod tour_state;

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use url::Url;

use sessctl::client::auth::NoPassword;
use sessctl::client::http::{CookieSource, Purpose};
use sessctl::client::{AgentConfig, Credentials, Exchange, Request, Response, UserAgent, login, logout};
use sessctl::clock::{Clock, ManualClock};
use sessctl::cookies::Jar;
use sessctl::internal::page_with_forms;
use sessctl::session::{Handle, Sessions, StoreError};

pub(crate) use lessons::{LESSONS, Lesson, LessonRun, LessonServer, Party, PlayedStep, Sent, StepProof};
pub(crate) use step::{Step, StepDetail, TourError, TourEvent};
pub(crate) use step_key::{StepKey, StepPlan};
pub(crate) use tour_state::{NumberedRecord, TourState};

const USER: &str = "alice";

/// One minute longer than the idle timeout of the tour's server.
const IDLE_TIME: Duration = Duration::from_secs(31 * 60);

/// A client with a jar in memory, and access to the sessions of the server.
#[derive(Debug)]
pub(crate) struct Tour {
    url: Url,
    jar: Jar,
    sessions: Sessions,
    clock: Arc<ManualClock>,
    /// The handles of all sessions so far, the oldest first.
    handles: Vec<Handle>,
    /// The jars of earlier steps: with the cookie that was deleted, and with the cookie of the session that was ended.
    deleted: Jar,
    ended: Jar,
}

impl Tour {
    /// A tour of the server at `url`, whose sessions use `clock`. Only a step advances that clock, so sessions do not
    /// expire while the user reads.
    pub(crate) fn new(url: Url, sessions: Sessions, clock: Arc<ManualClock>) -> Self {
        let jar = Jar::with_clock(Arc::clone(&clock));
        let (deleted, ended) = (jar.empty(), jar.empty());
        Tour { url, jar, sessions, clock, handles: Vec::new(), deleted, ended }
    }

    /// Runs a step. Call it in the order of [`StepKey::ALL`].
    pub(crate) async fn run(&mut self, key: StepKey) -> Result<Step, TourError> {
        let before = self.state().await?;
        // Each step is like a new command: it has a new agent, with a new deadline.
        let mut config = AgentConfig::default();
        config.transport.direct = true;
        let agent = UserAgent::new(config, self.jar.clone());
        let mut run = StepRun { agent, events: Vec::new(), details: Vec::new() };
        self.act(key, &mut run).await?;
        let StepRun { agent, events, details } = run;
        let (exchanges, probes): (Vec<Exchange>, Vec<Exchange>) =
            agent.flow().exchanges.iter().cloned().partition(|exchange| {
                // In these steps, the probes are the subject.
                matches!(key, StepKey::Replay | StepKey::Expiry) || exchange.purpose != Purpose::Probe
            });
        let after = self.state().await?;
        let step = Step { key, exchanges, probes: probes.len(), events, details, before, after };
        step.check()?;
        Ok(step)
    }

    async fn state(&mut self) -> Result<TourState, StoreError> {
        TourState::read(&self.jar, &self.sessions, &mut self.handles, self.clock.now()).await
    }

    async fn act(&mut self, key: StepKey, run: &mut StepRun) -> Result<(), TourError> {
        match key {
            StepKey::FirstVisit | StepKey::Recognized => {
                self.visit(run, Method::GET, "/").await?;
                run.details.push(StepDetail::Request(0));
            }
            StepKey::Form => {
                let page = page_with_forms(&mut run.agent, &self.url).await?;
                let forms = page.forms.into_iter();
                run.details.extend(forms.map(|form| StepDetail::Form(Box::new(form))));
            }
            StepKey::Login => {
                self.login(run).await?;
                if let Some(post) = run.position_of(&Method::POST) {
                    run.details.extend([StepDetail::Exchange(post), StepDetail::SetCookie(post)]);
                }
            }
            StepKey::Record => self.visit_and_show(run, Method::GET, "/session").await?,
            StepKey::Counter => {
                self.visit_and_show(run, Method::POST, "/counter").await?;
                self.visit_and_show(run, Method::POST, "/counter").await?;
            }
            StepKey::Deletion => {
                self.deleted = self.jar.snapshot();
                for cookie in self.jar.remove(|_| true) {
                    run.events.push((0, TourEvent::Deleted(cookie.name.to_text().into_owned())));
                }
                self.visit(run, Method::GET, "/").await?;
            }
            StepKey::SecondLogin => self.login(run).await?,
            StepKey::Logout => {
                self.ended = self.jar.snapshot();
                logout(&mut run.agent, &self.url).await?;
                run.details.extend(run.position_of(&Method::POST).map(StepDetail::Exchange));
            }
            StepKey::Replay => {
                self.replay(run, 2, self.ended.clone()).await?;
                self.replay(run, 1, self.deleted.clone()).await?;
            }
            StepKey::Expiry => {
                self.clock.advance(IDLE_TIME);
                run.events.push((0, TourEvent::Waited(IDLE_TIME)));
                self.replay(run, 1, self.deleted.clone()).await?;
            }
        }
        Ok(())
    }

    async fn visit(&self, run: &mut StepRun, method: Method, path: &str) -> Result<Response, TourError> {
        Ok(run.agent.send(Request::new(method, self.url.join(path)?)).await?)
    }

    async fn visit_and_show(&self, run: &mut StepRun, method: Method, path: &str) -> Result<(), TourError> {
        let body = self.visit(run, method, path).await?.text().into_owned();
        run.details.push(StepDetail::Body(body));
        Ok(())
    }

    /// Requests the session with the cookies of an earlier step. The jar does not change.
    async fn replay(&self, run: &mut StepRun, session: usize, cookies: Jar) -> Result<(), TourError> {
        run.events.push((run.agent.flow().exchanges.len(), TourEvent::Replayed(session)));
        let mut request = Request::new(Method::GET, self.url.join("/session")?);
        request.cookies = CookieSource::Probe(cookies);
        run.agent.send(request).await?;
        Ok(())
    }

    async fn login(&self, run: &mut StepRun) -> Result<(), TourError> {
        let no_password = || Err(NoPassword::NoSource(String::new()));
        let credentials = Credentials::from_source(Some(USER.to_owned()), no_password);
        login(&mut run.agent, &self.url, credentials).await?;
        Ok(())
    }
}

/// A step that is running.
struct StepRun {
    agent: UserAgent,
    events: Vec<(usize, TourEvent)>,
    details: Vec<StepDetail>,
}

impl StepRun {
    /// The index of the first request with this method, not counting probes.
    fn position_of(&self, method: &Method) -> Option<usize> {
        let mut steps =
            self.agent.flow().exchanges.iter().filter(|exchange| exchange.purpose != Purpose::Probe);
        steps.position(|exchange| exchange.request.method == *method)
    }
}
