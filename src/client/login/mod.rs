//! [`login`]: finds the login form as a person would, fills it in, submits it, and judges by evidence.

mod evidence;
mod finder;
mod words;

use thiserror::Error;
use url::Url;

use super::form::Control;
use super::html::Page;
use super::jar::{Jar, Octets};
use super::{ClientError, Purpose, Request, Response, UserAgent};
pub(super) use evidence::{Comparison, Look};
pub use evidence::{Difference, Evidence};
pub(super) use finder::{LogoutControl, logout_control, name_of};

/// A name page, a password page, and one more for luck.
const MOST_PAGES: usize = 3;

/// Who logs in, and with what.
pub struct Credentials<'a> {
    /// The user's name.
    pub user: Option<String>,
    /// Asked once, and only if a form has a field for it.
    pub password: Box<dyn FnMut() -> Result<String, String> + 'a>,
    /// Fields that the caller wants filled in besides, or otherwise.
    pub fields: Vec<(String, String)>,
    /// A text that the page must contain on which the login ends: it then decides alone.
    pub expect_text: Option<String>,
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
    /// The page on which it ended.
    pub page: Url,
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
    /// Nothing tells somebody who is logged in from somebody who is not.
    NoEvidence,
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
        why: String,
    },
}

/// Logs in, beginning at `start`: a page with a login form, or one with a link to it.
///
/// # Errors
/// [`LoginError`], when it could not be tried. A login that the application refused is no error.
pub async fn login(
    agent: &mut UserAgent,
    start: &Url,
    mut credentials: Credentials<'_>,
) -> Result<LoginReport, LoginError> {
    let mut page = page_with_form(agent, start).await?;
    let (first_page, before) = (page.url.clone(), agent.flow().exchanges.len());
    let mut password: Option<String> = None;
    for _ in 0..MOST_PAGES {
        let Some(form) = finder::login_form(&page) else { break };
        let had_password = password.is_some();
        let (response, submitted_status) =
            submit(agent, &page, form, &mut credentials, &mut password).await?;
        let after = Page::of(&response);
        // A page that now asks for the password goes on; one that asks for the same again has refused.
        let goes_on = !had_password
            && password.is_none()
            && submitted_status < 400
            && finder::login_form(&after)
                .is_some_and(|next| form.password.is_none() && next.password.is_some());
        if !goes_on {
            let attempt = Attempt { first_page, form_page: page, before, submitted_status };
            return judge(agent, &attempt, &response, &after, credentials.expect_text.as_deref()).await;
        }
        page = after;
    }
    Err(LoginError::NoForm { url: Box::new(page.url), status: None })
}

/// The first page with a login form: `start`, where its login link leads, or, for somebody who is logged in
/// already and sees no form, `start` as a stranger sees it.
async fn page_with_form(agent: &mut UserAgent, start: &Url) -> Result<Page, LoginError> {
    let first = agent.send(Request::page(start.clone())).await?;
    let page = Page::of(&first);
    if finder::login_form(&page).is_some() {
        return Ok(page);
    }
    if let Some(link) = finder::login_link(&page) {
        let mut request = Request::page(link);
        request.from_page = Some(page.url.clone());
        let page = Page::of(&agent.send(request).await?);
        if finder::login_form(&page).is_some() {
            return Ok(page);
        }
    }
    let mut forms_elsewhere = None;
    if finder::logout_control(&page).is_some() {
        forms_elsewhere = strangers_page(agent, start).await?;
    }
    let status = Some(first.status.as_u16()).filter(|status| *status >= 400);
    forms_elsewhere.ok_or(LoginError::NoForm { url: Box::new(first.url), status })
}

/// The page as it is for somebody without a session. Its cookies (for its CSRF token, say) join the jar's, so
/// that its form can be sent with the old session, which the application can then end.
async fn strangers_page(agent: &mut UserAgent, start: &Url) -> Result<Option<Page>, LoginError> {
    let strangers = agent.jar().empty();
    let mut request = Request::page(start.clone());
    request.cookies = super::Cookies::Control(strangers.clone());
    let response = agent.send(request).await?;
    let page = Page::of(&response);
    if finder::login_form(&page).is_none() {
        return Ok(None);
    }
    agent.jar().adopt(&strangers);
    Ok(Some(page))
}

