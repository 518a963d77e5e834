//! A walk through a whole session, as data: what each step sends, and what that changes on both sides.
//!
//! It acts through the library's own client, as `visit`, `login` and `logout` do, and looks at the server's side
//! through its [`Sessions`]. It knows nothing of terminals and languages.

mod sides;
mod steps;

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use thiserror::Error;
use url::Url;

use sessctl::client::form::Form;
use sessctl::client::{
    AgentConfig, ClientError, CookieSource, Credentials, Exchange, Hints, LoginError, LoginMethod,
    LogoutError, NoPassword, Purpose, Request, Response, SubmitError, UserAgent, login, logout,
    page_with_forms,
};
use sessctl::clock::ManualClock;
use sessctl::cookies::Jar;
use sessctl::session::StoreError;
use sessctl::session::{Handle, Sessions};

pub(crate) use sides::{Kept, Sides};
pub(crate) use steps::StepKey;

/// Who logs in.
pub(crate) const USER: &str = "alice";

/// A minute more than an idle session lives.
const PAUSE: Duration = Duration::from_secs(31 * 60);

/// A step that was taken.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) key: StepKey,
    /// What was sent and received to get on.
    pub(crate) exchanges: Vec<Exchange>,
    /// How many requests were sent only to compare.
    pub(crate) compared: usize,
    /// What happened before the exchange of this number, otherwise than by a request.
    pub(crate) events: Vec<(usize, Event)>,
    /// What to look at closely.
    pub(crate) closeups: Vec<CloseUp>,
    pub(crate) before: Sides,
    pub(crate) after: Sides,
}

/// What happens otherwise than by a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// The client's user deletes this cookie.
    Deleted(String),
    /// The cookie is taken out again that opened the session of this number.
    Replayed(usize),
    /// Time passes.
    Waited(Duration),
}

/// What to look at closely; exchanges by their numbers.
#[derive(Debug)]
pub(crate) enum CloseUp {
    Form(Box<Form>),
    /// What a request says of who sends it.
    Request(usize),
    /// Request and response.
    Exchange(usize),
    /// The parts of its `Set-Cookie` line.
    SetCookie(usize),
    /// What it answered.
    Body(String),
}

/// Why a step could not be taken.
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
    /// What is said of the step would not be true.
    #[error("the step \"{}\" went otherwise than it should: {found}", key.name())]
    Otherwise { key: StepKey, found: String },
}

/// The walk: a client with a jar in memory, and a view of the server.
#[derive(Debug)]
pub(crate) struct Tour {
    url: Url,
    jar: Jar,
    sessions: Sessions,
    clock: Arc<ManualClock>,
    /// The handles of all sessions so far, in the order in which they began.
    handles: Vec<Handle>,
    /// The jars of earlier steps: the cookies that were deleted, and those that were logged out.
    deleted: Jar,
    ended: Jar,
}

impl Tour {
    /// A walk through the server at `url`, whose sessions go by `clock`. That clock moves only where a step moves it: who
    /// reads for an hour loses nothing.
    pub(crate) fn new(url: Url, sessions: Sessions, clock: Arc<ManualClock>) -> Self {
        let jar = Jar::with_clock(Arc::clone(&clock));
        let (deleted, ended) = (jar.empty(), jar.empty());
        Tour { url, jar, sessions, clock, handles: Vec::new(), deleted, ended }
    }

    /// Takes a step. They are taken in the order of [`StepKey::ALL`].
    pub(crate) async fn take(&mut self, key: StepKey) -> Result<Step, TourError> {
        let before = self.sides().await?;
        // A command of its own each, as if typed: with a deadline of its own, and without what was hidden before.
        let mut config = AgentConfig::default();
        config.transport.direct = true;
        let agent = UserAgent::new(config, self.jar.clone());
        let mut work = Work { agent, events: Vec::new(), closeups: Vec::new() };
        self.act(key, &mut work).await?;
        let Work { agent, events, closeups } = work;
        let (exchanges, compared): (Vec<Exchange>, Vec<Exchange>) =
            agent.flow().exchanges.iter().cloned().partition(|exchange| {
                // In these steps to compare is to get on.
                matches!(key, StepKey::Replay | StepKey::Expiry) || exchange.purpose != Purpose::Probe
            });
        let after = self.sides().await?;
        let step = Step { key, exchanges, compared: compared.len(), events, closeups, before, after };
        steps::check(&step)?;
        Ok(step)
    }

