//! [`login`]: finds the login form as a person would, fills it in, submits it, and judges by evidence.

mod evidence;
mod finder;
mod messages;
mod report;
mod words;

use url::Url;

use super::form::{Control, Filling};
use super::html::Page;
use super::jar::{Jar, Octets};
use super::{ClientError, Cookies, Purpose, Request, Response, UserAgent, logout};
pub(super) use evidence::{Comparison, Look};
pub use evidence::{Difference, Evidence};
pub(super) use finder::{LogoutControl, logout_controls, name_of};
pub use report::{Credentials, LoginError, LoginOutcome, LoginReport, NoPassword};

/// Logs in, beginning at `start`: a page with a login form, or one with a link to it.
///
/// A client that the site knows already does so as somebody new, with an empty jar: so no earlier session is
/// taken for the new one, and a refused password costs nothing. Then it logs out of the earlier session, if there
/// was one, and takes over the new one.
///
/// # Errors
/// [`LoginError`], when it could not be tried. A login that the application refused is no error.
pub async fn login(
    agent: &mut UserAgent,
    start: &Url,
    mut credentials: Credentials<'_>,
) -> Result<LoginReport, LoginError> {
    if agent.jar().sent_to(start).is_empty() {
        return attempt_anew(agent, start, &mut credentials).await;
    }
    let earlier = earlier_session(agent, start).await?;
    let own = agent.become_newcomer();
    let attempted = attempt_anew(agent, start, &mut credentials).await;
    let newcomer = agent.become_owner_of(own);
    let mut report = attempted?;
    if report.outcome == LoginOutcome::LoggedIn {
        let Some(earlier) = earlier else {
            agent.jar().adopt(&newcomer);
            return Ok(report);
        };
        report.evidence.extend(leave(agent, &earlier).await?);
        agent.jar().adopt(&newcomer);
        // An application may end all sessions of a user with one.
        let nobody = agent.jar().empty();
        let now = Comparison::of(agent, &report.page, &nobody).await?;
        if !now.is_some_and(|now| now.shows_a_session()) {
            report.outcome = LoginOutcome::NoEvidence { messages: Vec::new() };
        }
    }
    Ok(report)
}

/// Logs out of an earlier session as its owner would, and forgets its site's cookies.
async fn leave(agent: &mut UserAgent, earlier: &Page) -> Result<Option<Evidence>, LoginError> {
    let Some(control) = logout_controls(earlier).into_iter().next() else { return Ok(None) };
    let request = logout::request(earlier, &control, agent.jar())?;
    // The new session counts, whatever becomes of the old one.
    let left = agent.send(request).await.is_ok_and(|response| response.status.as_u16() < 400);
    let of_site = agent.jar().sent_to(&earlier.url);
    agent.jar().remove(|cookie| of_site.iter().any(|other| other.is_same_as(cookie)));
    let used = name_of(&control, earlier);
    Ok(Some(if left { Evidence::EarlierSessionLeft(used) } else { Evidence::EarlierSessionMayLive(used) }))
}

/// A page that shows that this client is logged in already: the one to begin at, or the start page of its site.
async fn earlier_session(agent: &mut UserAgent, start: &Url) -> Result<Option<Page>, LoginError> {
    let root = start.join("/").ok().filter(|root| root != start);
    for place in [Some(start.clone()), root].into_iter().flatten() {
        let mut request = Request::page(place);
        request.cookies = Cookies::Control(agent.jar().snapshot());
        match agent.send(request).await {
            Ok(response) => {
                let page = agent.parse(&response).await?;
                if !logout_controls(&page).is_empty() {
                    return Ok(Some(page));
                }
            }
            // A page that cannot be had shows nothing.
            Err(ClientError::TooManyRedirects { .. } | ClientError::BadRedirect { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
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

/// The first page with a login form: this one, or one that its login links lead to. A form without a password may
/// be for something else: where there are links, they are tried first.
async fn page_with_form(
    agent: &mut UserAgent,
    first: Response,
    page: Page,
) -> Result<(Page, finder::LoginForm), LoginError> {
    let here = finder::login_form(&page);
    if let Some(form) = here.filter(|form| form.password.is_some()) {
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
    if let Some(form) = here {
        return Ok((page, form));
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
    let mut request =
        form.submission(&Filling::of(values, finder::login_button(form, &credentials.fields)))?;
    request.carry_csrf_token(page, form, agent.jar());
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
    match place_with_session(agent, &evidence, &response.url, &attempt.first_page).await? {
        Some((place, differences)) => {
            let place = if agent.may_show(&place) { place } else { page_url };
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
