//! [`Exchange`] and [`Flow`]: what was sent and received, with every cookie decision. All outputs render a flow.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::clock::Timestamp;
use crate::cookies::{SendDecision, SetDecision};

/// The exchanges of one command, in order.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Flow {
    /// Each request with its response. Each hop of a redirect is a separate exchange.
    pub exchanges: Vec<Exchange>,
}

/// One request as it was sent, and its response as it was received.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Exchange {
    /// Its purpose.
    pub purpose: Purpose,
    /// When the request was sent.
    pub started: Timestamp,
    /// The request.
    pub request: SentRequest,
    /// The response. `None` if none was received.
    pub response: Option<ReceivedResponse>,
    /// For each jar cookie of that site: sent, or withheld with a reason.
    pub cookies: Vec<SendDecision>,
    /// For each `Set-Cookie` line: stored, replaced, deleted, or rejected with a reason.
    pub set: Vec<SetDecision>,
    /// The time from the first byte sent to the last byte received.
    pub elapsed: Duration,
}

/// The purpose of an exchange. Histories of version 0.1.0 use the older names `newcomer` and `control`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Purpose {
    /// A step of the command: sends the cookies of the jar and stores new ones in it.
    Step,
    /// A login attempt that starts with an empty jar. Its cookies are stored in the jar only if the login succeeds.
    #[serde(alias = "newcomer")]
    Fresh,
    /// A request for comparison: it does not change the jar.
    #[serde(alias = "control")]
    Probe,
}

/// A request as it was sent. `[hidden]` replaces what is never recorded: `Authorization` and passwords.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SentRequest {
    /// The method.
    pub method: Method,
    /// The URL, without user information.
    pub url: Url,
    /// The headers, in order.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The size of the body in bytes.
    pub body_size: u64,
    /// The fields of the form in the body.
    pub fields: Vec<SentField>,
}

/// A field of a form that was sent. Its value is not recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SentField {
    /// The name.
    pub name: String,
    /// The page with the form has its value, such as a CSRF token.
    pub from_page: bool,
}

/// A response as it was received.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ReceivedResponse {
    /// The HTTP version.
    pub version: Version,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The number of bytes of the decoded body that were read.
    pub body_size: u64,
    /// The decoded body, if the agent keeps bodies.
    pub(crate) body: Bytes,
}
