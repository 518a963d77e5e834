//! [`AcceptedLogin`]: decides whether a session began after an endpoint accepted the credentials.
//!
//! A page is requested with and without the new cookies and the token of the answer. If no page changes, the cookies and the
//! answer decide. A token is kept only if it, and not a cookie, opens the session.

use url::Url;

use super::credentials::Credentials;
use super::earlier_session::still_shows;
use super::error::LoginError;
use super::json_signs::AnswerVerdict;
use super::report::{LoginOutcome, LoginReport, NoSession};
use super::verification::{Verification, Verified};
use crate::client::auth::csrf::may_be_session;
use crate::client::auth::evidence::Evidence;
use crate::client::auth::probe::UsedForm;
use crate::client::auth::snapshot::PageSnapshot;
use crate::client::auth::well_known;
use crate::client::http::agent::UserAgent;
use crate::client::http::exchange::Purpose;
use crate::client::http::request::{CookieSource, Request};
use crate::cookies::{ByteString, Jar, Reason, SetAction, StoredCookie, TokenSession};

/// How many requests are sent from the login on, if its answer itself decides.
const USUAL_REQUESTS: usize = 5;

/// The same if the answer has a token: the start page seldom shows what it opens.
const USUAL_REQUESTS_WITH_TOKEN: usize = 8;

/// An answer that does not refuse the credentials.
pub(super) struct AcceptedLogin<'a> {
    pub(super) endpoint: &'a Url,
    pub(super) verdict: AnswerVerdict,
    /// It came without a redirect.
    pub(super) is_direct: bool,
    /// The number of exchanges before the login.
    pub(super) before: usize,
    /// The start page of the application before the login.
    pub(super) asked_before: Option<PageSnapshot>,
    pub(super) jar_before: Jar,
    pub(super) messages: Vec<String>,
    /// The token in the answer.
    pub(super) token: Option<TokenSession>,
}

