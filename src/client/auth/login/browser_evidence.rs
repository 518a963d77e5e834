//! Judges a login in a browser: by the evidence of any login with a form, else by evidence for pages that are the same HTML for everybody: a request of a script that is answered
//! differently without the cookies, or the page as an empty browser draws it.

use std::collections::HashSet;

use serde_json::Value;
use url::Url;

use super::attempt::Attempt;
use super::browser_session::{BrowserLogin, TAB};
use super::credentials::Credentials;
use super::error::LoginError;
use super::outcome;
use super::report::{LoginOutcome, LoginReport};
use crate::client::auth::evidence::{Difference, Evidence};
use crate::client::auth::probe::{Expected, Proof, SessionProbe, UsedForm};
use crate::client::auth::snapshot::PageSnapshot;
use crate::client::browser::config::BrowserMode;
use crate::client::browser::drawn_page::DrawnPage;
use crate::client::browser::page_requests::{PageRequest, RequestKind};
use crate::client::browser::stored_item::StoredItem;
use crate::client::http::agent::UserAgent;
use crate::cookies::is_cross_site;
use crate::cookies::value::decode;

/// How many requests of scripts are repeated.
const MAX_REPEATED: usize = 6;

/// How many requests that needs at most.
const MAX_REPEATED_REQUESTS: usize = 24;

/// How many requests the verification sends at most.
const MAX_REQUESTS: usize = 20;

/// A shorter value of a header is no token.
const MIN_TOKEN_LEN: usize = 12;

/// Decides the outcome, and takes the tokens in the storage of the page over.
pub(super) async fn judge(
    login: &mut BrowserLogin<'_>,
    attempt: &Attempt,
    credentials: &Credentials<'_>,
) -> Result<LoginReport, LoginError> {
    let verify = async |agent: &mut UserAgent| outcome::of_attempt(agent, attempt, credentials).await;
    let mut report = login.agent.with_at_most(MAX_REQUESTS, verify).await?;
    if let LoginOutcome::ScriptOnly = report.outcome {
        // The script has run: the application is silent.
        let status = attempt.answer.status;
        report.outcome = LoginOutcome::Refused { status, messages: Vec::new() };
    }
    let is_open = matches!(report.outcome, LoginOutcome::NoEvidence { .. });
    if is_open && credentials.expect_text.is_none() {
        find(login, attempt, credentials, &mut report).await?;
    }
    if report.outcome == LoginOutcome::LoggedIn {
        report.storage = tokens(login).await?;
    }
    Ok(report)
}

/// Looks for evidence, and changes the report if there is any.
async fn find(
    login: &mut BrowserLogin<'_>,
    attempt: &Attempt,
    credentials: &Credentials<'_>,
    report: &mut LoginReport,
) -> Result<(), LoginError> {
    let form = UsedForm { page: &attempt.login_form.page, signature: attempt.login_form.signature.clone() };
    let user = credentials.user.as_deref();
    if credentials.judge_by.is_none()
        && let Some((place, differences)) = of_requests(login, &form, user).await?
    {
        report.page = place.clone();
        report.evidence.push(Evidence::Differs(place, differences));
        report.outcome = LoginOutcome::LoggedIn;
        return Ok(());
    }
    // The window belongs to the person.
    if credentials.browser.mode == BrowserMode::Window {
        return Ok(());
    }
    let place = credentials.judge_by.as_ref().unwrap_or(&attempt.answer.response.url);
    if let Some(differences) = of_drawn_page(login, place, &form, user).await? {
        if login.agent.may_show(place) {
            report.page = place.clone();
        }
        report.evidence.push(Evidence::DrawnDiffers(report.page.clone(), differences));
        report.outcome = LoginOutcome::LoggedIn;
    }
    Ok(())
}

