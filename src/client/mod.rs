//! The client: a user agent with a jar that shows what it does, and logs in and out of applications.
//!
//! [`UserAgent`] sends a [`Request`], hop by hop, and records each [`Exchange`] in a [`Flow`]. The [`Jar`](crate::cookies::Jar)
//! decides about cookies. [`form`] finds and fills forms, [`login()`], [`submit()`] and [`logout()`] use them
//! as a person would.

mod auth;
mod html;
mod http;
mod profile;
mod submit;

pub use self::http::agent::{AgentConfig, Progress, Response, UserAgent};
pub use self::http::error::ClientError;
pub use self::http::exchange::{Exchange, Flow, Purpose, ReceivedResponse, SentRequest};
pub use self::http::fetch_metadata::Destination;
pub use self::http::request::{Body, CookieSource, Request};
pub use self::http::transport::{Resolve, TransportConfig};
pub use auth::classify::Hints;
pub use auth::csrf::CsrfToken;
pub use auth::login::login;
pub use auth::login::report::{
    Credentials, LoginError, LoginOutcome, LoginReport, Method as LoginMethod, MissingField, NoPassword,
};
pub use auth::logout::{LogoutError, LogoutOutcome, LogoutReport, logout};
pub use auth::probe::{Difference, Evidence};
pub use auth::trace::{
    DiscoveredBy, FieldMatch, FieldRole, FieldSeen, FormSeen, FormVerdict, RejectReason, TraceStep,
};
pub use html::blocker::Blocker;
pub use html::form;
pub use html::page::{Link, Page};
pub use profile::history;
pub use profile::profile::{Profile, ProfileError, Profiles};
pub use submit::{SubmitError, page_with_forms, submit};
