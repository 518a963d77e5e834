//! The client: a user agent with a cookie jar that records what it does, and logs in to and out of applications.
//!
//! [`UserAgent`] sends a [`Request`], follows its redirects, and records each [`Exchange`] in a [`Flow`]. The
//! [`Jar`](crate::cookies::Jar) decides about cookies. [`login()`], [`submit()`] and [`logout()`] find and fill in the
//! forms of pages, as a browser and its user would.

pub mod auth;
#[cfg(feature = "browser")]
pub mod browser;
pub mod html;
pub mod http;
pub mod profile;
pub(crate) mod submit;

pub use self::http::{AgentConfig, ClientError, Exchange, Flow, Request, Response, UserAgent};
pub use auth::{Credentials, LoginError, LoginReport, LogoutError, LogoutReport, login, logout};
pub use html::form;
pub use submit::{SubmitError, submit};
