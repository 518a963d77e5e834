//! [`LessonRun`]: plays the steps of a lesson against one server.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::try_join_all;
use http::{Method, StatusCode};
use serde_json::Value;
use url::Url;

use sessctl::client::http::Destination;
use sessctl::client::{AgentConfig, Exchange, Request, Response, UserAgent};
use sessctl::clock::{Clock, ManualClock, Timestamp};
use sessctl::cookies::Jar;
use sessctl::session::{Handle, Sessions};

use super::lesson::{Action, Lesson, LessonServer, LessonStep, Party, Sign};
use super::played_step::{LessonState, PlayedStep, Sent};
use crate::tour::step::TourError;
use crate::tour::tour_state::TourState;

/// The time between two steps, by the clock of the server.
const STEP_TIME: Duration = Duration::from_millis(80);

/// The clock of the server counts milliseconds, and a token that is a time counts nanoseconds.
const NANOSECONDS_PER_MILLISECOND: u64 = 1_000_000;

/// Attacker, victim, and access to the sessions of the server.
#[derive(Debug)]
pub(crate) struct LessonRun {
    lesson: &'static Lesson,
    server: LessonServer,
    url: Url,
    sessions: Sessions,
    clock: Arc<ManualClock>,
    attacker: Jar,
    victim: Jar,
    /// The handles of all sessions so far, the oldest first.
    handles: Vec<Handle>,
}

impl LessonRun {
    /// A run with the server at `url`, whose sessions use `clock`.
    pub(crate) fn new(
        lesson: &'static Lesson,
        server: LessonServer,
        url: Url,
        sessions: Sessions,
        clock: Arc<ManualClock>,
    ) -> Self {
        let attacker = Jar::with_clock(Arc::clone(&clock));
        let victim = attacker.empty();
        LessonRun { lesson, server, url, sessions, clock, attacker, victim, handles: Vec::new() }
    }

    /// Plays a step, and checks what it proves. Call it in the order of the lesson.
    pub(crate) async fn play(&mut self, step: &'static LessonStep) -> Result<PlayedStep, TourError> {
        self.clock.advance(STEP_TIME);
        let before = self.state().await?;
        let (sent, last) = self.act(step.action).await?;
        if let Some((sign, expected)) = step.proof.expected(self.server) {
            let succeeded = last.as_ref().and_then(|response| shows(sign, response));
            if succeeded != Some(expected) {
                return Err(self.unexpected(step, succeeded));
            }
        } else if last.is_some_and(|it| it.status.is_client_error() || it.status.is_server_error()) {
            return Err(self.unexpected(step, None));
        }
        let after = self.state().await?;
        Ok(PlayedStep { step, server: self.server, sent, before, after })
    }

    fn unexpected(&self, step: &LessonStep, succeeded: Option<bool>) -> TourError {
        TourError::Lesson {
            lesson: self.lesson.name,
            step: step.name,
            server: match self.server {
                LessonServer::Weakened => "weakened",
                LessonServer::Sound => "sound",
            },
            found: match succeeded {
                Some(true) => "the attack succeeded",
                Some(false) => "the attack failed",
                None => "the server gave an unexpected response",
            },
        }
    }

    async fn state(&mut self) -> Result<LessonState, TourError> {
        let now = self.clock.now();
        let state = TourState::read(&self.victim, &self.sessions, &mut self.handles, now).await?;
        Ok(LessonState { attacker: self.attacker.cookies(), victim: state.cookies, server: state.records })
    }

    /// What was sent, and the last response to it.
    async fn act(&self, action: Action) -> Result<(Vec<Sent>, Option<Response>), TourError> {
        match action {
            Action::Plant(value) => {
                let line = format!("{}={value}; Path=/", self.sessions.cookie_name());
                for jar in [&self.attacker, &self.victim] {
                    jar.receive(&self.url, [line.as_bytes()]);
                }
                Ok((vec![Sent::Cookie(line)], None))
            }
            Action::Login(party) => {
                let form = Request::form(self.url.join("/login")?, [("username", party.user())]);
                self.send(party, self.sent_from_own_page(form)).await
            }
            Action::Logout(party) => {
                let form = Request::form(self.url.join("/logout")?, []);
                self.send(party, self.sent_from_own_page(form)).await
            }
            Action::Open(party) => self.send(party, self.facts()?).await,
            Action::ReadByScript => self.read_by_script().await,
            Action::Copy => {
                self.attacker.merge(self.victim.cookies());
                Ok((Vec::new(), None))
            }
            Action::Lure(page) => self.lure(&Url::parse(page)?).await,
            Action::Race(party, requests) => {
                let count = Request::new(Method::POST, self.url.join("/counter")?);
                let all = (0..requests).map(|_| self.exchange(party, count.clone()));
                let mut exchanges = try_join_all(all).await?;
                let times = exchanges.len();
                let Some((mut sent, last)) = exchanges.pop() else { return Ok((Vec::new(), None)) };
                for sent in &mut sent {
                    // Which request got which count differs between runs.
                    if let Sent::Request { times: shown, answer, .. } = sent {
                        (*shown, *answer) = (times, None);
                    }
                }
                Ok((sent, Some(last)))
            }
            Action::Guess => self.guess().await,
        }
    }

    /// The page that a script runs in is real; the script itself is not: it can read what a browser lets it read.
    async fn read_by_script(&self) -> Result<(Vec<Sent>, Option<Response>), TourError> {
        let (mut sent, last) = self.send(Party::Victim, Request::page(self.url.clone())).await?;
        let mut readable = self.victim.cookies();
        readable.retain(|cookie| !cookie.http_only);
        let pairs = readable.iter().map(|it| format!("{}={}", it.name.to_text(), it.value.to_text()));
        sent.push(Sent::ReadCookies(pairs.collect::<Vec<String>>().join("; ")));
        self.attacker.merge(readable);
        Ok((sent, last))
    }

