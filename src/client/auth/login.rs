//! [`login`]: finds the login form, fills it in, submits it, and decides by evidence whether a session began.

mod attempt;
mod basic;
#[cfg(feature = "browser")]
mod browser_attempt;
#[cfg(feature = "browser")]
mod browser_evidence;
#[cfg(feature = "browser")]
mod browser_flow;
#[cfg(feature = "browser")]
mod browser_login;
#[cfg(feature = "browser")]
mod browser_session;
#[cfg(feature = "browser")]
mod browser_window;
mod cookie_messages;
pub(super) mod credentials;
mod earlier_session;
pub(super) mod error;
mod failure_reason;
mod fill;
pub(super) mod found_login;
mod json;
mod json_answer;
mod json_body;
mod json_signs;
mod json_token;
mod json_verification;
mod messages;
mod outcome;
pub(super) mod pending;
pub(super) mod report;
mod script_messages;
mod search;
mod step;
mod submission;
pub(super) mod token_hints;
mod trace_step;
mod verification;

use url::Url;

use super::evidence::Evidence;
use super::trace::TraceStep;
use crate::client::http::agent::UserAgent;
use crate::cookies::{Jar, StoredCookie};
use attempt::Attempt;
use credentials::{Credentials, LoginMethod};
use earlier_session::{EarlierSession, is_of_host, replace_cookies, still_shows};
use error::LoginError;
use pending::PendingLogin;
use report::{LoginOutcome, LoginReport, NoSession};

/// How many requests a login sends at most, redirects included. Each one counts where a server limits their rate.
const MAX_REQUESTS: usize = 20;

/// Logs in, starting at `start`: a page with a login form, or a page that leads to one.
///
/// If the jar has cookies for the site, the login runs with an empty jar, so an earlier session is not mistaken for the
/// new one, and a refused password changes nothing. After a successful login, the client logs out of the earlier session
/// and stores the new cookies.
///
/// # Errors
/// [`LoginError`], if no login was tried. A login that the application refused is not an error.
///
/// ```no_run
/// use sessctl::client::auth::LoginOutcome;
/// use sessctl::client::{AgentConfig, Credentials, UserAgent, login};
/// use sessctl::cookies::Jar;
///
/// # async fn run(jar: Jar) -> Result<(), Box<dyn std::error::Error>> {
/// let mut agent = UserAgent::new(AgentConfig::default(), jar);
/// let report = login(&mut agent, &"https://example.com/".parse()?, Credentials::new("alice", "secret")).await?;
/// assert_eq!(report.outcome, LoginOutcome::LoggedIn);
/// for evidence in &report.evidence {
///     println!("{evidence}");
/// }
/// # Ok(())
/// # }
/// ```
pub async fn login(
    agent: &mut UserAgent,
    start: &Url,
    credentials: Credentials<'_>,
) -> Result<LoginReport, LoginError> {
    login_with_trace(agent, start, credentials, &mut Vec::new()).await
}

impl UserAgent {
    /// Logs in: see [`login`].
    ///
    /// ```
    /// # use axum::{Router, response::{Html, Redirect}, routing::get};
    /// # use sessctl::session::{Session, SessionConfig, SessionError, Sessions};
    /// # use sessctl::{client::{Credentials, UserAgent}, stores::MemoryStore, web::SessionLayer};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let form = Html("<form method=post><input name=user><input name=password type=password></form>");
    /// # let login = async |session: Session| session.login("alice").await.map(|()| Redirect::to("/"));
    /// # let home = async |session: Session| Ok::<_, SessionError>(format!("Hello, {:?}!", session.user().await?));
    /// # let routes = Router::new().route("/", get(home)).route("/login", get(async move || form).post(login));
    /// # let app = routes.layer(SessionLayer::new(Sessions::new(MemoryStore::new(), SessionConfig::default())?));
    /// let mut agent = UserAgent::for_service(app); // an application with a login form
    /// let report = agent.login(&"https://app.test/login".parse()?, Credentials::new("alice", "secret")).await?;
    /// assert_eq!(report.outcome, sessctl::client::auth::LoginOutcome::LoggedIn);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Those of [`login`].
    pub async fn login(
        &mut self,
        start: &Url,
        credentials: Credentials<'_>,
    ) -> Result<LoginReport, LoginError> {
        // The future is large, and a test may poll it together with the application that it calls.
        Box::pin(login(self, start, credentials)).await
    }
}

