//! [`Audit`]: runs the checks one after the other, and ends the sessions that they opened.

use super::application::{Application, Unusable, WrongPassword};
use super::auditor::{AuditState, Auditor};
use super::check::Check;
use super::checks::{CheckEntry, TABLE};
use super::config::AuditConfig;
use super::logout_request::LogoutRequest;
use super::observation::{NotTested, Observation};
use super::report::AuditReport;
use super::result::CheckResult;
use super::traffic::Traffic;
use crate::client::auth::{SessionState, logout_request_on};
use crate::client::{Request, UserAgent};
use crate::clock::Timestamp;

/// How many requests the comparison of a page needs: twice with the cookies and twice without, redirects included.
const REQUESTS_OF_COMPARISON: usize = 8;

/// Runs the checks of a configuration against an application.
///
/// It can be stopped at any time by dropping the future of [`run`](Audit::run): the report then has the results so far.
///
/// ```no_run
/// use sessctl::audit::{AuditAccount, Audit, AuditConfig, Severity};
/// use sessctl::client::{AgentConfig, UserAgent};
/// use sessctl::cookies::Jar;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = UserAgent::new(AgentConfig::default(), Jar::new());
/// let config = AuditConfig::new("http://127.0.0.1:8000/".parse()?, AuditAccount::without_password("alice"));
/// let mut audit = Audit::new(&client, config);
/// audit.run().await;
/// audit.end_sessions().await;
/// let report = audit.into_report();
/// assert_eq!(report.findings(Severity::Medium).count(), 0);
/// # Ok(())
/// # }
/// ```
pub struct Audit {
    config: AuditConfig,
    checks: Vec<&'static CheckEntry>,
    traffic: Traffic,
    state: AuditState,
    application: Option<Application>,
    started: Timestamp,
    failure: Option<String>,
    results: Vec<CheckResult>,
    sessions_left: usize,
    on_check: Option<OnCheck>,
}