    async fn lure(&self, page: &Url) -> Result<(Vec<Sent>, Option<Response>), TourError> {
        let target = self.url.join("/counter")?;
        let form = format!("<form method=\"post\" action=\"{target}\">");
        let mut sent = vec![Sent::Page { origin: page.origin().ascii_serialization(), form }];
        let mut post = Request::form(target, []);
        post.from_page = Some(page.clone());
        post.destination = Some(Destination::Document);
        sent.extend(self.exchange(Party::Victim, post).await?.0);
        let (look, last) = self.exchange(Party::Victim, self.facts()?).await?;
        sent.extend(look);
        Ok((sent, Some(last)))
    }

    /// The attacker's own token says when the attacker logged in. If it is no time, the clock does.
    async fn guess(&self) -> Result<(Vec<Sent>, Option<Response>), TourError> {
        let (name, now) = (self.sessions.cookie_name(), self.clock.now());
        let milliseconds = |time: Timestamp| u64::try_from(time.as_millis()).unwrap_or(0);
        let own = self.attacker.cookies().first().and_then(|it| it.value.to_text().parse::<u64>().ok());
        let start = own.map_or_else(
            || milliseconds(now) - 2 * u64::try_from(STEP_TIME.as_millis()).unwrap_or(0),
            |own| own / NANOSECONDS_PER_MILLISECOND,
        );
        let guessed = self.attacker.empty();
        let mut agent = agent(&guessed);
        let mut last = None;
        for candidate in start + 1..=milliseconds(now) {
            let line = format!("{name}={}; Path=/", candidate * NANOSECONDS_PER_MILLISECOND);
            guessed.receive(&self.url, [line.as_bytes()]);
            let response = agent.send(self.facts()?).await?;
            let is_found = response.status == StatusCode::OK;
            last = Some(response);
            if is_found {
                self.attacker.merge(guessed.cookies());
                break;
            }
        }
        let exchanges = &agent.flow().exchanges;
        let rejected = exchanges.iter().rev().find(|it| !is_accepted(it)).map(|it| Sent::Request {
            by: Party::Attacker,
            times: exchanges.iter().filter(|it| !is_accepted(it)).count(),
            body: String::new(),
            exchange: Box::new(it.clone()),
            answer: None,
        });
        let accepted = last.as_ref().filter(|last| last.status == StatusCode::OK);
        let accepted = accepted.and_then(|last| sent_by(Party::Attacker, String::new(), &agent, last));
        Ok((rejected.into_iter().chain(accepted).collect(), last))
    }

    fn facts(&self) -> Result<Request, TourError> {
        Ok(Request::new(Method::GET, self.url.join("/session")?))
    }

    fn sent_from_own_page(&self, mut form: Request) -> Request {
        form.from_page = Some(self.url.clone());
        form.destination = Some(Destination::Document);
        form
    }

    async fn send(&self, by: Party, request: Request) -> Result<(Vec<Sent>, Option<Response>), TourError> {
        let (sent, response) = self.exchange(by, request).await?;
        Ok((sent, Some(response)))
    }

    async fn exchange(&self, by: Party, request: Request) -> Result<(Vec<Sent>, Response), TourError> {
        let mut agent = agent(match by {
            Party::Attacker => &self.attacker,
            Party::Victim => &self.victim,
        });
        let body = request.body.as_ref().map(|body| String::from_utf8_lossy(&body.bytes).into_owned());
        let body = body.unwrap_or_default();
        let response = agent.send(request).await?;
        Ok((sent_by(by, body, &agent, &response).into_iter().collect(), response))
    }
}

/// A client that shows each redirect as a response of its own.
fn agent(jar: &Jar) -> UserAgent {
    let mut config = AgentConfig::default();
    config.transport.direct = true;
    config.max_redirects = 0;
    UserAgent::new(config, jar.clone())
}

fn is_accepted(exchange: &Exchange) -> bool {
    exchange.response.as_ref().is_some_and(|response| response.status == StatusCode::OK)
}

/// The last exchange of the agent.
fn sent_by(by: Party, body: String, agent: &UserAgent, response: &Response) -> Option<Sent> {
    let exchange = Box::new(agent.flow().exchanges.last()?.clone());
    Some(Sent::Request { by, times: 1, body, exchange, answer: facts_in(response) })
}

/// The user and the data in the response of `/session`.
fn facts_in(response: &Response) -> Option<String> {
    let facts: Value = response.json().ok()?;
    Some(format!("user: {}, data: {}", facts.get("user")?, facts.get("data")?))
}

/// Whether the response shows that the attack has succeeded. `None` if it is unexpected.
fn shows(sign: Sign, response: &Response) -> Option<bool> {
    if sign == Sign::VictimsSession && response.status == StatusCode::UNAUTHORIZED {
        return Some(false);
    }
    let facts: Value = if response.status == StatusCode::OK { response.json().ok()? } else { return None };
    let count = || facts.get("data")?.get("count").map_or(Some(0), Value::as_u64);
    match sign {
        Sign::VictimsSession => (facts.get("user")? == Party::Victim.user()).then_some(true),
        Sign::Counted => Some(count()? > 0),
        Sign::CountBelow(sent) => (count()? <= sent).then_some(count()? < sent),
    }
}
