//! [`TokenSession`]: a session whose proof is a token in a header instead of a cookie, and how a jar keeps it.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use super::jar::Jar;
use super::token_header::TokenHeader;
use crate::clock::Timestamp;

/// A session whose proof is a token in a header instead of a cookie.
///
/// It is sent to its origin only: scheme, host and port. Its `Debug` shows no token.
///
/// ```
/// use sessctl::clock::Timestamp;
/// use sessctl::cookies::{Jar, TokenSession};
///
/// let jar = Jar::new();
/// jar.put_token(TokenSession::new(&"https://app.example/login".parse()?, "access_token", "31d4", Timestamp::MAX));
/// assert_eq!(jar.tokens()[0].header.to_string(), "Authorization: Bearer {}");
/// assert!(jar.empty().tokens().is_empty());
/// # Ok::<(), sessctl::url::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TokenSession {
    /// The start page of the only origin that gets it.
    pub origin: Url,
    /// What the server or the page calls it: the member of an answer, or the key of an entry in a storage.
    pub name: String,
    /// The header that carries it.
    pub header: TokenHeader,
    /// The token.
    pub access_token: String,
    /// When it was issued.
    pub issued: Timestamp,
    /// When it expires, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// Where it was issued. Addresses of the same interface are in the folder of this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_by: Option<Url>,
    /// How to get a new token, if there is a refresh token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh: Option<TokenRefresh>,
}

/// How to get a new token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TokenRefresh {
    /// The refresh token. Many work only once.
    pub token: String,
    /// What the server calls it.
    pub name: String,
    /// Where to send it. Without this, the OpenID configuration of the server names the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Url>,
    /// Whether it is sent as JSON, and not as the fields of a form (RFC 6749 §6).
    pub as_json: bool,
    /// The fields that identify the client: `client_id`, `client_secret`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub client: Vec<(String, String)>,
}

impl TokenSession {
    /// A token for the origin of `url`, sent as `Authorization: Bearer`.
    #[must_use]
    pub fn new(url: &Url, name: &str, access_token: &str, issued: Timestamp) -> Self {
        let mut origin = url.clone();
        origin.set_path("/");
        origin.set_query(None);
        origin.set_fragment(None);
        TokenSession {
            origin,
            name: name.to_owned(),
            header: TokenHeader::default(),
            access_token: access_token.to_owned(),
            issued,
            expires: None,
            issued_by: None,
            refresh: None,
        }
    }

    /// Whether a request to `url` may carry it.
    #[must_use]
    pub fn is_for(&self, url: &Url) -> bool {
        self.origin.origin() == url.origin()
    }

    /// Whether storing one of the two replaces the other: a header of a request carries one token.
    #[must_use]
    pub fn is_same_as(&self, other: &TokenSession) -> bool {
        self.is_for(&other.origin) && self.header.name() == other.header.name()
    }

    /// Whether it has expired.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }
}

impl TokenRefresh {
    /// A refresh token that is sent as the fields of a form.
    #[must_use]
    pub fn new(token: &str) -> Self {
        TokenRefresh {
            token: token.to_owned(),
            name: "refresh_token".to_owned(),
            url: None,
            as_json: false,
            client: Vec::new(),
        }
    }
}

impl fmt::Debug for TokenSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.origin.as_str();
        f.debug_struct("TokenSession")
            .field("origin", &origin)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for TokenRefresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRefresh").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A change of the tokens that is not yet in their file.
#[derive(Debug, Clone)]
#[cfg_attr(not(feature = "client"), allow(dead_code, reason = "only the client keeps tokens in a file"))]
pub(crate) enum TokenChange {
    Put(TokenSession),
    Removed(TokenSession),
}

/// The tokens of a jar's client.
#[derive(Debug, Clone, Default)]
pub(super) struct TokenList {
    sessions: Vec<TokenSession>,
    changes: Vec<TokenChange>,
}

impl TokenList {
    /// The same tokens, without a record of changes.
    pub(super) fn copy(&self) -> Self {
        TokenList { sessions: self.sessions.clone(), changes: Vec::new() }
    }
}

impl Jar {
    /// The token sessions of this client, which it sends in addition to its cookies.
    #[must_use]
    pub fn tokens(&self) -> Vec<TokenSession> {
        self.state().tokens.sessions.clone()
    }

    /// Whether the jar has neither cookies nor tokens.
    #[cfg(feature = "client")]
    pub(crate) fn is_anonymous(&self) -> bool {
        self.state().tokens.sessions.is_empty() && self.cookies().is_empty()
    }

    /// Adds a token session. It replaces the one of the same origin and header.
    pub fn put_token(&self, session: TokenSession) {
        let tokens = &mut self.state().tokens;
        tokens.changes.push(TokenChange::Put(session.clone()));
        put(&mut tokens.sessions, session);
    }

    /// Removes the token sessions for which `predicate` is true, and returns them.
    pub fn remove_tokens(&self, mut predicate: impl FnMut(&TokenSession) -> bool) -> Vec<TokenSession> {
        let tokens = &mut self.state().tokens;
        let (removed, kept) = std::mem::take(&mut tokens.sessions).into_iter().partition(&mut predicate);
        tokens.sessions = kept;
        let removed: Vec<TokenSession> = removed;
        tokens.changes.extend(removed.iter().cloned().map(TokenChange::Removed));
        removed
    }

    /// Adds token sessions that are in the file already.
    #[cfg(feature = "client")]
    pub(crate) fn restore_tokens(&self, sessions: impl IntoIterator<Item = TokenSession>) {
        let tokens = &mut self.state().tokens;
        for session in sessions {
            put(&mut tokens.sessions, session);
        }
    }

    /// Whether the file does not have this session yet.
    #[cfg(feature = "client")]
    pub(crate) fn is_unsaved(&self, session: &TokenSession) -> bool {
        let is_put = |change: &TokenChange| matches!(change, TokenChange::Put(put) if put == session);
        self.state().tokens.changes.iter().any(is_put)
    }

    /// The changes since the last call.
    #[cfg(feature = "client")]
    pub(crate) fn take_token_changes(&self) -> Vec<TokenChange> {
        std::mem::take(&mut self.state().tokens.changes)
    }

    /// Keeps changes that could not be saved, in front of those made in the meantime.
    #[cfg(feature = "client")]
    pub(crate) fn keep_token_changes(&self, changes: Vec<TokenChange>) {
        self.state().tokens.changes.splice(0..0, changes);
    }
}

/// Adds a session to a list. It replaces the one of the same origin and header.
pub(crate) fn put(sessions: &mut Vec<TokenSession>, session: TokenSession) {
    sessions.retain(|other| !other.is_same_as(&session));
    sessions.push(session);
}
