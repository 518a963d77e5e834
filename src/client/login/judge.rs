//! Whether a session began: what the answer shows, and how a page differs for a stranger.

use url::Url;

use super::attempt::{Answer, Attempt};
use super::evidence::{self, Comparison, Difference, Evidence, Look};
use super::report::{Credentials, LoginError, LoginOutcome, LoginReport};
use super::{finder, messages, way_out};
use crate::client::jar::{Jar, Octets};
use crate::client::{Purpose, UserAgent, well_known};

/// Judges what was done by a form.
pub(super) async fn judge(
    agent: &mut UserAgent,
    attempt: Attempt,
    credentials: &Credentials<'_>,
) -> Result<LoginReport, LoginError> {
    let Attempt { first_page, form_page, before, answer, obstacles } = attempt;
    let Answer { response, page, status, user } = answer;
    let hints = &credentials.hints;
    let mut evidence = cookies_since(agent, before);
    // A form that puts its fields into the URL ends on one that must not be kept.
    let page_url = if agent.may_show(&response.url) { response.url.clone() } else { first_page.clone() };
    let said = messages::said_by(&response, &page, &form_page);
    let said: Vec<String> = said.iter().map(|text| agent.hidden_in_text(text)).collect();
    let report =
        |outcome, evidence, page| Ok(LoginReport { outcome, evidence, page, user: user.clone(), obstacles });
    if let Some(text) = &credentials.expect_text {
        if response.text().contains(text.as_str()) {
            evidence.push(Evidence::ExpectedText(text.clone()));
            return report(LoginOutcome::LoggedIn, evidence, page_url);
        }
        return report(LoginOutcome::Refused { status, messages: said }, evidence, page_url);
    }
    let before = way_out::logout_names(&form_page);
    let way_out = way_out::logout_names(&page).into_iter().find(|name| !before.contains(name));
    let same_form = finder::login_signature(&page, hints)
        .filter(|form| finder::login_signature(&form_page, hints).as_ref() == Some(form));
    let complains = way_out.is_none() && messages::complains(&page, &form_page);
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
    let places = [&response.url, &first_page];
    match place_with_session(agent, &evidence, credentials.judge_by.as_ref(), &places).await? {
        Some((place, differences)) => {
            let place = if agent.may_show(&place) { place } else { page_url };
            evidence.push(Evidence::Differs(place.clone(), differences));
            report(LoginOutcome::LoggedIn, evidence, place)
        }
        None => report(LoginOutcome::NoEvidence { messages: said }, evidence, page_url),
    }
}

/// The cookies that the exchanges since gave out or renewed.
pub(super) fn cookies_since(agent: &UserAgent, before: usize) -> Vec<Evidence> {
    let steps = agent.flow().exchanges.get(before..).unwrap_or_default();
    evidence::of_cookies(steps.iter().filter(|exchange| exchange.purpose != Purpose::Control))
}

/// The page that the new session makes another one: the one that the caller names, or one of these places, the
/// start page of their site, or one where applications usually say who is logged in.
pub(super) async fn place_with_session(
    agent: &mut UserAgent,
    evidence: &[Evidence],
    judge_by: Option<&Url>,
    places: &[&Url],
) -> Result<Option<(Url, Vec<Difference>)>, LoginError> {
    let mut to_look_at: Vec<Url> = Vec::new();
    let root = places.first().and_then(|place| place.join("/").ok());
    let named = judge_by.cloned();
    let all = match named {
        Some(named) => vec![named],
        None => places.iter().map(|place| (*place).clone()).chain(root).collect(),
    };
    for place in all {
        if !to_look_at.contains(&place) {
            to_look_at.push(place);
        }
    }
    // First without the cookies that this login gave out. An application that gave out none of those that
    // matter (it knew this client already) is asked as a stranger would ask, and has to show it more clearly.
    let (narrow, nobody) = (without_cookies_of(evidence, agent.jar()), agent.jar().empty());
    for (stranger, clearly) in [(narrow.as_ref(), false), (Some(&nobody), true)] {
        let Some(stranger) = stranger else { continue };
        for place in &to_look_at {
            let Some(comparison) = Comparison::of(agent, place, stranger).await? else { continue };
            if comparison.shows_a_session() && (!clearly || comparison.is_clear()) {
                return Ok(Some((place.clone(), comparison.differences().to_vec())));
            }
        }
    }
    let (Some(start), None, Some(stranger)) = (places.first(), judge_by, narrow) else { return Ok(None) };
    for place in well_known::below(start, well_known::WHO_AM_I) {
        let jar = agent.jar().snapshot();
        // Most of them are not there: that one look tells.
        if !Look::at(agent, &place, &jar).await?.is_some_and(|look| look.is_shown()) {
            continue;
        }
        let comparison = Comparison::of(agent, &place, &stranger).await?;
        if let Some(comparison) = comparison.filter(|it| it.shows_a_session() && it.is_clear()) {
            return Ok(Some((place, comparison.differences().to_vec())));
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
