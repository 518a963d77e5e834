//! [`PreLogin`]: what becomes of cookies from before a login.

use super::observation::NotTested;
use crate::client::http::Exchange;
use crate::cookies::StoredCookie;

/// What becomes of cookies from before a login.
pub(super) struct PreLogin {
    /// A session cookie with an invented value.
    pub(super) invented: Result<LoginWithCookies, NotTested>,
    /// The session cookie that the application gave to an anonymous client. `None`: it gave none.
    pub(super) issued: Option<Result<LoginWithCookies, NotTested>>,
    pub(super) exchanges: Vec<Exchange>,
}

/// A login with session cookies from before it.
pub(super) struct LoginWithCookies {
    /// The session cookies before the login.
    pub(super) before: Vec<StoredCookie>,
    /// Those after it.
    pub(super) after: Vec<StoredCookie>,
    /// Whether the cookies of before open a session afterwards.
    pub(super) opens_session: bool,
}

impl PreLogin {
    /// The logins that could be tried.
    pub(super) fn logins(&self) -> Result<Vec<(&'static str, &LoginWithCookies)>, NotTested> {
        let issued =
            self.issued.as_ref().map(|it| ("the value that the application gave before the login", it));
        let all = [Some(("an invented value", &self.invented)), issued].into_iter().flatten();
        let (mut tried, mut failed) = (Vec::new(), None);
        for (what, login) in all {
            match login {
                Ok(login) => tried.push((what, login)),
                Err(why) => failed = Some(why.clone()),
            }
        }
        match failed {
            // An application may refuse to log in with an invented cookie.
            Some(why) if tried.is_empty() => Err(why),
            _ => Ok(tried),
        }
    }
}
