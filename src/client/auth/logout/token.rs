//! Ends a session whose proof is a token: at the address at which the application logs out, else with the revocation of the
//! token (RFC 7009). Then the old token is replayed, and in any case this client forgets it.

use http::Method;
use serde_json::{Map, Value};
use url::Url;

use super::report::{LogoutError, LogoutOutcome, LogoutReport};
use crate::client::auth::evidence::ControlSeen;
use crate::client::auth::logout_controls::is_logout_address;
use crate::client::auth::session_proof::{SessionProof, SessionState};
use crate::client::auth::snapshot::PageSnapshot;
use crate::client::auth::well_known;
use crate::client::http::agent::UserAgent;
use crate::client::http::error::ClientError;
use crate::client::http::request::{Body, Request};
use crate::cookies::{Jar, TokenSession};

/// Paths of logouts in the folder of the login.
const NEAR_LOGIN: &str = "logout signout";

/// Common paths of logouts, for servers that describe no revocation.
const COMMON: &str = "logout api/logout auth/logout api/auth/logout";

/// The requests that are kept for the revocation and its replay.
const RESERVED_REQUESTS: usize = 4;

/// A session with a token while it is ended.
struct TokenLogout<'a> {
    agent: &'a mut UserAgent,
    session: TokenSession,
    /// The cookies and the token before the logout.
    old: Jar,
    proof: Option<SessionProof>,
    /// The first request that was accepted, or the one that ended the session.
    used: Option<ControlSeen>,
    state: Option<SessionState>,
}

/// Ends the session of a token that is sent to `page`.
pub(super) async fn logout(
    agent: &mut UserAgent,
    page: &Url,
    last_page: Option<&Url>,
    session: TokenSession,
) -> Result<LogoutReport, LogoutError> {
    let old = agent.jar().snapshot();
    let mut logout = TokenLogout { agent, session, old, proof: None, used: None, state: None };
    let place = match logout.find_proof(page, last_page).await {
        // The server accepts neither the token nor its refresh token.
        Err(ClientError::TokenNotRenewed { .. }) => {
            logout.state = Some(SessionState::Anonymous);
            page.clone()
        }
        place => place?,
    };
    logout.use_renewed_token();
    let file = logout.agent.stop_renewing();
    let ended = if logout.has_ended() { Ok(()) } else { logout.end(page).await };
    let TokenLogout { agent, session, used, state, .. } = logout;
    agent.go_on_renewing(file);
    ended?;
    agent.jar().remove_tokens(|token| token.is_same_as(&session));
    let outcome = match state {
        Some(SessionState::Anonymous) => LogoutOutcome::EndedOnServer,
        Some(SessionState::LoggedIn) => LogoutOutcome::OnlyCookieGone,
        Some(SessionState::Failed(status)) => LogoutOutcome::Unavailable { status },
        Some(SessionState::Unclear) | None => LogoutOutcome::NoEvidence,
    };
    Ok(LogoutReport {
        outcome,
        control: used.unwrap_or(ControlSeen::Nothing),
        confirmed: None,
        by_get: false,
        removed: Vec::new(),
        forgotten: Some(session.name),
        page: place,
        revived: false,
        logged_in_again: false,
    })
}

