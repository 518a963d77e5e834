//! [`login`]: finds the login form as a person would, fills it in, submits it, and judges by evidence.

mod evidence;
mod finder;
mod messages;
mod words;

use thiserror::Error;
use url::Url;

use super::form::Control;
use super::html::Page;
use super::jar::{Jar, Octets};
use super::{ClientError, Cookies, Purpose, Request, Response, UserAgent, logout};
pub(super) use evidence::{Comparison, Look};
pub use evidence::{Difference, Evidence};
pub(super) use finder::{LogoutControl, logout_controls, name_of};

/// Who logs in, and with what.
pub struct Credentials<'a> {
    /// The user's name.
    pub user: Option<String>,
    /// Asked once, and only if a form has a field for it.
    pub password: Box<dyn FnMut() -> Result<String, NoPassword> + 'a>,
    /// Fields that the caller wants filled in besides, or otherwise.
    pub fields: Vec<(String, String)>,
    /// A text that the page must contain on which the login ends: it then decides alone.
    pub expect_text: Option<String>,
}

/// Why there is no password.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoPassword {
    /// Nobody said where it is to come from; what could be said.
    #[error("{0}")]
    NoSource(String),
    /// It could not be had from there.
    #[error("cannot read it from {0}")]
    Unreadable(String),
}

impl std::fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

/// How a login went.
#[derive(Debug, Clone)]
pub struct LoginReport {
    /// Whether a session began.
    pub outcome: LoginOutcome,
    /// What speaks for it.
    pub evidence: Vec<Evidence>,
    /// The page that shows the session; where none began, the one on which the login ended.
    pub page: Url,
    /// The name that was sent, if the form asked for one.
    pub user: Option<String>,
}

/// Whether a session began.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoginOutcome {
    /// It did.
    LoggedIn,
    /// The application refused, with these words of its own.
    Refused {
        /// Status of the answer.
        status: u16,
        /// What the application said.
        messages: Vec<String>,
    },
    /// The application wants a code of one use before it lets anybody in.
    CodeNeeded,
    /// Nothing tells somebody who is logged in from somebody who is not.
    NoEvidence {
        /// What the application said.
        messages: Vec<String>,
    },
}

/// Why a login could not be tried, or not judged.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LoginError {
    /// An exchange failed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// There is no login form, neither on the page nor where its login link leads.
    #[error("there is no login form on {url}{}", status.map(|status| format!(" (status {status})")).unwrap_or_default())]
    NoForm {
        /// The page.
        url: Box<Url>,
        /// Its status, if it is an error.
        status: Option<u16>,
    },
    /// The form asks for a name and none was given.
    #[error("the login form on {url} asks for a user name ({field}): give --user NAME")]
    UserNeeded {
        /// The page.
        url: Box<Url>,
        /// What the page calls the field.
        field: String,
    },
    /// The form asks for a password and there is none to be had.
    #[error("the login form on {url} asks for a password: {why}")]
    PasswordNeeded {
        /// The page.
        url: Box<Url>,
        /// Why there is none.
        why: NoPassword,
    },
}

/// Logs in, beginning at `start`: a page with a login form, or one with a link to it.
///
/// A client that is logged in already does so as somebody new, so that a refused password costs it nothing; then
/// it logs out of the earlier session, and takes over the new one.
///
/// # Errors
/// [`LoginError`], when it could not be tried. A login that the application refused is no error.
pub async fn login(
    agent: &mut UserAgent,
    start: &Url,
    mut credentials: Credentials<'_>,
) -> Result<LoginReport, LoginError> {
    let first = agent.send(Request::page(start.clone())).await?;
    let page = agent.parse(&first).await?;
    let Some(earlier) = earlier_session(agent, &page).await? else {
        return attempt(agent, first, page, &mut credentials).await;
    };
    let own = agent.become_newcomer();
    let attempted = attempt_anew(agent, start, &mut credentials).await;
    let newcomer = agent.become_owner_of(own);
    let mut report = attempted?;
    if report.outcome == LoginOutcome::LoggedIn {
        if let Some(control) = logout_controls(&earlier).first() {
            // As its owner would end it. The new session counts, whatever became of the old one.
            let request = logout::request(&earlier, control)?;
            if agent.send(request).await.is_ok() {
                report.evidence.push(Evidence::EarlierSessionLeft(name_of(control, &earlier)));
            }
        }
        agent.jar().adopt(&newcomer);
    }
    Ok(report)
}

