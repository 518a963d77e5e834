//! [`Response`]: a complete response, after redirects.

use std::borrow::Cow;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode, Version};
use serde::de::DeserializeOwned;
use url::Url;

use super::charset;

/// A complete response, after redirects.
#[derive(Debug, Clone)]
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
    /// The `Content-Type`, if it is valid text.
    pub(crate) fn content_type(&self) -> Option<&str> {
        self.headers.get(CONTENT_TYPE)?.to_str().ok()
    }

    /// The body as text, in the encoding that the header or the page declares.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        charset::decode(&self.headers, &self.body)
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// The error of `serde_json` if the body is not JSON of this type.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }
}
