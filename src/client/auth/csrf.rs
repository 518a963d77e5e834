//! Tokens against cross-site request forgery that applications hand to their scripts: in a `meta` element, or in a
//! cookie that is to come back as a header. A form that carries its token itself needs neither.

use http::{HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;

use crate::client::html::form::{ControlKind, Form};
use crate::client::html::page::Page;
use crate::client::http::request::Request;
use crate::cookies::Jar;

/// A token, and the header in which scripts send it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsrfToken {
    /// The header.
    pub header: HeaderName,
    /// The token.
    pub token: String,
}

/// Where a page says nothing else.
const USUAL_HEADER: HeaderName = HeaderName::from_static("x-csrf-token");

/// Cookies that are there to be sent back, and the headers that servers want them in: as Angular and axios do, as
/// Django says, as libraries for double submission have it.
const COOKIES: [(&str, HeaderName); 4] = [
    ("xsrf-token", HeaderName::from_static("x-xsrf-token")),
    ("csrftoken", HeaderName::from_static("x-csrftoken")),
    ("csrf-token", USUAL_HEADER),
    ("csrf_token", USUAL_HEADER),
];

/// Parts of the names of hidden fields that hold a token.
const FIELDS: [&str; 5] = ["csrf", "xsrf", "authenticity_token", "verificationtoken", "_token"];

/// The token among the `meta` elements of a page, given as names and contents.
pub(crate) fn in_metas<'a>(metas: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> Option<CsrfToken> {
    let called = |names: &'static [&str]| {
        metas
            .clone()
            .find(|(name, _)| names.iter().any(|it| name.eq_ignore_ascii_case(it)))
            .map(|(_, content)| content)
    };
    let token =
        called(&["csrf-token", "_csrf", "csrf_token", "xsrf-token"]).filter(|token| !token.is_empty())?;
    // Some say in which header they want it.
    let header = called(&["_csrf_header", "csrf-header"]).and_then(|header| header.parse().ok());
    Some(CsrfToken { header: header.unwrap_or(USUAL_HEADER), token: token.to_owned() })
}

impl Request {
    /// Makes a form's request carry the token that the page, or a cookie, has for it.
    ///
    /// `has_its_own`: it is in one of the form's fields already.
    pub(crate) fn carry_csrf_token(&mut self, page: &Page, has_its_own: bool, jar: &Jar) {
        let is_own = self.url.origin() == page.url.origin();
        if self.method.is_safe() || !is_own || has_its_own {
            return;
        }
        let of_cookies = jar.sent_to(&self.url).into_iter().filter_map(|cookie| {
            let name = cookie.name.to_text().to_ascii_lowercase();
            let (_, header) = COOKIES.into_iter().find(|(known, _)| *known == name)?;
            // Some frameworks encrypt the cookie and percent-encode that: a script hands it back decoded.
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
    /// Whether one of its hidden fields holds a token.
    pub(crate) fn has_csrf_token(&self) -> bool {
        self.controls.iter().any(|control| {
            let name = control.name.to_ascii_lowercase();
            control.kind == ControlKind::Hidden
                && !control.value.is_empty()
                && FIELDS.iter().any(|part| name.contains(part))
        })
    }
}
