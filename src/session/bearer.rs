//! Token sessions: the token is in an `Authorization` header instead of a cookie (RFC 6750 §2.1).

use super::cookie::Presented;
use super::id::Token;
use super::session::Session;
use super::sessions::Sessions;

impl Sessions {
    /// The session of a request with this `Authorization` header, for a client that keeps no cookies, such as a mobile
    /// application. `None` if its scheme is not `Bearer`. [`SessionLayer::bearer`](crate::web::SessionLayer::bearer) calls
    /// this.
    ///
    /// The response has no `Set-Cookie` for such a session.
    ///
    /// ```
    /// # use sessctl::{session::Sessions, stores::MemoryStore};
    /// let sessions = Sessions::new(MemoryStore::new(), Default::default())?;
    /// assert!(sessions.open_bearer(b"Basic YWxpY2U6c2VjcmV0").is_none()); // another scheme
    /// assert!(sessions.open_bearer(b"Bearer unknown").is_some()); // an anonymous session
    /// # Ok::<(), sessctl::session::ConfigError>(())
    /// ```
    #[must_use]
    pub fn open_bearer(&self, authorization: &[u8]) -> Option<Session> {
        let (scheme, token) = authorization.split_at_checked("Bearer ".len())?;
        if !scheme.eq_ignore_ascii_case(b"Bearer ") {
            return None;
        }
        let token = Token::parse(token.trim_ascii());
        let presented = token.map_or(Presented::Unusable, |token| {
            let key = self.key_of(&token);
            Presented::of(token, key)
        });
        Some(Session::without_cookie(self.clone(), presented))
    }
}

impl Session {
    /// The token that this request was issued, if it created or rotated the session: for the body of the response to a
    /// client that keeps no cookies. It is a secret. Send it over TLS only, and do not log it.
    ///
    /// ```
    /// use sessctl::session::{Session, SessionError};
    ///
    /// async fn log_in(session: &Session, user: &str) -> Result<String, SessionError> {
    ///     session.login(user).await?;
    ///     Ok(format!(r#"{{"token":"{}"}}"#, session.issued_token().unwrap_or_default()))
    /// }
    /// ```
    #[must_use]
    pub fn issued_token(&self) -> Option<String> {
        self.state().issued_token().map(Token::encode)
    }
}