/// A page that shows that this client is logged in already: `page`, or the start page of its site.
async fn earlier_session(agent: &mut UserAgent, page: &Page) -> Result<Option<Page>, LoginError> {
    let is_known = !agent.jar().sent_to(&page.url).is_empty();
    if !is_known {
        return Ok(None);
    }
    let shows = |page: &Page| !logout_controls(page).is_empty();
    if shows(page) {
        return Ok(Some(page.clone()));
    }
    let mut request = match page.url.join("/") {
        Ok(root) => Request::page(root),
        Err(_) => return Ok(None),
    };
    request.cookies = Cookies::Control(agent.jar().snapshot());
    match agent.send(request).await {
        Ok(response) => Ok(Some(agent.parse(&response).await?).filter(shows)),
        // A start page that cannot be had shows nothing.
        Err(ClientError::TooManyRedirects { .. } | ClientError::BadRedirect { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn attempt_anew(
    agent: &mut UserAgent,
    start: &Url,
    credentials: &mut Credentials<'_>,
) -> Result<LoginReport, LoginError> {
    let first = agent.send(Request::page(start.clone())).await?;
    let page = agent.parse(&first).await?;
    attempt(agent, first, page, credentials).await
}

async fn attempt(
    agent: &mut UserAgent,
    first: Response,
    page: Page,
    credentials: &mut Credentials<'_>,
) -> Result<LoginReport, LoginError> {
    let (mut page, mut form) = page_with_form(agent, first, page).await?;
    let (first_page, before) = (page.url.clone(), agent.flow().exchanges.len());
    let mut answer = submit(agent, &page, form, credentials).await?;
    // A name that was accepted leads to a page that asks for the password. One that asks for the same again has
    // refused.
    let next =
        finder::login_form(&answer.page).filter(|next| form.password.is_none() && next.password.is_some());
    if let Some(next) = next.filter(|_| answer.status < 400) {
        let user = answer.user.take();
        (page, form) = (answer.page, next);
        answer = submit(agent, &page, form, credentials).await?;
        answer.user = answer.user.or(user);
    }
    judge(agent, Attempt { first_page, form_page: page, before, answer }, credentials.expect_text.as_deref())
        .await
}

/// What became of a submission.
struct Answer {
    /// The response on which its redirects ended.
    response: Response,
    page: Page,
    /// The status of the answer to the submission itself.
    status: u16,
    /// The name that was sent, if the form asked for one.
    user: Option<String>,
}

/// The first page with a login form: this one, or one that its login links lead to.
async fn page_with_form(
    agent: &mut UserAgent,
    first: Response,
    page: Page,
) -> Result<(Page, finder::LoginForm), LoginError> {
    if let Some(form) = finder::login_form(&page) {
        return Ok((page, form));
    }
    for link in finder::login_links(&page) {
        let mut request = Request::page(link);
        request.from_page = Some(page.url.clone());
        let response = agent.send(request).await?;
        let page = agent.parse(&response).await?;
        if let Some(form) = finder::login_form(&page) {
            return Ok((page, form));
        }
    }
    let status = Some(first.status.as_u16()).filter(|status| *status >= 400);
    Err(LoginError::NoForm { url: Box::new(agent.hidden_in_url(&first.url)), status })
}

/// Fills in a login form and submits it.
async fn submit(
    agent: &mut UserAgent,
    page: &Page,
    found: finder::LoginForm,
    credentials: &mut Credentials<'_>,
) -> Result<Answer, LoginError> {
    let form = &page.forms[found.form];
    let (values, user) = fill_in(agent, page, found, credentials)?;
    for control in form.controls.iter().filter(|control| control.is_password()) {
        for (_, value) in values.iter().filter(|(name, _)| *name == control.name) {
            agent.hide(value);
        }
    }
    let before = agent.flow().exchanges.len();
    let request = form.submission(&values, finder::login_button(form, &credentials.fields))?;
    let method = request.method.clone();
    let response = agent.send(request).await?;
    // The last hop that still was the submission: a redirect may have kept its method.
    let steps = agent.flow().exchanges.get(before..).unwrap_or_default();
    let last = steps.iter().enumerate().rfind(|(index, exchange)| {
        *index == 0 || (method == http::Method::POST && exchange.request.method == method)
    });
    let answered = last.and_then(|(_, exchange)| exchange.response.as_ref());
    let status = answered.map_or(response.status, |response| response.status).as_u16();
    let page = agent.parse(&response).await?;
    Ok(Answer { response, page, status, user })
}

/// Names and values of fields.
type Fields = Vec<(String, String)>;

/// Names and values for the fields of a login form, and the user's name if it asks for one.
fn fill_in(
    agent: &mut UserAgent,
    page: &Page,
    found: finder::LoginForm,
    credentials: &mut Credentials<'_>,
) -> Result<(Fields, Option<String>), LoginError> {
    let form = &page.forms[found.form];
    let given = |control: &Control| credentials.fields.iter().any(|(name, _)| *name == control.name);
    let url = || Box::new(agent.hidden_in_url(&page.url));
    let (mut values, mut sent) = (Vec::new(), None);
    if let Some(field) = found.user.map(|user| &form.controls[user]).filter(|control| !given(control)) {
        match &credentials.user {
            Some(name) => {
                values.push((field.name.clone(), name.clone()));
                sent = Some(name.clone());
            }
            None if !field.value.is_empty() => {}
            None => {
                let called = if field.label.is_empty() { &field.name } else { &field.label };
                return Err(LoginError::UserNeeded { url: url(), field: called.clone() });
            }
        }
    }
    let secret = found.password.map(|password| &form.controls[password]).filter(|control| !given(control));
    if let Some(field) = secret {
        let url = url();
        match agent.pause(|| (credentials.password)()) {
            Ok(secret) => values.push((field.name.clone(), secret)),
            Err(why) => return Err(LoginError::PasswordNeeded { url, why }),
        }
    }
    values.extend(credentials.fields.iter().cloned());
    Ok((values, sent))
}

/// Whether a page has a form that logs in.
pub(super) fn has_login_form(page: &Page) -> bool {
    finder::login_form(page).is_some()
}

/// What was done, for judging it.
struct Attempt {
    first_page: Url,
    form_page: Page,
    /// How many exchanges there were before the first submission.
    before: usize,
    answer: Answer,
}

async fn judge(
    agent: &mut UserAgent,
    attempt: Attempt,
    expect_text: Option<&str>,
) -> Result<LoginReport, LoginError> {
    let Answer { response, page, status, user } = attempt.answer;
    let steps = agent.flow().exchanges.get(attempt.before..).unwrap_or_default();
    let steps = steps.iter().filter(|exchange| exchange.purpose != Purpose::Control);
    let mut evidence = evidence::of_cookies(steps);
    // A form that puts its fields into the URL ends on one that must not be kept.
    let page_url =
        if agent.may_show(&response.url) { response.url.clone() } else { attempt.first_page.clone() };
    let said = messages::said_by(&response, &page, &attempt.form_page);
    let said: Vec<String> = said.iter().map(|text| agent.hidden_in_text(text)).collect();
    let report = |outcome, evidence, page| Ok(LoginReport { outcome, evidence, page, user });
    if let Some(text) = expect_text {
        if response.text().contains(text) {
            evidence.push(Evidence::ExpectedText(text.to_owned()));
            return report(LoginOutcome::LoggedIn, evidence, page_url);
        }
        return report(LoginOutcome::Refused { status, messages: said }, evidence, page_url);
    }
    let before = finder::logout_names(&attempt.form_page);
    let way_out = finder::logout_names(&page).into_iter().find(|name| !before.contains(name));
    let same_form = finder::login_signature(&page)
        .filter(|form| finder::login_signature(&attempt.form_page).as_ref() == Some(form));
    let complains = way_out.is_none() && messages::complains(&page, &attempt.form_page);
    if status >= 400 || ((same_form.is_some() || complains) && way_out.is_none()) {
        return report(LoginOutcome::Refused { status, messages: said }, evidence, page_url);
    }
    if finder::asks_for_code(&page) && way_out.is_none() {
        return report(LoginOutcome::CodeNeeded, evidence, page_url);
    }
    if same_form.is_none() {
        evidence.push(Evidence::LoginFormGone);
    }
    evidence.extend(way_out.map(Evidence::LogoutControl));
    match place_with_session(agent, &evidence, &page_url, &attempt.first_page).await? {
        Some((place, differences)) => {
            evidence.push(Evidence::Differs(place.clone(), differences));
            report(LoginOutcome::LoggedIn, evidence, place)
        }
        None => report(LoginOutcome::NoEvidence { messages: said }, evidence, page_url),
    }
}

/// The page that the new session makes another one: where the login ended, where it began, or the start page.
async fn place_with_session(
    agent: &mut UserAgent,
    evidence: &[Evidence],
    ended: &Url,
    began: &Url,
) -> Result<Option<(Url, Vec<Difference>)>, LoginError> {
    let mut places = vec![ended.clone()];
    for place in [Some(began.clone()), ended.join("/").ok()].into_iter().flatten() {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    // First without the cookies that this login gave out. An application that gave out none of those that
    // matter (it knew this client already) is asked as a stranger would ask, and has to show it more clearly.
    let (narrow, nobody) = (without_cookies_of(evidence, agent.jar()), agent.jar().empty());
    for (stranger, clearly) in [(narrow, false), (Some(nobody), true)] {
        let Some(stranger) = stranger else { continue };
        for place in &places {
            let Some(comparison) = Comparison::of(agent, place, &stranger).await? else { continue };
            if comparison.shows_a_session() && (!clearly || comparison.is_clear()) {
                return Ok(Some((place.clone(), comparison.differences().to_vec())));
            }
        }
    }
    Ok(None)
}

/// The jar without the cookies that the login gave out, if it gave out any.
fn without_cookies_of(evidence: &[Evidence], jar: &Jar) -> Option<Jar> {
    let names: Vec<&Octets> = evidence
        .iter()
        .filter_map(|evidence| match evidence {
            Evidence::CookieIssued(name) | Evidence::CookieRenewed(name) => Some(name),
            _ => None,
        })
        .collect();
    let without = jar.snapshot();
    let removed = without.remove(|cookie| names.contains(&&cookie.name));
    (!removed.is_empty()).then_some(without)
}
