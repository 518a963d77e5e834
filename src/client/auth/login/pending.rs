//! [`PendingLogin`]: a login that stopped at a further step, with everything that is needed to go on.

use std::fmt;
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::client::http::navigation::Trail;
use crate::client::http::response::Response;
use crate::clock::Timestamp;
use crate::cookies::{ByteString, StoredCookie};

/// A larger page is not kept.
const MAX_PAGE_LEN: usize = 1024 * 1024;

/// Applications end a login that is not finished, most of them after some minutes.
const MAX_AGE: Duration = Duration::from_secs(60 * 60);

/// A login that stopped at a further step, such as a one-time code: the page with its form, and the cookies. It never
/// contains the password. [`continue_login`](crate::client::auth::continue_login) goes on from there.
///
/// The page and the cookies are secrets: [`PendingLoginFile`](crate::client::profile::PendingLoginFile) keeps them in a
/// private file.
#[derive(Clone, Serialize, Deserialize)]
pub struct PendingLogin {
    /// When it stopped.
    pub(super) at: Timestamp,
    /// The page that was asked for.
    pub(super) asked: Url,
    /// The user name that was sent.
    pub(super) user: Option<String>,
    pub(super) login_form: SentLoginForm,
    pub(super) page: KeptPage,
    /// How the client reached the page.
    pub(super) trail: Trail,
    /// The cookies of the login so far.
    pub(super) cookies: Vec<StoredCookie>,
    /// The cookies before it.
    pub(super) cookies_before: Vec<StoredCookie>,
}

/// The login form that was submitted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SentLoginForm {
    /// Its page.
    pub(super) page: Url,
    /// Its signature.
    pub(super) signature: Option<String>,
}

/// A page as the server sent it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct KeptPage {
    pub(super) url: Url,
    status: u16,
    content_type: Option<String>,
    body: ByteString,
}

impl KeptPage {
    /// Keeps a page, if it is not too large.
    pub(super) fn of(response: &Response) -> Option<Self> {
        (response.body.len() <= MAX_PAGE_LEN).then(|| KeptPage {
            url: response.url.clone(),
            status: response.status.as_u16(),
            content_type: response.content_type().map(str::to_owned),
            body: ByteString(response.body.clone()),
        })
    }

    /// The response that the server sent.
    pub(super) fn response(&self) -> Response {
        let content_type = self.content_type.as_deref().and_then(|value| HeaderValue::from_str(value).ok());
        let headers = content_type.map(|value| (CONTENT_TYPE, value)).into_iter().collect();
        let status = StatusCode::from_u16(self.status).unwrap_or_default();
        Response { status, ..Response::new(self.url.clone(), headers, self.body.0.clone()) }
    }
}

impl PendingLogin {
    /// The page that was asked for when the login started.
    #[must_use]
    pub const fn asked(&self) -> &Url {
        &self.asked
    }

    /// The cookies of the login so far.
    #[must_use]
    pub fn cookies(&self) -> &[StoredCookie] {
        &self.cookies
    }

    /// Whether it is too old to go on.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now.since(self.at) > MAX_AGE
    }
}

impl fmt::Debug for PendingLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingLogin").field("at", &self.at).finish_non_exhaustive()
    }
}
