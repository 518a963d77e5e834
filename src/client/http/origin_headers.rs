//! Headers that the caller sets for one origin. No other origin ever gets them.

use std::borrow::Cow;

use http::{HeaderMap, Method};
use url::Url;

use super::agent::UserAgent;
use super::request::Request;

impl UserAgent {
    /// Sends these headers with each request to the origin of `url`, and never to another origin. They replace default
    /// headers.
    pub fn send_headers_to(&mut self, url: &Url, headers: HeaderMap) {
        let mut request = Request::new(Method::GET, url.clone());
        request.headers = headers;
        self.learn_passwords(&request);
        self.origin_headers = Some((url.origin(), request.headers));
    }

    /// The request with the caller's headers, if they are for its origin.
    pub(super) fn with_origin_headers<'a>(&self, request: &'a Request) -> Cow<'a, Request> {
        let Some((origin, headers)) = &self.origin_headers else { return Cow::Borrowed(request) };
        if *origin != request.url.origin() {
            return Cow::Borrowed(request);
        }
        let mut merged = request.clone();
        for (name, value) in headers.iter().filter(|(name, _)| !request.headers.contains_key(*name)) {
            merged.headers.append(name.clone(), value.clone());
        }
        Cow::Owned(merged)
    }
}
