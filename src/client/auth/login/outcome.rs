//! Decides the outcome of a login with a form: by the page that answered it, then by pages that change with the new
//! cookies.

use url::Url;

use super::attempt::Attempt;
use super::credentials::Credentials;
use super::error::LoginError;
use super::failure_reason::FailureReason;
use super::messages;
use super::report::{LoginOutcome, LoginReport, NoSession};
use super::verification::{Verification, Verified};
use crate::client::auth::classify::{has_login_form, login_form};
use crate::client::auth::evidence::{ControlSeen, Evidence};
use crate::client::auth::logout_controls::controls_seen;
use crate::client::auth::probe::UsedForm;
use crate::client::auth::second_factor::asks_for_code;
use crate::client::auth::snapshot::PageSnapshot;
use crate::client::auth::well_known;
use crate::client::html::page::HtmlPage;
use crate::client::http::agent::UserAgent;

/// A page with more links is not a step between the login and the application.
const MAX_STEP_LINKS: usize = 4;

/// A query with a longer value may be an address that works only once.
const MAX_PLAIN_VALUE_LEN: usize = 16;

/// The report of an attempt.
pub(super) async fn of_attempt(
    agent: &mut UserAgent,
    attempt: &Attempt,
    credentials: &Credentials<'_>,
) -> Result<LoginReport, LoginError> {
    let Attempt { form_page, answer, .. } = attempt;
    let (response, page, status) = (&answer.response, &answer.page, answer.status);
    let messages = messages::of_page(agent, response, page, form_page, attempt.exchanges_before);
    let mut report = LoginReport {
        outcome: LoginOutcome::of_failure(status, response, messages.clone(), agent.jar().now()),
        evidence: Evidence::of_cookies(agent, attempt.exchanges_before),
        // A GET form writes its fields into the URL, which must not be reported then.
        page: if agent.may_show(&response.url) { response.url.clone() } else { attempt.first_page.clone() },
        user: answer.user.clone(),
        blockers: attempt.blockers.clone(),
        pending: None,
        #[cfg(feature = "browser")]
        storage: Vec::new(),
    };
    let (asks_for_code, repeats_step) = (asks_for_code(page), attempt.repeats_step());
    if let Some(text) = &credentials.expect_text {
        report.decide_by_text(text, response);
        if report.outcome != LoginOutcome::LoggedIn && asks_for_code && !repeats_step {
            report.outcome = LoginOutcome::SecondFactor;
        }
        return Ok(report);
    }
    let is_named = credentials.judge_by.is_some();
    let shown = AnswerPage::of(page, form_page, status, credentials);
    let reason = FailureReason { attempt, messages: &messages, complains: shown.complains };
    if repeats_step && !is_named {
        return Ok(report);
    }
    // Some frameworks answer with an error status if the form of the next step is not a redirect.
    let is_step = asks_for_code && !shown.has_form && !matches!(status, 429 | 500..);
    if (status >= 400 && !is_step) || (shown.is_refusal() && !is_named) {
        report.outcome = reason.of_refusal(agent);
        return Ok(report);
    }
    if asks_for_code && !is_named {
        report.outcome = LoginOutcome::SecondFactor;
        return Ok(report);
    }
    if !shown.has_form && attempt.step.is_none() {
        report.evidence.push(Evidence::LoginFormGone);
    }
    let has_control = shown.logout_control.is_some();
    report.evidence.extend(shown.logout_control.map(Evidence::LogoutControl));
    let snapshot = (response.method == http::Method::GET).then(|| PageSnapshot::of(response, page)).flatten();
    let places = places_to_probe(&response.url, page, attempt, has_control);
    let accounts = places.first().into_iter().flat_map(|it| well_known::below(it, well_known::WHO_AM_I));
    let verification = Verification {
        evidence: &report.evidence,
        judge_by: credentials.judge_by.as_ref(),
        asked: &attempt.asked,
        asked_before: attempt.asked_before.as_ref(),
        answer: snapshot.as_ref(),
        accounts: accounts.collect(),
        places,
        max_exchanges_of_accounts: usize::MAX,
        form: UsedForm { page: &attempt.login_form.page, signature: attempt.login_form.signature.clone() },
        interstitial: (status < 300 && !has_control).then_some(page.texts.as_slice()),
        before: attempt.jar_before.snapshot(),
        user: credentials.user.as_deref(),
        by_token: false,
    };
    match verification.verify(agent).await? {
        Verified::Session((place, differences)) => {
            if agent.may_show(&place) {
                report.page = place;
            }
            report.evidence.push(Evidence::Differs(report.page.clone(), differences));
            report.outcome = LoginOutcome::LoggedIn;
        }
        Verified::HeldUp(place) => {
            report.outcome = reason.of_step();
            report.page = if agent.may_show(&place) { place } else { report.page };
        }
        Verified::Nothing(found) => {
            let shows = found.as_ref().map_or(NoSession::SamePage, |(_, shows)| *shows);
            report.outcome = reason.of_no_session(agent, shows);
            let named = found.map(|(place, _)| place).or_else(|| credentials.judge_by.clone());
            if let (LoginOutcome::NoEvidence { .. }, Some(named)) = (&report.outcome, named) {
                report.page = named;
            }
        }
    }
    Ok(report)
}

/// What the page that answered the submission shows.
struct AnswerPage {
    /// A logout control that the page of the form does not have.
    logout_control: Option<ControlSeen>,
    has_form: bool,
    /// It is the page of the form again, or a direct answer with a login form.
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
fn places_to_probe(answer: &Url, page: &HtmlPage, attempt: &Attempt, has_control: bool) -> Vec<Url> {
    let mut answer = answer.clone();
    answer.set_fragment(None);
    let mut without_query = answer.clone();
    without_query.set_query(None);
    let may_work_once = answer.query_pairs().any(|(_, value)| value.chars().count() > MAX_PLAIN_VALUE_LEN);
    let mut places = match may_work_once {
        true => vec![without_query, answer],
        false => vec![answer, without_query],
    };
    places.extend([attempt.asked.clone(), attempt.first_page.clone()]);
    if !has_control && page.links.len() <= MAX_STEP_LINKS {
        let own = page.links.iter().filter(|link| link.target.origin() == page.url.origin());
        places.extend(own.map(|link| link.target.clone()));
    }
    places
}
