//! [`Response`]: a complete response, after redirects.

use std::borrow::Cow;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode, Version};
use serde::de::DeserializeOwned;
use url::Url;

use super::charset;

/// A complete response, after redirects.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Response {
    /// The final URL, with its fragment.
    pub url: Url,
    /// The method of its request.
    pub method: http::Method,
    /// The HTTP version.
    pub version: Version,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The decoded body.
    pub body: Vec<u8>,
}

impl Response {
    /// The response 200 to a GET of this URL, for pages that another client has received.
    ///
    /// ```
    /// use sessctl::client::{Response, html::HtmlPage};
    ///
    /// let page = b"<form action=/login><input name=user></form>".to_vec();
    /// let response = Response::new("https://app.example/".parse()?, http::HeaderMap::new(), page);
    /// assert_eq!(HtmlPage::of(&response).forms[0].action.path(), "/login");
    /// # Ok::<(), url::ParseError>(())
    /// ```
    #[must_use]
    pub fn new(url: Url, headers: HeaderMap, body: Vec<u8>) -> Self {
        let (method, version) = (http::Method::GET, Version::HTTP_11);
        Response { url, method, version, status: StatusCode::OK, headers, body }
    }

    /// The `Content-Type`, if it is valid text.
    pub(crate) fn content_type(&self) -> Option<&str> {
        self.headers.get(CONTENT_TYPE)?.to_str().ok()
    }

    /// The body as text, in the encoding that the header or the page declares.
    ///
    /// ```
    /// # use sessctl::client::{Request, UserAgent};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let page = || async { ([("content-type", "text/html; charset=latin1")], &b"caf\xe9"[..]) };
    /// let mut agent = UserAgent::for_service(axum::Router::new().route("/", axum::routing::get(page)));
    /// let response = agent.send(Request::page("http://app.test/".parse()?)).await?;
    /// assert_eq!((&response.body[..], response.text().as_ref()), (&b"caf\xe9"[..], "café")); // the header says latin1
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        charset::decode(&self.headers, &self.body)
    }

    /// The body as JSON.
    ///
    /// ```
    /// # use sessctl::client::{Request, UserAgent};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let cart = || async { r#"{"pens":2}"# };
    /// #[derive(serde::Deserialize)]
    /// struct Cart {
    ///     pens: u32,
    /// }
    /// let mut agent = UserAgent::for_service(axum::Router::new().route("/cart", axum::routing::get(cart)));
    /// let response = agent.send(Request::page("http://app.test/cart".parse()?)).await?;
    /// assert_eq!(response.json::<Cart>()?.pens, 2);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The error of `serde_json` if the body is not JSON of this type.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }
}
