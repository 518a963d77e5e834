//! Headers that the caller sets for one origin, and those of the credentials for it. No other origin ever gets them.

use std::borrow::Cow;

use http::header::AUTHORIZATION;
use http::{HeaderMap, Method};
use url::Url;

use super::agent::UserAgent;
use super::request::Request;
use crate::cookies::Jar;

impl UserAgent {
    /// Sends these headers with each request to the origin of `url`, and never to another origin. They replace default
    /// headers.
    ///
    /// ```
    /// # use sessctl::client::{Request, UserAgent};
    /// # use axum::{Router, http::HeaderMap, routing::get};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let app = Router::new().route("/", get(|headers: HeaderMap| async move { headers.contains_key("x-api-key").to_string() }));
    /// let mut agent = UserAgent::for_service(app); // it answers whether it gets a key
    /// agent.send_headers_to(&"https://app.test/".parse()?, [("x-api-key".parse()?, "31d4".parse()?)].into_iter().collect());
    /// assert_eq!(agent.send(Request::page("https://app.test/".parse()?)).await?.text(), "true");
    /// assert_eq!(agent.send(Request::page("https://cdn.test/".parse()?)).await?.text(), "false");
    /// # Ok(()) }
    /// ```
    pub fn send_headers_to(&mut self, url: &Url, headers: HeaderMap) {
        let mut request = Request::new(Method::GET, url.clone());
        request.headers = headers;
        self.learn_passwords(&request);
        self.origin_headers = Some((url.origin(), request.headers));
    }

    /// The request with the caller's headers, the credentials and the tokens of `jar`, if they are for its origin. A header
    /// of the caller replaces the same header of a token.
    pub(super) fn with_origin_headers<'a>(&self, request: &'a Request, jar: &Jar) -> Cow<'a, Request> {
        let target = request.url.origin();
        let headers = self.origin_headers.as_ref().filter(|(origin, _)| *origin == target);
        let basic = self.basic_value_for(&target);
        let mut tokens = jar.tokens();
        tokens.retain(|session| !request.without_tokens && session.is_for(&request.url));
        if headers.is_none() && basic.is_none() && tokens.is_empty() {
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
        for session in tokens {
            if let Some(value) = session.header.value(&session.access_token) {
                merged.headers.entry(session.header.name().clone()).or_insert(value);
            }
        }
        Cow::Owned(merged)
    }
}
