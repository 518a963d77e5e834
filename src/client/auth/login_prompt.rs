//! [`LoginPrompt`]: how a response asks for a login instead of showing what was requested.

use std::time::Instant;

use http::StatusCode;
use http::header::LOCATION;
use url::Url;

use super::classify::has_login_form;
use super::logout_controls::logout_controls;
use super::vocabulary::{LOGIN, mentions};
use crate::client::html::page::HtmlPage;
use crate::client::http::response::Response;

/// How a response asks for a login instead of showing what was requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginPrompt {
    /// It is a page with a login form, and without a logout control.
    Form,
    /// It was redirected to the address of a login, such as `/login`, whose form a script may draw.
    Address,
    /// It redirects there, and the redirect was not followed.
    Redirect,
    /// Its status is 401.
    Unauthorized,
}

impl LoginPrompt {
    /// How the response to a request for `asked` asks for a login. A page is parsed until the deadline.
    pub fn of(response: &Response, asked: &Url, deadline: Instant) -> Option<Self> {
        let is_elsewhere = |url: &Url| is_login_address(url) && !is_login_address(asked);
        let location = response.headers.get(LOCATION).filter(|_| response.status.is_redirection());
        let target = location.and_then(|target| response.url.join(target.to_str().ok()?).ok());
        if target.is_some_and(|target| is_elsewhere(&target)) {
            return Some(LoginPrompt::Redirect);
        }
        let unauthorized = (response.status == StatusCode::UNAUTHORIZED).then_some(LoginPrompt::Unauthorized);
        let is_html = response.content_type().is_some_and(|kind| kind.contains("html"));
        if !is_html {
            return unauthorized;
        }
        let address = is_elsewhere(&response.url).then_some(LoginPrompt::Address);
        if !contains(&response.body, b"<input") {
            return address.or(unauthorized);
        }
        let (page, _) = HtmlPage::parse_until(response, Some(deadline));
        // Some pages ask for the password again, or show a login box to everybody.
        if !logout_controls(&page).is_empty() {
            return unauthorized;
        }
        has_login_form(&page).then_some(LoginPrompt::Form).or(address).or(unauthorized)
    }
}

/// Whether the path mentions a login.
pub fn is_login_address(url: &Url) -> bool {
    mentions(url.path(), LOGIN)
}

/// Whether the bytes contain this text in any case. It decides quickly whether to parse them.
pub fn contains(body: &[u8], text: &[u8]) -> bool {
    body.windows(text.len()).any(|part| part.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt(status: u16, kind: &str, at: &str, asked: &str, body: &str) -> Option<LoginPrompt> {
        let url = |path: &str| Url::parse(&format!("http://app.test{path}")).unwrap();
        let headers = [(http::header::CONTENT_TYPE, kind.parse().unwrap())].into_iter().collect();
        let mut response = Response::new(url(at), headers, body.into());
        response.status = StatusCode::from_u16(status).unwrap();
        LoginPrompt::of(&response, &url(asked), Instant::now() + std::time::Duration::from_secs(60))
    }

    #[test]
    fn a_response_asks_for_a_login_by_its_form_its_address_or_its_status() {
        const FORM: &str = "<form method=post><INPUT name=user><input type=password name=p></form>";
        let with_logout = format!("{FORM}<a href=/logout>Log out</a>");
        for (status, kind, at, asked, body, expected) in [
            (200, "text/html", "/login", "/reports", FORM, Some(LoginPrompt::Form)),
            (200, "text/html", "/reports", "/reports", FORM, Some(LoginPrompt::Form)),
            (401, "text/html", "/reports", "/reports", FORM, Some(LoginPrompt::Form)),
            (200, "text/html", "/reports", "/reports", with_logout.as_str(), None),
            (200, "text/html", "/login", "/reports", "<div id=app></div>", Some(LoginPrompt::Address)),
            (200, "text/html", "/login/history", "/login/history", "<p>Logins</p>", None),
            (200, "text/html", "/reports", "/reports", "<input name=q>", None),
            (401, "application/json", "/api", "/api", "{}", Some(LoginPrompt::Unauthorized)),
            (200, "application/json", "/api", "/api", "\"<input type=password>\"", None),
        ] {
            assert_eq!(prompt(status, kind, at, asked, body), expected, "{status} {kind} {at} {body}");
        }
    }
}
