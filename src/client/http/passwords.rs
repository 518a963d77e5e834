//! What a [`UserAgent`] never shows: the passwords that it has sent.

use http::header::{AUTHORIZATION, PROXY_AUTHORIZATION};
use url::Url;

use super::agent::UserAgent;
use super::request::{Body, Request};
use crate::redact::Redactor;

/// Shorter cookie values are ordinary words that may be part of any URL.
const MIN_SECRET_LEN: usize = 8;

impl UserAgent {
    /// Masks the passwords that this agent has sent.
    #[doc(hidden)]
    #[must_use]
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Marks a value as a password: the flow never contains it.
    pub(crate) fn hide(&mut self, password: &str) {
        self.redactor.learn_password(password);
    }

    /// Whether a URL contains no secret: no password, and no cookie value. (Some applications write the session token
    /// into URLs until the client returns the cookie.)
    pub(crate) fn may_show(&self, url: &Url) -> bool {
        let cookies = self.jar().cookies();
        let values = cookies.iter().filter_map(|cookie| std::str::from_utf8(&cookie.value.0).ok());
        let holds = |value: &str| value.len() >= MIN_SECRET_LEN && url.as_str().contains(value);
        self.redactor.url(url) == *url && !values.into_iter().any(holds)
    }

    /// Learns the passwords in a request that is about to be sent.
    pub(super) fn learn_passwords(&mut self, request: &Request) {
        for name in [AUTHORIZATION, PROXY_AUTHORIZATION] {
            if let Some(value) = request.headers.get(name) {
                self.redactor.learn_authorization(&String::from_utf8_lossy(value.as_bytes()));
            }
        }
        if let Some(Body { content_type: Some(content_type), bytes, .. }) = &request.body {
            self.redactor.learn_body(content_type, bytes);
        }
    }
}
