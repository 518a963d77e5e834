//! The CSRF token of a session, for its forms.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::change::{Change, ChangeError, Operation};
use super::data::CSRF_TOKEN_KEY;
use super::error::{SessionError, from_json};
use super::session::Session;

impl Session {
    /// The CSRF token of this session: put it in a hidden field of each form that changes something, and check it with
    /// [`check_csrf_token`](Session::check_csrf_token). A client without a session gets one. A login changes the token.
    ///
    /// [`GuardLayer`](crate::web::GuardLayer) rejects cross-site requests of current browsers. A token also protects users of
    /// browsers that send neither `Sec-Fetch-Site` nor `Origin`.
    ///
    /// ```
    /// use sessctl::session::{Session, SessionError};
    ///
    /// async fn form(session: &Session) -> Result<String, SessionError> {
    ///     let token = session.csrf_token().await?;
    ///     Ok(format!("<form method=post><input type=hidden name=csrf_token value={token}><button>Pay</button></form>"))
    /// }
    ///
    /// async fn may_pay(session: &Session, csrf_token: &str) -> Result<bool, SessionError> {
    ///     session.check_csrf_token(csrf_token).await
    /// }
    /// ```
    ///
    /// # Errors
    /// [`SessionError`] if the token cannot be read or stored. [`SessionError::Ended`] if the cookies of the request open
    /// several sessions: a login form must then be shown without a token.
    pub async fn csrf_token(&self) -> Result<String, SessionError> {
        if let Some(token) = self.get(CSRF_TOKEN_KEY).await? {
            return Ok(token);
        }
        let mut random = [0; 32];
        getrandom::fill(&mut random).map_err(|error| SessionError::Randomness(error.into()))?;
        let token = URL_SAFE_NO_PAD.encode(random);
        // Another request of this session may store its token first. Then both use that one.
        let (key, new) = (CSRF_TOKEN_KEY.to_owned(), Some(token.clone().into()));
        match self
            .try_change(Change::new().and(Operation::CompareAndSet { key, expected: None, new }))
            .await?
        {
            Ok(_) => Ok(token),
            Err((ChangeError::Differs(_), data)) => {
                from_json(CSRF_TOKEN_KEY, data.get(CSRF_TOKEN_KEY).cloned().unwrap_or_default())
            }
            Err((error, _)) => Err(error.into()),
        }
    }

    /// Whether a form was made for this session. Without a session or a token, no form was.
    ///
    /// # Errors
    /// [`SessionError`] if the token cannot be read.
    pub async fn check_csrf_token(&self, token: &str) -> Result<bool, SessionError> {
        let own: Option<String> = self.get(CSRF_TOKEN_KEY).await?;
        Ok(own.is_some_and(|own| is_equal(own.as_bytes(), token.as_bytes())))
    }
}

/// Compares in a time that does not depend on where the texts differ.
fn is_equal(own: &[u8], other: &[u8]) -> bool {
    own.len() == other.len() && own.iter().zip(other).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}
