//! Sends the CSRF token of a page or a cookie along with a request, as the scripts of the page would. A form that has the
//! token in a hidden field needs neither.

use http::{HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;

use super::vocabulary::{OTHER_COOKIES, mentions};
use crate::client::html::csrf_meta::{CsrfToken, DEFAULT_HEADER};
use crate::client::html::form::{ControlKind, Filling, Form};
use crate::client::html::page::HtmlPage;
use crate::client::http::error::ClientError;
use crate::client::http::request::Request;
use crate::cookies::{Jar, StoredCookie};

/// Cookies with a token, in lower case, whose frameworks read another header than the usual one.
const HEADERS: [(&str, HeaderName); 2] = [
    ("xsrf-token", HeaderName::from_static("x-xsrf-token")),
    ("csrftoken", HeaderName::from_static("x-csrftoken")),
];

/// The header in which the token of a cookie is sent back. `None` if the name does not say that it has one.
fn header_of(cookie: &StoredCookie) -> Option<HeaderName> {
    let name = cookie.name.to_text().to_ascii_lowercase();
    // Applications add a prefix such as `__Host-`, or the port.
    let special = HEADERS.into_iter().find(|(known, _)| name.contains(known));
    match special {
        Some((_, header)) => Some(header),
        None if name.contains("xsrf") => Some(HeaderName::from_static("x-xsrf-token")),
        None => name.contains("csrf").then_some(DEFAULT_HEADER),
    }
}

/// Whether a cookie protects against request forgery, by its name.
fn is_csrf_cookie(cookie: &StoredCookie) -> bool {
    header_of(cookie).is_some()
}

/// Whether a cookie may be that of a session, by its name. Most other cookies are given to anonymous clients too.
pub(super) fn may_be_session(cookie: &StoredCookie) -> bool {
    !is_csrf_cookie(cookie) && !mentions(&cookie.name.to_text(), OTHER_COOKIES)
}

/// Parts of the names of hidden fields that contain a token.
const FIELDS: [&str; 5] = ["csrf", "xsrf", "authenticity_token", "verificationtoken", "_token"];

impl Request {
    /// Adds the tokens of the page and of the cookies to an unsafe request to the origin of the page. `has_field`: a field
    /// of the form contains the token already.
    pub(crate) fn add_csrf_token(&mut self, page: &HtmlPage, has_field: bool, jar: &Jar) {
        let is_same_origin = self.url.origin() == page.url.origin();
        if self.method.is_safe() || !is_same_origin || has_field {
            return;
        }
        let of_cookies = jar.sent_to(&self.url).into_iter().filter_map(|cookie| {
            let header = header_of(&cookie)?;
            // Some frameworks encrypt and percent-encode the cookie, and their scripts send it decoded.
            let token = percent_decode_str(&cookie.value.to_text()).decode_utf8_lossy().into_owned();
            Some(CsrfToken { header, token })
        });
        for CsrfToken { header, token } in page.csrf_token.clone().into_iter().chain(of_cookies) {
            if let Ok(token) = HeaderValue::from_str(&token) {
                self.headers.entry(header).or_insert(token);
            }
        }
    }
}

impl Form {
    /// The request that submits the form of this page with its CSRF token.
    pub(crate) fn request(
        &self,
        filling: &Filling,
        page: &HtmlPage,
        jar: &Jar,
    ) -> Result<Request, ClientError> {
        let mut request = self.submission(filling)?;
        request.add_csrf_token(page, self.has_csrf_token(), jar);
        Ok(request)
    }

    fn has_csrf_token(&self) -> bool {
        self.controls.iter().any(|control| {
            let name = control.name.to_ascii_lowercase();
            control.kind == ControlKind::Hidden
                && !control.value.is_empty()
                && FIELDS.iter().any(|part| name.contains(part))
        })
    }
}
