//! The token session that an answer to a login begins.

use url::Url;

use super::credentials::{Credentials, LoginMethod};
use super::json_answer::JsonAnswer;
use crate::clock::Timestamp;
use crate::cookies::TokenSession;

/// The fields of a login that identify the client of an OAuth server. A renewal needs them too.
const CLIENT_FIELDS: [&str; 2] = ["client_id", "client_secret"];

/// The field that only the token endpoint of an OAuth server takes (RFC 6749 §4.3.2).
const GRANT_TYPE: &str = "grant_type";

/// The token session of an answer from `endpoint`, if it has a token that a header can carry.
pub(super) fn session_of(
    answer: &JsonAnswer,
    endpoint: &Url,
    credentials: &Credentials<'_>,
    now: Timestamp,
) -> Option<TokenSession> {
    let hints = &credentials.token;
    let token = answer.token(hints.field.as_deref())?;
    let mut session = token.session(endpoint, hints.header.as_ref(), now);
    session.header.value(&session.access_token)?;
    if let Some(refresh) = &mut session.refresh {
        let is_oauth = credentials.fields.iter().any(|(name, _)| name == GRANT_TYPE);
        let own = || is_oauth.then(|| endpoint.clone());
        refresh.url = hints.refresh_url.clone().or_else(|| refresh.url.take()).or_else(own);
        // An address from the OpenID configuration takes a form.
        refresh.as_json = credentials.method == LoginMethod::Json && !is_oauth && refresh.url.is_some();
        let is_of_client = |(name, _): &&(String, String)| CLIENT_FIELDS.contains(&name.as_str());
        refresh.client = credentials.fields.iter().filter(is_of_client).cloned().collect();
    }
    Some(session)
}