/// Called before each check, with the number of those that are done.
type OnCheck = Box<dyn FnMut(&'static Check, usize)>;

impl Audit {
    /// An audit that sends its requests with the settings, headers and credentials of `client`. The cookies of `client` are
    /// neither used nor changed.
    #[must_use]
    pub fn new(client: &UserAgent, mut config: AuditConfig) -> Audit {
        if config.passive {
            config.max_wrong_passwords = 0;
        }
        let traffic = Traffic::new(client, &config.start, config.max_requests);
        let is_chosen = |check: &Check| {
            let is_named = config.checks.iter().any(|chosen| chosen.id == check.id);
            (config.checks.is_empty() || is_named) && (!config.passive || check.is_passive)
        };
        let checks = TABLE.iter().filter(|entry| is_chosen(entry.check)).collect();
        Audit {
            config,
            checks,
            traffic,
            state: AuditState::default(),
            application: None,
            started: client.jar().now(),
            failure: None,
            results: Vec::new(),
            sessions_left: 0,
            on_check: None,
        }
    }

    /// How many checks will run.
    #[must_use]
    pub fn check_count(&self) -> usize {
        self.checks.len()
    }

    /// Calls `on_check` before each check, with the number of checks that are done.
    pub fn on_check(&mut self, on_check: impl FnMut(&'static Check, usize) + 'static) {
        self.on_check = Some(Box::new(on_check));
    }

    /// Logs in, and runs the checks. A result is there as soon as its check is done.
    pub async fn run(&mut self) {
        let explored = Box::pin(Application::explore(&mut self.traffic, &self.config)).await;
        let application = match explored {
            Ok(application) => application,
            // A page is compared only if enough requests are left for it.
            Err(Unusable::NoLogin(_)) if self.traffic.requests_left() < REQUESTS_OF_COMPARISON => {
                return self.give_up(NotTested::request_limit(self.config.max_requests).into());
            }
            Err(unusable) => return self.give_up(unusable),
        };
        self.traffic.stay_on_known_origins();
        let was_refused = matches!(application.wrong_password, WrongPassword::Refused(_));
        self.state.wrong_passwords = usize::from(was_refused);
        self.state.wrong_passwords_in_a_row = self.state.wrong_passwords;
        self.state.sessions.push(application.first.snapshot());
        self.state.tokens.push(application.session_cookies.clone());
        self.traffic.reserve_for(self.state.sessions.len());
        let application = self.application.insert(application);
        let chosen = self.checks.clone();
        for (done, entry) in chosen.into_iter().enumerate() {
            let check = entry.check;
            if let Some(on_check) = &mut self.on_check {
                on_check(check, done);
            }
            self.traffic.trail.clear();
            let mut auditor = Auditor {
                config: &mut self.config,
                app: application,
                traffic: &mut self.traffic,
                state: &mut self.state,
            };
            let observed = (entry.run)(&mut auditor).await;
            // A check that sends nothing looks at the first login.
            let trail = &self.traffic.trail;
            let trail = if trail.is_empty() { &application.exchanges } else { trail };
            match observed {
                Ok(seen) => {
                    self.results.extend(seen.into_iter().map(|it| CheckResult::observed(check, it, trail)));
                }
                Err(why) => self.results.push(CheckResult::not_tested(check, why)),
            }
        }
    }

    /// Nothing can be tested.
    fn give_up(&mut self, unusable: Unusable) {
        let trail = &self.traffic.trail;
        let why = match unusable {
            Unusable::Finding { check, reason } => {
                let found = self.checks.iter().find(|entry| entry.check.id == check);
                let seen = found.map(|it| CheckResult::observed(it.check, Observation::fail(&reason), trail));
                self.results.extend(seen);
                NotTested::control_failed(format!("{reason}, so nothing else can be tested"))
            }
            Unusable::NoLogin(reason) => {
                self.failure = Some(reason.clone());
                NotTested::target_failed(reason)
            }
            Unusable::NotTested(why) => {
                self.failure = Some(why.reason.clone());
                why
            }
        };
        self.fill(why);
    }

    /// Adds a result for each check that has none.
    fn fill(&mut self, why: NotTested) {
        for check in self.checks.iter().map(|entry| entry.check) {
            if !self.results.iter().any(|it| it.check.id == check.id) {
                self.results.push(CheckResult::not_tested(check, why.clone()));
            }
        }
        let position = |id: &str| self.checks.iter().position(|entry| entry.check.id == id);
        self.results.sort_by_key(|it| position(it.check.id));
    }

    /// Logs out of the sessions that the checks opened and did not end.
    pub async fn end_sessions(&mut self) {
        let Some(application) = &self.application else { return };
        self.traffic.reserve_for(0);
        for jar in std::mem::take(&mut self.state.sessions) {
            let mut agent = self.traffic.agent(jar);
            let ended = match self.state.logout.clone() {
                LogoutRequest::Same(request) => {
                    self.traffic.send_once(&mut agent, request).await.is_ok_and(|it| it.status.as_u16() < 400)
                }
                _ => end_session(&mut self.traffic, application, &mut agent).await.unwrap_or(false),
            };
            self.sessions_left += usize::from(!ended);
        }
    }

    /// Everything that was found. Checks that did not run are not tested.
    #[must_use]
    pub fn into_report(mut self) -> AuditReport {
        self.fill(NotTested::target_failed("the audit was interrupted before this check"));
        AuditReport {
            tokens: self.state.tokens.into_iter().flatten().collect(),
            target: self.config.start,
            user: self.config.account.user,
            started: self.started,
            requests: self.traffic.requests,
            logins: self.traffic.logins,
            failure: self.failure,
            results: self.results,
            sessions_left: self.sessions_left,
            session: self.application.as_ref().map(Application::facts),
        }
    }
}

/// Ends a session with the logout control of its page, if it is still live.
async fn end_session(
    traffic: &mut Traffic,
    application: &Application,
    agent: &mut UserAgent,
) -> Result<bool, NotTested> {
    let (response, page) = traffic.load(agent, Request::page(application.proof.place().clone())).await?;
    if application.proof.state_on(&response, &page) == SessionState::Anonymous {
        return Ok(true);
    }
    let Some(request) = logout_request_on(agent, &page)? else { return Ok(false) };
    Ok(traffic.send_once(agent, request).await?.status.as_u16() < 400)
}

impl std::fmt::Debug for Audit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Audit").field("config", &self.config).finish_non_exhaustive()
    }
}