/// A request of a script that is answered differently without the cookies.
async fn of_requests(
    login: &mut BrowserLogin<'_>,
    form: &UsedForm<'_>,
    user: Option<&str>,
) -> Result<Option<(Url, Vec<Difference>)>, LoginError> {
    let mut known = HashSet::new();
    let is_read = |request: &&PageRequest| {
        let is_answered = request.status.is_some_and(|status| (200..300).contains(&status));
        request.kind == RequestKind::Script && request.method == "GET" && is_answered && request.tab == TAB
    };
    let urls = login.browser.traffic().since(0).iter().rev().filter(is_read);
    let urls = urls.filter_map(|request| Url::parse(&request.url).ok());
    let own = urls.filter(|url| !is_cross_site(&login.start, url) && login.agent.may_show(url));
    let own: Vec<Url> = own.filter(|url| known.insert(url.clone())).take(MAX_REPEATED).collect();
    let anonymous = login.agent.jar().empty();
    let probe = async |agent: &mut UserAgent| {
        for place in own {
            let Some(with) = PageSnapshot::with_own_jar(agent, &place).await? else { continue };
            let expected = Expected { user, any_address: false };
            let probe = SessionProbe::of_page(agent, &place, with, &anonymous, expected).await?;
            if let Some(probe) = probe.filter(|it| it.is_certain() && it.proof(form) != Proof::None) {
                return Ok(Some((place, probe.differences().to_vec())));
            }
        }
        Ok(None)
    };
    login.agent.with_at_most(MAX_REPEATED_REQUESTS, probe).await
}

/// How the page that this browser draws differs from that of an empty browser, if that shows a session.
async fn of_drawn_page(
    login: &mut BrowserLogin<'_>,
    place: &Url,
    form: &UsedForm<'_>,
    user: Option<&str>,
) -> Result<Option<Vec<Difference>>, LoginError> {
    let with = login.open(place).await?;
    login.browser.open_tab().await?;
    let without = login.browser.open(TAB + 1, place).await?;
    let of = |drawn: &DrawnPage| PageSnapshot::of(&drawn.response, &drawn.page);
    let (Some(with), Some(without)) = (of(&with), of(&without)) else { return Ok(None) };
    let expected = Expected { user, any_address: true };
    let probe = SessionProbe::between_expecting(place.clone(), with, without, expected);
    let is_session = probe.is_certain() && probe.proof(form) != Proof::None;
    Ok(is_session.then(|| probe.differences().to_vec()))
}

/// The entries of the storage of the page that are tokens: it sends them in a header, or their value has the format of one.
async fn tokens(login: &mut BrowserLogin<'_>) -> Result<Vec<StoredItem>, LoginError> {
    let now = login.agent.jar().now();
    let mut found = Vec::new();
    for mut item in login.browser.storage(TAB).await? {
        let values = texts_in(&item.value);
        let requests = login.browser.traffic().since(0).iter();
        let mut headers = requests.flat_map(|request| &request.header_values);
        let is_sent = |value: &String| value.len() >= MIN_TOKEN_LEN;
        let header = headers.find(|(name, sent)| {
            !name.eq_ignore_ascii_case("cookie")
                && values.iter().any(|value| is_sent(value) && sent.contains(value.as_str()))
        });
        item.header = header.map(|(name, _)| name.clone());
        let is_token = |value: &String| decode(&item.key, value.as_bytes(), now).kind.contains("JWT");
        if item.header.is_some() || values.iter().any(is_token) {
            for value in values.iter().filter(|value| value.len() >= MIN_TOKEN_LEN) {
                login.agent.hide(value);
            }
            found.push(item);
        }
    }
    Ok(found)
}

/// The value of an entry, and the texts in it if it is JSON.
fn texts_in(value: &str) -> Vec<String> {
    let mut texts = vec![value.to_owned()];
    let mut open: Vec<Value> = serde_json::from_str(value).ok().into_iter().collect();
    while let Some(value) = open.pop() {
        match value {
            Value::String(text) => texts.push(text),
            Value::Array(list) => open.extend(list),
            Value::Object(members) => open.extend(members.into_iter().map(|(_, member)| member)),
            _ => {}
        }
    }
    texts
}