/// Logs in like [`login`], and adds the pages that the search looked at to `trace`, also if the login fails.
///
/// # Errors
/// Those of [`login`].
pub async fn login_with_trace(
    agent: &mut UserAgent,
    start: &Url,
    mut credentials: Credentials<'_>,
    trace: &mut Vec<TraceStep>,
) -> Result<LoginReport, LoginError> {
    credentials.hints.given = credentials.fields.iter().map(|(name, _)| name.clone()).collect();
    let start = agent.take_credentials(start)?;
    credentials.judge_by = credentials.judge_by.map(|page| agent.take_credentials(&page)).transpose()?;
    let named = [&start].into_iter().chain(&credentials.judge_by).cloned().collect();
    let max_requests = max_requests(credentials.method);
    // In a box, because the future of each function around it would contain its large future.
    let work = async |agent: &mut UserAgent| Box::pin(login_from(agent, &start, credentials, trace)).await;
    without_renewal(agent, async |agent| {
        agent.navigate(named, async |agent| agent.with_at_most(max_requests, work).await).await
    })
    .await
}

/// A browser sends requests of its own, so only those of the verification have a limit.
const fn max_requests(method: LoginMethod) -> usize {
    match method {
        #[cfg(feature = "browser")]
        LoginMethod::Browser => 100_000,
        _ => MAX_REQUESTS,
    }
}

/// Answers the step at which a login stopped, with the code or the fields in `credentials`, and goes on from there.
/// `trace` gets the page of the step.
///
/// The login uses the cookies with which it stopped. If they are not those of the jar, the jar changes only if a session
/// begins.
///
/// # Errors
/// Those of [`login`]. The step can then be answered again.
pub async fn continue_login(
    agent: &mut UserAgent,
    pending: &PendingLogin,
    mut credentials: Credentials<'_>,
    trace: &mut Vec<TraceStep>,
) -> Result<LoginReport, LoginError> {
    credentials.user.clone_from(&pending.user);
    credentials.judge_by = credentials.judge_by.map(|page| agent.take_credentials(&page)).transpose()?;
    let named = [pending.asked()].into_iter().chain(&credentials.judge_by).cloned().collect();
    let work =
        async |agent: &mut UserAgent| Box::pin(continue_from(agent, pending, credentials, trace)).await;
    without_renewal(agent, async |agent| {
        agent.navigate(named, async |agent| agent.with_at_most(MAX_REQUESTS, work).await).await
    })
    .await
}

/// Runs a login, for which an earlier token need not be renewed.
async fn without_renewal<T>(agent: &mut UserAgent, login: impl AsyncFnOnce(&mut UserAgent) -> T) -> T {
    let file = agent.stop_renewing();
    let result = login(agent).await;
    agent.go_on_renewing(file);
    result
}

/// Logs in, starting at a page that the user named.
async fn login_from(
    agent: &mut UserAgent,
    start: &Url,
    mut credentials: Credentials<'_>,
    trace: &mut Vec<TraceStep>,
) -> Result<LoginReport, LoginError> {
    let since = agent.flow().exchanges.len();
    let has_cookies = agent.jar().cookies().iter().any(|cookie| is_of_host(cookie, start));
    if !has_cookies && !agent.jar().tokens().iter().any(|token| token.is_for(start)) {
        return attempt_login(agent, start, &mut credentials, trace, since).await;
    }
    let last_page = credentials.last_page.take();
    let earlier = match has_cookies {
        true => EarlierSession::find(agent, start, last_page.as_ref()).await?,
        false => None,
    };
    let attempt =
        async |agent: &mut UserAgent| attempt_login(agent, start, &mut credentials, trace, since).await;
    let (report, fresh) = agent.with_fresh_jar(attempt).await;
    let report = report?;
    if report.outcome.is_open_step() && report.pending.is_none() {
        // Nothing else keeps them for the next command.
        replace_cookies(agent.jar(), start, &fresh);
    }
    replace_session(agent, start, earlier, report, &fresh).await
}

