//! Headers that the caller sets for one origin. No other origin ever gets them.

use std::borrow::Cow;

use http::header::AUTHORIZATION;
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

    /// The request with the caller's headers and credentials, if they are for its origin.
    pub(super) fn with_origin_headers<'a>(&self, request: &'a Request) -> Cow<'a, Request> {
        let target = request.url.origin();
        let headers = self.origin_headers.as_ref().filter(|(origin, _)| *origin == target);
        let basic = self.basic_value_for(&target);
        if headers.is_none() && basic.is_none() {
            return Cow::Borrowed(request);
        }
        let mut merged = request.clone();
        let headers = headers.iter().flat_map(|(_, headers)| headers);
        for (name, value) in headers.filter(|(name, _)| !request.headers.contains_key(*name)) {
            merged.headers.append(name.clone(), value.clone());
        }
        if let Some(value) = basic {
            merged.headers.entry(AUTHORIZATION).or_insert_with(|| value.clone());
        }
        Cow::Owned(merged)
    }
}
