//! Decides the outcome of a login with a form: by the page that answered it, then by pages that change with the new
//! cookies.

use url::Url;

use super::attempt::{Answer, Attempt};
use super::credentials::Credentials;
use super::error::LoginError;
use super::messages;
use super::report::{LoginOutcome, LoginReport};
use super::verification::Verification;
use crate::client::auth::classify::{has_login_form, login_form};
use crate::client::auth::evidence::{ControlSeen, Evidence};
use crate::client::auth::logout_controls::controls_seen;
use crate::client::auth::second_factor::asks_for_code;
use crate::client::auth::snapshot::PageSnapshot;
use crate::client::html::page::HtmlPage;
use crate::client::http::agent::UserAgent;

/// A page with more links is not a step between the login and the application.
const MAX_STEP_LINKS: usize = 4;

/// The report of an attempt.
pub(super) async fn of_attempt(
    agent: &mut UserAgent,
    attempt: Attempt,
    credentials: &Credentials<'_>,
) -> Result<LoginReport, LoginError> {
    let Attempt { first_page, form_page, jar_before, exchanges_before, answer, blockers } = attempt;
    let Answer { response, page, status, user } = answer;
    let messages = messages::for_report(agent, messages::of_page(&response, &page, &form_page));
    let mut report = LoginReport {
        outcome: LoginOutcome::of_failure(status, &response, messages.clone()),
        evidence: Evidence::of_cookies(agent, exchanges_before),
        // A GET form writes its fields into the URL, which must not be reported then.
        page: if agent.may_show(&response.url) { response.url.clone() } else { first_page.clone() },
        user,
        blockers,
    };
    if let Some(text) = &credentials.expect_text {
        report.decide_by_text(text, &response);
        return Ok(report);
    }
    let is_named = credentials.judge_by.is_some();
    let answer = AnswerPage::of(&page, &form_page, status, credentials);
    if status >= 400 || (answer.is_refusal() && !is_named) {
        return Ok(report);
    }
    if asks_for_code(&page) && !is_named {
        report.outcome = LoginOutcome::SecondFactor;
        return Ok(report);
    }
    if !answer.has_form {
        report.evidence.push(Evidence::LoginFormGone);
    }
    let has_control = answer.logout_control.is_some();
    report.evidence.extend(answer.logout_control.map(Evidence::LogoutControl));
    let verification = Verification {
        evidence: &report.evidence,
        judge_by: credentials.judge_by.as_ref(),
        places: places_to_probe(&response.url, &page, &first_page, has_control),
        login_page: &form_page.url,
        interstitial: (status < 300 && !has_control).then_some(page.texts.as_slice()),
        before: jar_before,
        user: credentials.user.as_deref(),
    };
    match verification.page_with_session(agent).await? {
        Some((place, _)) if !is_named && is_held_up(agent, &place, &first_page).await? => {
            report.outcome = LoginOutcome::AnotherStep { messages };
        }
        Some((place, differences)) => {
            if agent.may_show(&place) {
                report.page = place;
            }
            report.evidence.push(Evidence::Differs(report.page.clone(), differences));
            report.outcome = LoginOutcome::LoggedIn;
        }
        None if answer.complains => {}
        None => report.outcome = LoginOutcome::NoEvidence { messages },
    }
    Ok(report)
}

/// What the page that answered the submission shows.
struct AnswerPage {
    /// A logout control that the page of the form does not have.
    logout_control: Option<ControlSeen>,
    has_form: bool,
    /// The login form is shown again, at the same path or without a redirect. Some sites have one on every page.
    is_back: bool,
    complains: bool,
}

impl AnswerPage {
    fn of(page: &HtmlPage, form_page: &HtmlPage, status: u16, credentials: &Credentials<'_>) -> Self {
        let before = controls_seen(form_page);
        let has_form = login_form(page, &credentials.hints).is_some() || has_login_form(page);
        AnswerPage {
            logout_control: controls_seen(page).into_iter().find(|control| !before.contains(control)),
            has_form,
            is_back: has_form && (page.url.path() == form_page.url.path() || !(300..400).contains(&status)),
            complains: messages::complains(page, form_page),
        }
    }

    fn is_refusal(&self) -> bool {
        self.logout_control.is_none() && (self.is_back || (self.has_form && self.complains))
    }
}

/// The pages that may show the session: the answer, the first page, and the links of an answer that has hardly anything
/// else.
fn places_to_probe(answer: &Url, page: &HtmlPage, first_page: &Url, has_control: bool) -> Vec<Url> {
    // The address of the answer may work only once, so it is requested without its query first.
    let mut without_query = answer.clone();
    without_query.set_query(None);
    without_query.set_fragment(None);
    let mut places = vec![without_query, answer.clone(), first_page.clone()];
    if !has_control && page.links.len() <= MAX_STEP_LINKS {
        let own = page.links.iter().filter(|link| link.target.origin() == page.url.origin());
        places.extend(own.map(|link| link.target.clone()));
    }
    places.dedup();
    places
}

/// Whether all pages lead to one page that asks for a further step: a code, an answer, a new password.
async fn is_held_up(agent: &mut UserAgent, place: &Url, first_page: &Url) -> Result<bool, LoginError> {
    let root = place.join("/").ok();
    let mut asking: Vec<Vec<String>> = Vec::new();
    for place in [Some(place.clone()), root, Some(first_page.clone())].into_iter().flatten() {
        let Some(snapshot) = PageSnapshot::with_own_jar(agent, &place).await? else { continue };
        if snapshot.asks_for_step {
            asking.push(snapshot.texts);
        } else if snapshot.status < 400 && snapshot.login_form.is_none() {
            return Ok(false);
        }
    }
    asking.dedup();
    Ok(asking.len() == 1)
}
