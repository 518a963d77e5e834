//! [`LoginNotice`]: `visit` got a login form instead of the page that it asked for.

use url::{Position, Url};

use sessctl::client::{Exchange, Response};
use sessctl::internal::{LoginPrompt, contains, is_login_address};

use super::client::Client;
use crate::texts::Message;

/// A larger page is not a login form, and would take long to parse.
const MAX_LOGIN_PAGE_LEN: usize = 1024 * 1024;

/// A response that is a login form instead of the page that was asked for.
pub(super) struct LoginNotice {
    path: String,
    prompt: LoginPrompt,
    /// Whether the client had a session, or could have had one.
    had_session: bool,
}

impl LoginNotice {
    /// `None` if the response is no login form, or if the login page itself was asked for.
    pub(super) fn of(response: &Response, asked: &Url, client: &Client) -> Option<Self> {
        let without_query = |url: &Url| url[..Position::AfterPath].to_owned();
        let is_redirected = without_query(asked) != without_query(&response.url);
        let first = client.agent.flow().exchanges.first();
        let sent = |exchange: &Exchange| exchange.cookies.iter().any(|cookie| cookie.withheld.is_none());
        let had_cookies = first.is_some_and(sent);
        let last_login = client.last_login.as_ref().filter(|login| login.page.origin() == asked.origin());
        // Most pages are no login form, so these decide whether it is worth parsing. A form without a password is looked
        // for only where the last login ended.
        let is_last_page = last_login.is_some_and(|login| login.page.path() == asked.path());
        let may_be_one = (is_redirected || had_cookies)
            && response.body.len() <= MAX_LOGIN_PAGE_LEN
            && !is_login_address(asked)
            && (is_redirected || is_last_page || contains(&response.body, b"password"));
        if !may_be_one {
            return None;
        }
        let prompt = LoginPrompt::of(response, asked, client.agent.deadline())?;
        let had_session = had_cookies || last_login.is_some();
        let path = response.url.path().to_owned();
        matches!(prompt, LoginPrompt::Form | LoginPrompt::Address).then_some(LoginNotice {
            path,
            prompt,
            had_session,
        })
    }

    pub(super) fn message(&self) -> Message {
        let what = match self.prompt {
            LoginPrompt::Form => Message::new("warning-login-form", "a login form"),
            _ => Message::new("warning-login-address", "the address of a login"),
        };
        let why = match self.had_session {
            true => Message::new("warning-session-ended", "the session has ended"),
            false => Message::new("warning-not-logged-in", "this client is not logged in"),
        };
        let message = Message::new("warning-login", format!("ended at {}, {what}: {why}", self.path));
        message.with("path", self.path.as_str()).with("what", what).with("why", why)
    }
}