async fn continue_from(
    agent: &mut UserAgent,
    pending: &PendingLogin,
    mut credentials: Credentials<'_>,
    trace: &mut Vec<TraceStep>,
) -> Result<LoginReport, LoginError> {
    let start = pending.asked();
    let is_own = |cookie: &StoredCookie| {
        pending.cookies().iter().any(|own| own.is_same_as(cookie) && own.value == cookie.value)
    };
    let jar = agent.jar().cookies();
    if jar.iter().filter(|cookie| is_of_host(cookie, start)).all(is_own) {
        agent.jar().merge(pending.cookies().iter().cloned());
        return continue_attempt(agent, pending, &mut credentials, trace).await;
    }
    let last_page = credentials.last_page.take();
    let earlier = EarlierSession::find(agent, start, last_page.as_ref()).await?;
    let attempt = async |agent: &mut UserAgent| {
        agent.jar().merge(pending.cookies().iter().cloned());
        continue_attempt(agent, pending, &mut credentials, trace).await
    };
    let (report, fresh) = agent.with_fresh_jar(attempt).await;
    replace_session(agent, start, earlier, report?, &fresh).await
}

/// Ends the earlier session of the jar if a new one began, and stores the cookies of the new one.
async fn replace_session(
    agent: &mut UserAgent,
    start: &Url,
    earlier: Option<EarlierSession>,
    mut report: LoginReport,
    fresh: &Jar,
) -> Result<LoginReport, LoginError> {
    if report.outcome != LoginOutcome::LoggedIn {
        return Ok(report);
    }
    let ended = match earlier {
        Some(earlier) => earlier.end(agent).await,
        None => None,
    };
    replace_cookies(agent.jar(), start, fresh);
    let shown = report.evidence.iter().find_map(|evidence| match evidence {
        Evidence::Differs(page, differences) => Some((page.clone(), differences.clone())),
        _ => None,
    });
    if let (Some(_), Some((page, differences))) = (&ended, shown)
        && !still_shows(agent, &page, &differences).await?
    {
        report.outcome = LoginOutcome::NoEvidence { messages: Vec::new(), shows: NoSession::SamePage };
    }
    report.evidence.extend(ended);
    Ok(report)
}

async fn attempt_login(
    agent: &mut UserAgent,
    start: &Url,
    credentials: &mut Credentials<'_>,
    trace: &mut Vec<TraceStep>,
    exchanges_at_start: usize,
) -> Result<LoginReport, LoginError> {
    #[cfg(feature = "browser")]
    if credentials.method == LoginMethod::Browser {
        return browser_login::login(agent, start, credentials, trace).await;
    }
    if credentials.method != LoginMethod::Form {
        return Box::pin(json::login(agent, start, credentials)).await;
    }
    let mut basic = None;
    let attempt =
        attempt::submit_forms(agent, start, credentials, trace, exchanges_at_start, &mut basic).await;
    match (attempt, basic) {
        (Ok(attempt), _) => report_of(agent, attempt, credentials).await,
        (Err(error @ LoginError::NoForm { .. }), Some(answer)) => {
            basic::report(agent, start, answer, credentials, error).await
        }
        (Err(error), _) => Err(error),
    }
}

async fn continue_attempt(
    agent: &mut UserAgent,
    pending: &PendingLogin,
    credentials: &mut Credentials<'_>,
    trace: &mut Vec<TraceStep>,
) -> Result<LoginReport, LoginError> {
    let attempt = attempt::continue_from(agent, pending, credentials, trace).await?;
    report_of(agent, attempt, credentials).await
}

async fn report_of(
    agent: &mut UserAgent,
    attempt: Attempt,
    credentials: &Credentials<'_>,
) -> Result<LoginReport, LoginError> {
    let mut report = outcome::of_attempt(agent, &attempt, credentials).await?;
    let is_refused = matches!(report.outcome, LoginOutcome::Refused { .. });
    if report.outcome.is_open_step() || (is_refused && attempt.repeats_step()) {
        report.pending = attempt.pending(agent);
    }
    Ok(report)
}
