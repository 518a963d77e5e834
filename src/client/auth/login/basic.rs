//! A login with HTTP Basic authentication (RFC 7617) instead of a form: the session is the cookie that it sets.

use url::Url;

use super::credentials::Credentials;
use super::error::LoginError;
use super::messages;
use super::report::{LoginOutcome, LoginReport, NoSession};
use super::verification::{Verification, Verified};
use crate::client::auth::evidence::Evidence;
use crate::client::auth::probe::UsedForm;
use crate::client::auth::second_factor::asks_for_code;
use crate::client::auth::well_known;
use crate::client::html::blocker::Blocker;
use crate::client::html::page::HtmlPage;
use crate::client::http::agent::UserAgent;
use crate::client::http::response::Response;
use crate::cookies::Jar;

/// A page without a login form, as HTTP Basic authentication opens it.
pub(super) struct BasicAnswer {
    pub(super) response: Response,
    pub(super) page: HtmlPage,
    /// Whether the name and the password of the login answered its challenge, not other credentials for the site.
    pub(super) is_of_login: bool,
    /// The number of exchanges before it was requested.
    pub(super) exchanges_before: usize,
    /// The cookies before it was requested.
    pub(super) jar_before: Jar,
}

/// The report of a login whose search for a form ended with `error` and this page. A page with the cookies is compared
/// with the page of an anonymous client, both without the `Authorization` header: later commands do not send it.
pub(super) async fn report(
    agent: &mut UserAgent,
    asked: &Url,
    answer: BasicAnswer,
    credentials: &Credentials<'_>,
    error: LoginError,
) -> Result<LoginReport, LoginError> {
    let BasicAnswer { response, page, is_of_login, exchanges_before, jar_before } = answer;
    let status = response.status.as_u16();
    let blank = HtmlPage::blank(page.url.clone());
    let messages = messages::of_page(agent, &response, &page, &blank, exchanges_before);
    let mut report = LoginReport {
        outcome: LoginOutcome::of_failure(status, &response, messages.clone(), agent.jar().now()),
        evidence: Evidence::of_cookies(agent, exchanges_before),
        page: if agent.may_show(&response.url) { response.url.clone() } else { asked.clone() },
        user: credentials.user.clone().filter(|_| is_of_login),
        blockers: Vec::new(),
        pending: None,
        #[cfg(feature = "browser")]
        storage: Vec::new(),
    };
    if status >= 400 {
        report.blockers.extend((status == 401).then_some(Blocker::BasicRefused));
        return if is_of_login { Ok(report) } else { Err(error) };
    }
    if let Some(text) = credentials.expect_text.as_ref().filter(|_| is_of_login) {
        report.decide_by_text(text, &response);
        return Ok(report);
    }
    let verification = Verification {
        evidence: &report.evidence,
        judge_by: credentials.judge_by.as_ref(),
        asked,
        asked_before: None,
        answer: None,
        places: vec![response.url.clone(), asked.clone()],
        accounts: well_known::below(&response.url, well_known::WHO_AM_I).collect(),
        max_exchanges_of_accounts: usize::MAX,
        form: UsedForm { page: &page.url, signature: None },
        interstitial: None,
        before: jar_before,
        user: credentials.user.as_deref(),
        by_token: false,
    };
    let verified = agent.without_basic(async |agent| verification.verify(agent).await).await?;
    report.outcome = match verified {
        Verified::Session((place, differences)) => {
            if agent.may_show(&place) {
                report.page = place;
            }
            report.evidence.push(Evidence::Differs(report.page.clone(), differences));
            LoginOutcome::LoggedIn
        }
        Verified::Nothing(_) if !is_of_login => return Err(error),
        Verified::HeldUp(_) if asks_for_code(&page) => LoginOutcome::SecondFactor,
        Verified::HeldUp(place) => {
            report.page = if agent.may_show(&place) { place } else { report.page };
            LoginOutcome::AnotherStep { messages }
        }
        Verified::Nothing(_) => {
            LoginOutcome::NoEvidence { messages: Vec::new(), shows: NoSession::NeedsBasic }
        }
    };
    if is_of_login {
        agent.forget_basic(asked);
    }
    Ok(report)
}