/// Fills in a login form and submits it. Tells the page on which that ends, and the status of the first answer.
async fn submit(
    agent: &mut UserAgent,
    page: &Page,
    found: finder::LoginForm,
    credentials: &mut Credentials<'_>,
    password: &mut Option<String>,
) -> Result<(Response, u16), LoginError> {
    let form = &page.forms[found.form];
    let given = |control: &Control| credentials.fields.iter().any(|(name, _)| *name == control.name);
    let mut values = Vec::new();
    if let Some(user) = found.user.map(|user| &form.controls[user]).filter(|control| !given(control)) {
        match &credentials.user {
            Some(name) => values.push((user.name.clone(), name.clone())),
            None if !user.value.is_empty() => {}
            None => {
                let called = if user.label.is_empty() { &user.name } else { &user.label };
                return Err(LoginError::UserNeeded {
                    url: Box::new(page.url.clone()),
                    field: called.clone(),
                });
            }
        }
    }
    let secret = found.password.map(|password| &form.controls[password]);
    if let Some(field) = secret.filter(|control| !given(control)) {
        let secret = match agent.pause(|| (credentials.password)()) {
            Ok(secret) => secret,
            Err(why) => return Err(LoginError::PasswordNeeded { url: Box::new(page.url.clone()), why }),
        };
        values.push((field.name.clone(), secret.clone()));
        *password = Some(secret);
    }
    values.extend(credentials.fields.iter().cloned());
    for control in form.controls.iter().filter(|control| control.is_password()) {
        for (name, value) in values.iter().filter(|(name, _)| *name == control.name) {
            agent.hide(name, value);
        }
    }
    let before = agent.flow().exchanges.len();
    let response = agent.send(form.submission(&values, form.default_button())?).await?;
    let submitted = agent.flow().exchanges.get(before).and_then(|exchange| exchange.response.as_ref());
    let status = submitted.map_or(response.status, |response| response.status);
    Ok((response, status.as_u16()))
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
    submitted_status: u16,
}

async fn judge(
    agent: &mut UserAgent,
    attempt: &Attempt,
    response: &Response,
    page: &Page,
    expect_text: Option<&str>,
) -> Result<LoginReport, LoginError> {
    let steps = agent.flow().exchanges.get(attempt.before..).unwrap_or_default();
    let steps: Vec<_> = steps.iter().filter(|exchange| exchange.purpose == Purpose::Step).cloned().collect();
    let mut evidence = evidence::of_cookies(&steps);
    // A form that puts its fields into the URL ends on one that must not be kept.
    let page_url =
        if agent.may_show(&response.url) { response.url.clone() } else { attempt.first_page.clone() };
    let report = |outcome, evidence| Ok(LoginReport { outcome, evidence, page: page_url.clone() });
    let refused = || LoginOutcome::Refused {
        status: attempt.submitted_status,
        messages: messages(response, page, &attempt.form_page),
    };
    if let Some(text) = expect_text {
        if String::from_utf8_lossy(&response.body).contains(text) {
            evidence.push(Evidence::ExpectedText(text.to_owned()));
            return report(LoginOutcome::LoggedIn, evidence);
        }
        return report(refused(), evidence);
    }
    let logout = finder::logout_control(page);
    let has_form = finder::login_form(page).is_some();
    if attempt.submitted_status >= 400 || (has_form && logout.is_none()) {
        return report(refused(), evidence);
    }
    if !has_form {
        evidence.push(Evidence::LoginFormGone);
    }
    if let Some(control) = &logout {
        evidence.push(Evidence::LogoutControl(finder::name_of(control, page)));
    }
    // First without the cookies that this login gave out. An application that gave out none of those that
    // matter (it knew this client already) is asked as a stranger would ask, and has to show it more clearly.
    let (narrow, nobody) = (without_cookies_of(&evidence, agent.jar()), agent.jar().empty());
    let mut places = vec![page_url.clone()];
    for place in [Some(attempt.first_page.clone()), page_url.join("/").ok()].into_iter().flatten() {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    for (stranger, clearly) in [(narrow, false), (Some(nobody), true)] {
        let Some(stranger) = stranger else { continue };
        for place in &places {
            let comparison = Comparison::of(agent, place, &stranger).await?;
            if comparison.shows_a_session() && (!clearly || comparison.is_clear()) {
                evidence.push(Evidence::Differs(place.clone(), comparison.differences()));
                return report(LoginOutcome::LoggedIn, evidence);
            }
        }
    }
    report(LoginOutcome::NoEvidence, evidence)
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

/// What the application said: what it marks as messages, else what the page says that the form's page did
/// not, else the answer itself where it is no page.
fn messages(response: &Response, page: &Page, form_page: &Page) -> Vec<String> {
    const MOST: usize = 3;
    const LONGEST: usize = 300;
    let is_new = |text: &&String| !form_page.texts.contains(text);
    let marked = page.messages.iter().filter(|text| !form_page.messages.contains(text));
    let mut said: Vec<String> = marked.cloned().collect();
    if said.is_empty() {
        said = page.texts.iter().filter(is_new).cloned().collect();
    }
    let content_type = response.headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if content_type.is_some_and(|content_type| !content_type.contains("html")) {
        said = vec![String::from_utf8_lossy(&response.body).trim().to_owned()];
    }
    said.retain(|text| !text.is_empty());
    said.truncate(MOST);
    for text in &mut said {
        if let Some((end, _)) = text.char_indices().nth(LONGEST) {
            text.truncate(end);
            text.push('…');
        }
    }
    said
}
