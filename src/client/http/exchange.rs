//! [`Flow`]: what was really sent and received, with every decision about cookies. All outputs render it.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::clock::Timestamp;
use crate::cookies::{SendDecision, SetDecision};

/// The exchanges of one command, in order.
#[derive(Debug, Clone, Default)]
pub struct Flow {
    /// Each request with its response, each hop of a redirect by itself.
    pub exchanges: Vec<Exchange>,
}

/// One request as it was sent and its response as it was received.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// What it was for.
    pub purpose: Purpose,
    /// When it began.
    pub started: Timestamp,
    /// What was sent.
    pub request: SentRequest,
    /// What came back; `None` when nothing did.
    pub response: Option<ReceivedResponse>,
    /// What became of each cookie of the jar that is of that site.
    pub cookies: Vec<SendDecision>,
    /// What became of each `Set-Cookie` line.
    pub set: Vec<SetDecision>,
    /// From the first octet sent to the last received.
    pub elapsed: Duration,
}

/// What an exchange was for. Histories of version 0.1.0 use the older names `newcomer` and `control`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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

/// A request as it was sent. Secrets that are recorded nowhere (`Authorization`, passwords) stand as
/// [`HIDDEN`].
#[derive(Debug, Clone)]
pub struct SentRequest {
    /// The method.
    pub method: Method,
    /// The URL, without user information.
    pub url: Url,
    /// The headers in their order.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Size of the body in octets.
    pub body_size: u64,
}

/// A response as it was received.
#[derive(Debug, Clone)]
pub struct ReceivedResponse {
    /// The version of HTTP that it is in.
    pub version: Version,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// Size of the body in octets, decoded, as far as it was read.
    pub body_size: u64,
}

/// What stands in place of a secret.
pub const HIDDEN: &str = "[hidden]";