impl AcceptedLogin<'_> {
    /// Completes the report. The jar has the token afterwards if it opens the session.
    pub(super) async fn verify(
        &self,
        agent: &mut UserAgent,
        credentials: &Credentials<'_>,
        mut report: LoginReport,
    ) -> Result<LoginReport, LoginError> {
        let mut shown = Verified::Nothing(None);
        if let Some(token) = &self.token {
            agent.use_token(token.clone());
            shown = self.on_pages(agent, credentials, &report).await?;
            if let Verified::Session((place, differences)) = &shown
                && !agent.jar().sent_to(place).is_empty()
            {
                // If the cookies alone open the session, the token is for something else.
                self.forget_token(agent);
                if !Box::pin(still_shows(agent, place, differences)).await? {
                    agent.use_token(token.clone());
                }
            }
        }
        let may_be_by_cookie = agent.jar().sent_to(self.endpoint).iter().any(may_be_session);
        if matches!(shown, Verified::Nothing(_)) && (self.token.is_none() || may_be_by_cookie) {
            // Some applications refuse all requests with a token that is for something else.
            self.forget_token(agent);
            shown = self.on_pages(agent, credentials, &report).await?;
        }
        let is_by_token = match shown {
            Verified::Session((place, differences)) => {
                let is_by_token = !agent.jar().tokens().is_empty();
                report.page = place.clone();
                report.evidence.push(match is_by_token {
                    true => Evidence::DiffersWithToken(place, differences),
                    false => Evidence::Differs(place, differences),
                });
                report.outcome = LoginOutcome::LoggedIn;
                is_by_token
            }
            Verified::HeldUp(place) => {
                report.page = place;
                report.outcome = LoginOutcome::AnotherStep { messages: self.messages.clone() };
                false
            }
            Verified::Nothing(found) => self.decide_by_answer(agent, credentials, &mut report, found).await?,
        };
        self.forget_token(agent);
        if let Some(token) = self.token.clone().filter(|_| is_by_token) {
            agent.use_token(token);
        }
        Ok(report)
    }

    fn forget_token(&self, agent: &UserAgent) {
        agent.jar().remove_tokens(|token| Some(token) == self.token.as_ref());
    }

    /// Looks for a page that changes with what the jar has.
    async fn on_pages(
        &self,
        agent: &mut UserAgent,
        credentials: &Credentials<'_>,
        report: &LoginReport,
    ) -> Result<Verified, LoginError> {
        let endpoint = self.endpoint;
        let start = endpoint.join("/").unwrap_or_else(|_| report.page.clone());
        let by_token = !agent.jar().tokens().is_empty();
        let has_session_cookie = agent.jar().sent_to(endpoint).iter().any(may_be_session);
        let is_certain = self.is_affirmed() && (has_session_cookie || self.token.is_some());
        let usual = if by_token { USUAL_REQUESTS_WITH_TOKEN } else { USUAL_REQUESTS };
        let mut accounts: Vec<Url> = well_known::below(&start, well_known::WHO_AM_I).collect();
        if by_token {
            accounts.splice(0..0, well_known::in_folder_of(endpoint, well_known::WHO_AM_I_NEAR_LOGIN));
        }
        let verification = Verification {
            evidence: &report.evidence,
            judge_by: credentials.judge_by.as_ref(),
            asked: &start,
            asked_before: self.asked_before.as_ref(),
            answer: None,
            places: vec![start.clone(), report.page.clone()],
            accounts,
            max_exchanges_of_accounts: if is_certain { self.before + usual } else { usize::MAX },
            form: UsedForm { page: endpoint, signature: None },
            interstitial: None,
            before: self.jar_before.snapshot(),
            user: credentials.user.as_deref(),
            by_token,
        };
        // In a box: it is polled on the stack of the caller, and is called twice.
        Box::pin(verification.verify(agent)).await
    }

    fn is_affirmed(&self) -> bool {
        self.is_direct && self.verdict == AnswerVerdict::Affirms
    }

    /// Decides without a page. Returns whether the token is the session.
    async fn decide_by_answer(
        &self,
        agent: &mut UserAgent,
        credentials: &Credentials<'_>,
        report: &mut LoginReport,
        found: Option<(Url, NoSession)>,
    ) -> Result<bool, LoginError> {
        let mut shows = NoSession::SamePage;
        if let Some((place, NoSession::LoginFormRemains)) = found {
            report.page = place;
            shows = NoSession::LoginFormRemains;
        }
        report.page = credentials.judge_by.clone().unwrap_or(report.page.clone());
        if matches!(self.verdict, AnswerVerdict::Denies | AnswerVerdict::ProbablyDenies) {
            return Ok(false);
        }
        let may_decide = credentials.judge_by.is_none() && self.is_direct;
        let is_token = self.token.is_some()
            && (self.verdict == AnswerVerdict::Affirms || credentials.token.field.is_some());
        let rejected = rejected_cookie(agent, self.before).filter(|_| self.token.is_none());
        let form_remains = shows == NoSession::LoginFormRemains;
        let is_by_cookie = rejected.is_none()
            && may_decide
            && !form_remains
            && self.is_by_cookie(agent, &report.evidence).await?;
        let is_by_token = !is_by_cookie && may_decide && is_token;
        report.outcome = match rejected {
            Some((name, reason)) => LoginOutcome::CookieRejected { name, reason },
            None if is_by_cookie || is_by_token => LoginOutcome::LoggedIn,
            None => LoginOutcome::NoEvidence { messages: self.messages.clone(), shows },
        };
        Ok(is_by_token)
    }

    /// Whether the jar holds a cookie that may be the session. If the answer says nothing, or has a token that may be the
    /// session, that is a cookie that an anonymous client is not given.
    async fn is_by_cookie(&self, agent: &mut UserAgent, evidence: &[Evidence]) -> Result<bool, LoginError> {
        match (self.verdict, &self.token) {
            (AnswerVerdict::Affirms, None) => {
                Ok(agent.jar().sent_to(self.endpoint).iter().any(may_be_session))
            }
            (AnswerVerdict::Affirms, Some(_)) | (AnswerVerdict::Empty, _) => {
                has_cookie_of_user(agent, self.endpoint, evidence).await
            }
            _ => Ok(false),
        }
    }
}

/// Whether the login issued a cookie that an anonymous client is not given.
async fn has_cookie_of_user(
    agent: &mut UserAgent,
    endpoint: &Url,
    evidence: &[Evidence],
) -> Result<bool, LoginError> {
    let is_issued = |cookie: &StoredCookie| {
        evidence.iter().any(|it| matches!(it, Evidence::CookieIssued(name) if *name == cookie.name))
    };
    let mut issued = agent.jar().cookies();
    issued.retain(|cookie| is_issued(cookie) && may_be_session(cookie));
    if issued.is_empty() {
        return Ok(false);
    }
    let before = agent.flow().exchanges.len();
    let mut request = Request::page(endpoint.clone());
    request.cookies = CookieSource::Probe(agent.jar().empty());
    match agent.send(request).await {
        Err(error) if !error.is_bad_redirect() => return Err(error.into()),
        _ => {}
    }
    let given = agent.exchanges_since(before).iter().flat_map(|exchange| &exchange.set);
    let given: Vec<&ByteString> = given.map(|decision| &decision.name).collect();
    Ok(issued.iter().any(|cookie| !given.contains(&&cookie.name)))
}

/// The first cookie that the client rejected, if it stored none.
fn rejected_cookie(agent: &UserAgent, since: usize) -> Option<(ByteString, Reason)> {
    let steps = agent.exchanges_since(since).iter().filter(|exchange| exchange.purpose != Purpose::Probe);
    let mut rejected = None;
    for decision in steps.flat_map(|exchange| &exchange.set) {
        match decision.action {
            SetAction::Rejected(reason) => rejected = rejected.or(Some((decision.name.clone(), reason))),
            SetAction::Stored | SetAction::Replaced { changed: true } => return None,
            _ => {}
        }
    }
    rejected
}
