//! Renews a token that has expired, or that the server refuses, with its refresh token.
//!
//! Many refresh tokens work once, so the file of the tokens is locked meanwhile, and a process that gets the lock first looks
//! whether another one has renewed the token. A token that is not in the file yet is new, and not renewed.

use std::time::{Duration, Instant};

use http::StatusCode;
use serde_json::Value;

use super::agent::UserAgent;
use super::error::{ClientError, error_chain};
use super::request::{Body, CookieSource, Request};
use super::response::Response;
use super::token_endpoints::may_receive;
use crate::client::auth::token_answer::TokenAnswer;
use crate::client::profile::token_file::{LockedTokens, TokenFile};
use crate::cookies::{TokenRefresh, TokenSession};

/// How long to wait before the lock is tried again.
const RETRY_DELAY: Duration = Duration::from_millis(10);

impl UserAgent {
    /// Renews the token that a request would carry, if it has expired and was not renewed already.
    pub(super) async fn renew_expired_token(
        &mut self,
        request: &Request,
        is_renewed: &mut bool,
    ) -> Result<(), ClientError> {
        let now = self.jar().now();
        let session = self.renewable_token(request).filter(|session| session.is_expired(now));
        if let Some(session) = session.filter(|_| !*is_renewed) {
            *is_renewed = true;
            // In a box: few requests need this, and the future of each one would contain it.
            Box::pin(self.renew(request, session)).await?;
        }
        Ok(())
    }

    /// Renews the token of a request that was refused, if it was not renewed already. Returns whether the request should be
    /// sent again.
    pub(super) async fn renew_refused_token(
        &mut self,
        request: &Request,
        status: StatusCode,
        is_renewed: &mut bool,
    ) -> Result<bool, ClientError> {
        if status != StatusCode::UNAUTHORIZED || *is_renewed {
            return Ok(false);
        }
        let Some(session) = self.renewable_token(request) else { return Ok(false) };
        *is_renewed = true;
        Box::pin(self.renew(request, session)).await?;
        Ok(true)
    }

    /// The token that a request carries, if it is one of the agent's and can be renewed.
    fn renewable_token(&self, request: &Request) -> Option<TokenSession> {
        self.tokens.file.as_ref()?;
        let jar = self.jar_of(request);
        let own = self.jar().tokens();
        let is_own = |session: &TokenSession| own.contains(session) && !self.jar().is_unsaved(session);
        let mut sessions = jar.tokens();
        sessions
            .retain(|session| session.refresh.is_some() && session.is_for(&request.url) && is_own(session));
        if sessions.is_empty() {
            return None;
        }
        let sent = self.with_origin_headers(request, &jar);
        let is_sent = |session: &TokenSession| {
            sent.headers.get(session.header.name()) == session.header.value(&session.access_token).as_ref()
        };
        sessions.into_iter().find(is_sent)
    }

    /// Gets a new token for a session, unless another process has done so.
    async fn renew(&mut self, request: &Request, session: TokenSession) -> Result<(), ClientError> {
        let Some(file) = self.tokens.file.clone() else { return Ok(()) };
        let locked = self.lock(&file, &session).await?;
        let current = locked.document.sessions.iter().find(|other| other.is_same_as(&session)).cloned();
        let renewed = match current {
            // Another process has logged out.
            None => {
                let forgotten = locked.close();
                self.jar().remove_tokens(|other| other.is_same_as(&session));
                return forgotten.map_err(|error| not_renewed(&session, error_chain(&error)));
            }
            Some(current) if current.access_token != session.access_token => current,
            Some(current) => {
                let renewed = self.refresh(&current).await?;
                let saved = locked.put(renewed.clone());
                saved.map_err(|error| not_renewed(&session, error_chain(&error)))?;
                renewed
            }
        };
        self.learn_token(&renewed);
        if let CookieSource::Probe(jar) = &request.cookies {
            jar.restore_tokens([renewed.clone()]);
        }
        self.jar().restore_tokens([renewed]);
        Ok(())
    }

    /// Waits for the lock of the file without blocking other tasks, one of which may hold it.
    async fn lock(&self, file: &TokenFile, session: &TokenSession) -> Result<LockedTokens, ClientError> {
        loop {
            match file.try_lock() {
                Ok(Some(locked)) => return Ok(locked),
                Ok(None) if Instant::now() < self.deadline() => tokio::time::sleep(RETRY_DELAY).await,
                Ok(None) => return Err(self.timed_out(&session.origin)),
                Err(error) => return Err(not_renewed(session, error_chain(&error))),
            }
        }
    }

    /// Sends the refresh token, and returns the session with the new tokens.
    async fn refresh(&mut self, session: &TokenSession) -> Result<TokenSession, ClientError> {
        let failed = |why: String| not_renewed(session, why);
        let Some(refresh) = &session.refresh else {
            return Err(failed("it has no refresh token".to_owned()));
        };
        let endpoint = match &refresh.url {
            Some(url) => Some(url.clone()),
            None => self.token_endpoints(session).await?.token,
        };
        let Some(endpoint) = endpoint else {
            let why = "the server names no address for that; login --refresh-url URL names one".to_owned();
            return Err(failed(why));
        };
        if !may_receive(&endpoint, session) {
            let endpoint = self.redactor.url(&endpoint);
            return Err(failed(format!("{endpoint} would get the refresh token in clear text")));
        }
        let mut request = Request::new(http::Method::POST, endpoint.clone());
        request.accept = "application/json";
        request.body = Some(body_of(refresh));
        let response = self.send_once(request).await?;
        let answer = response.json::<Value>().unwrap_or_default();
        let renewed = TokenAnswer::find(&answer).filter(|_| response.status.is_success());
        match renewed {
            Some(answer) => Ok(answer.renewed(session, self.jar().now())),
            None => Err(failed(self.refusal(&response, &answer))),
        }
    }

    /// What the server said instead of a new token.
    fn refusal(&self, response: &Response, answer: &Value) -> String {
        let (url, status) = (self.redactor.url(&response.url), response.status.as_u16());
        let error = ["error_description", "error", "message", "detail"]
            .iter()
            .find_map(|name| answer.get(*name)?.as_str())
            .map(|error| format!(" ({})", self.redactor.text(error)));
        format!("{url} answered {status}{}", error.unwrap_or_default())
    }
}

/// The request for a new token, as JSON or as RFC 6749 §6 describes it.
fn body_of(refresh: &TokenRefresh) -> Body {
    let TokenRefresh { token, name, client, .. } = refresh;
    if refresh.as_json {
        let mut members = serde_json::Map::from_iter([(name.clone(), Value::from(token.as_str()))]);
        members.extend(client.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))));
        return Body::new("application/json", Value::Object(members).to_string().into_bytes());
    }
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "refresh_token").append_pair("refresh_token", token);
    form.extend_pairs(client);
    Body::new("application/x-www-form-urlencoded", form.finish().into_bytes())
}

fn not_renewed(session: &TokenSession, why: String) -> ClientError {
    let origin = session.origin.origin().ascii_serialization();
    ClientError::TokenNotRenewed { origin, why }
}