impl TokenLogout<'_> {
    /// Looks for a page that changes with the token. Returns it, or the page that shows the most.
    async fn find_proof(&mut self, page: &Url, last_page: Option<&Url>) -> Result<Url, ClientError> {
        let near = self.session.issued_by.iter();
        let near = near.flat_map(|login| well_known::in_folder_of(login, well_known::WHO_AM_I_NEAR_LOGIN));
        let mut places: Vec<Url> = last_page.cloned().into_iter().collect();
        places.extend(Some(page.clone()).filter(|page| !is_logout_address(page)));
        places.extend(near);
        places.retain(|place| self.session.is_for(place));
        places.dedup();
        for place in &places {
            if self.agent.requests_left() <= 2 * RESERVED_REQUESTS {
                break;
            }
            self.proof = SessionProof::on(self.agent, place, None, None).await?;
            if self.proof.is_some() {
                return Ok(place.clone());
            }
            let seen = PageSnapshot::with_own_jar(self.agent, place).await?;
            if seen.is_some_and(|seen| seen.status == 401) {
                self.state = Some(SessionState::Anonymous);
                return Ok(place.clone());
            }
        }
        Ok(places.into_iter().next().unwrap_or_else(|| page.clone()))
    }

    fn has_ended(&self) -> bool {
        self.state == Some(SessionState::Anonymous) || (self.used.is_some() && self.proof.is_none())
    }

    /// The search for a proof may have renewed the token.
    fn use_renewed_token(&mut self) {
        self.old = self.agent.jar().snapshot();
        let renewed = self.old.tokens().into_iter().find(|token| token.is_same_as(&self.session));
        self.session = renewed.unwrap_or_else(|| self.session.clone());
    }

    /// Uses the address that the user named, else those near the login, the revocation, and common ones, until the session is
    /// over.
    async fn end(&mut self, page: &Url) -> Result<(), ClientError> {
        if is_logout_address(page) {
            let control = ControlSeen::Request(Method::POST, page.path().to_owned());
            return self.at_addresses([page.clone()], |_| control.clone()).await;
        }
        let common = |url: &Url| ControlSeen::WellKnown(Method::POST, url.path().to_owned());
        let near = self.session.issued_by.clone().unwrap_or_else(|| page.clone());
        self.at_addresses(well_known::in_folder_of(&near, NEAR_LOGIN), common).await?;
        self.revoke().await?;
        let root = self.session.origin.clone();
        self.at_addresses(well_known::in_folder_of(&root, COMMON), common).await
    }

    async fn at_addresses(
        &mut self,
        addresses: impl IntoIterator<Item = Url>,
        control: impl Fn(&Url) -> ControlSeen,
    ) -> Result<(), ClientError> {
        for url in addresses {
            if self.agent.requests_left() <= RESERVED_REQUESTS || self.has_ended() {
                break;
            }
            let control = control(&url);
            let request = self.logout_request(url);
            let answer = self.agent.send(request).await;
            self.replay(answer.is_ok_and(|response| response.status.as_u16() < 400), control).await?;
        }
        Ok(())
    }

    /// The request of a script that logs out. Some servers want the refresh token, which this origin has issued.
    fn logout_request(&self, url: Url) -> Request {
        let refresh = self.session.refresh.iter();
        let members: Map<String, Value> =
            refresh.map(|refresh| (refresh.name.clone(), Value::from(refresh.token.as_str()))).collect();
        let body = Body::new("application/json", Value::Object(members).to_string().into_bytes());
        let mut request = Request::new(Method::POST, url);
        request.accept = "application/json, */*;q=0.8";
        request.body = Some(body);
        request
    }

    /// Revokes the refresh token and the access token, if the server describes where.
    async fn revoke(&mut self) -> Result<(), ClientError> {
        if self.agent.requests_left() < RESERVED_REQUESTS || self.has_ended() {
            return Ok(());
        }
        let Some(endpoint) = self.agent.token_endpoints(&self.session).await?.revocation else {
            return Ok(());
        };
        let refresh = self.session.refresh.clone();
        let client = refresh.as_ref().map(|it| it.client.clone()).unwrap_or_default();
        let refresh = refresh.map(|it| (it.token, "refresh_token"));
        let tokens = refresh.into_iter().chain([(self.session.access_token.clone(), "access_token")]);
        let mut is_accepted = false;
        for (token, hint) in tokens {
            let fields = [("token", token.as_str()), ("token_type_hint", hint)];
            let client = client.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let request = Request::form(endpoint.clone(), fields.into_iter().chain(client));
            is_accepted |= self.agent.send_once(request).await?.status.is_success();
        }
        let control = ControlSeen::Request(Method::POST, endpoint.path().to_owned());
        self.replay(is_accepted, control).await
    }

    /// Replays the old token after a request that was accepted.
    async fn replay(&mut self, is_accepted: bool, control: ControlSeen) -> Result<(), ClientError> {
        if !is_accepted {
            return Ok(());
        }
        if let Some(proof) = &self.proof {
            self.state = Some(proof.state_of(self.agent, &self.old).await?);
        }
        if self.used.is_none() || self.has_ended() {
            self.used = Some(control);
        }
        Ok(())
    }
}