    async fn act(&mut self, key: StepKey, work: &mut Work) -> Result<(), TourError> {
        match key {
            StepKey::FirstVisit => {
                self.visit(work, Method::GET, "/").await?;
                work.closeups.push(CloseUp::Request(0));
            }
            StepKey::Form => {
                let page = page_with_forms(&mut work.agent, &self.url).await?;
                let forms = page.forms.into_iter();
                work.closeups.extend(forms.map(|form| CloseUp::Form(Box::new(form))));
            }
            StepKey::Login => {
                self.login(work).await?;
                if let Some(post) = work.position_of(&Method::POST) {
                    work.closeups.extend([CloseUp::Exchange(post), CloseUp::SetCookie(post)]);
                }
            }
            StepKey::Recognized => {
                self.visit(work, Method::GET, "/").await?;
                work.closeups.push(CloseUp::Request(0));
            }
            StepKey::Record => self.visit_and_show(work, Method::GET, "/session").await?,
            StepKey::Counter => {
                self.visit_and_show(work, Method::POST, "/counter").await?;
                self.visit_and_show(work, Method::POST, "/counter").await?;
            }
            StepKey::Deletion => {
                self.deleted = self.jar.snapshot();
                for cookie in self.jar.remove(|_| true) {
                    work.events.push((0, Event::Deleted(cookie.name.to_text().into_owned())));
                }
                self.visit(work, Method::GET, "/").await?;
            }
            StepKey::SecondLogin => self.login(work).await?,
            StepKey::Logout => {
                self.ended = self.jar.snapshot();
                logout(&mut work.agent, &self.url).await?;
                work.closeups.extend(work.position_of(&Method::POST).map(CloseUp::Exchange));
            }
            StepKey::Replay => {
                self.replay(work, 2, self.ended.clone()).await?;
                self.replay(work, 1, self.deleted.clone()).await?;
            }
            StepKey::Expiry => {
                self.clock.advance(PAUSE);
                work.events.push((0, Event::Waited(PAUSE)));
                self.replay(work, 1, self.deleted.clone()).await?;
            }
        }
        Ok(())
    }

    async fn visit(&self, work: &mut Work, method: Method, path: &str) -> Result<Response, TourError> {
        Ok(work.agent.send(Request::new(method, self.url.join(path)?)).await?)
    }

    async fn visit_and_show(&self, work: &mut Work, method: Method, path: &str) -> Result<(), TourError> {
        let body = self.visit(work, method, path).await?.text().into_owned();
        work.closeups.push(CloseUp::Body(body));
        Ok(())
    }

    /// Asks for the session with the cookies of an earlier step; the jar hears nothing of it.
    async fn replay(&self, work: &mut Work, session: usize, cookies: Jar) -> Result<(), TourError> {
        work.events.push((work.agent.flow().exchanges.len(), Event::Replayed(session)));
        let mut request = Request::new(Method::GET, self.url.join("/session")?);
        request.cookies = CookieSource::Probe(cookies);
        work.agent.send(request).await?;
        Ok(())
    }

    async fn login(&self, work: &mut Work) -> Result<(), TourError> {
        let credentials = Credentials {
            user: Some(USER.to_owned()),
            password: Box::new(|| Err(NoPassword::NoSource(String::new()))),
            fields: Vec::new(),
            expect_text: None,
            hints: Hints::default(),
            judge_by: None,
            method: LoginMethod::Form,
        };
        login(&mut work.agent, &self.url, credentials, &mut Vec::new()).await?;
        Ok(())
    }
}

/// A step that is being taken.
struct Work {
    agent: UserAgent,
    events: Vec<(usize, Event)>,
    closeups: Vec<CloseUp>,
}

impl Work {
    /// Where among what was sent to get on the first request of this method is.
    fn position_of(&self, method: &Method) -> Option<usize> {
        let mut steps =
            self.agent.flow().exchanges.iter().filter(|exchange| exchange.purpose != Purpose::Probe);
        steps.position(|exchange| exchange.request.method == *method)
    }
}
