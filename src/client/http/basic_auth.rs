//! [`BasicAuth`]: credentials for HTTP Basic authentication (RFC 7617), and the challenge that asks for them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue};
use percent_encoding::percent_decode_str;
use url::{Origin, Url};

use super::error::ClientError;

/// Credentials for an origin.
#[derive(Debug, Clone)]
pub(super) struct BasicAuth {
    pub(super) origin: Origin,
    /// The `Authorization` header. Its `Debug` shows nothing.
    pub(super) value: HeaderValue,
}

/// Where to find the user name and the password for an origin that asks for them.
pub(super) struct BasicSource {
    pub(super) origin: Origin,
    pub(super) find: Box<dyn FnOnce() -> Option<(String, String)> + Send + Sync>,
}

impl fmt::Debug for BasicSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BasicSource").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// Removes the user information from a URL. Returns the `Authorization` header for it, if there is any.
pub(super) fn take_user_info(url: &mut Url) -> Result<Option<HeaderValue>, ClientError> {
    if url.username().is_empty() && url.password().is_none() {
        return Ok(None);
    }
    let plain = |text: &str| percent_decode_str(text).collect::<Vec<u8>>();
    let credentials = [plain(url.username()), vec![b':'], plain(url.password().unwrap_or_default())].concat();
    // These calls fail only for URLs without a host, which have no user information.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    basic_value(&credentials).map(Some)
}

pub(super) fn basic_value(credentials: &[u8]) -> Result<HeaderValue, ClientError> {
    let value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(credentials)));
    let mut value = value.map_err(|error| ClientError::BadRequest(error.to_string()))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Whether a challenge is one of the Basic scheme (RFC 9110 §11.6.1).
pub(crate) fn offers_basic(headers: &HeaderMap) -> bool {
    let is_basic = |challenge: &str| {
        challenge.split_ascii_whitespace().next().is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic"))
    };
    let lines = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(is_basic)
}

/// Whether a challenge needs HTTP authentication. With the scheme `Cookie`, the user logs in with a form.
pub(crate) fn offers_http_authentication(headers: &HeaderMap) -> bool {
    let is_cookie = |line: &HeaderValue| {
        line.as_bytes().get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"cookie "))
    };
    headers.get_all(WWW_AUTHENTICATE).iter().any(|line| !is_cookie(line))
}
