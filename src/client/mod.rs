//! The client: a user agent with a jar that shows what it does, and logs in and out of applications.
//!
//! [`UserAgent`] sends a [`Request`], hop by hop, and records each [`Exchange`] in a [`Flow`]. The [`Jar`](crate::cookies::Jar)
//! decides about cookies. [`form`] finds and fills forms, [`login()`], [`submit()`] and [`logout()`] use them
//! as a person would.

mod agent;
mod charset;
mod csrf;
mod decode;
mod error;
mod flow;
pub mod form;
pub mod history;
mod html;
mod login;
mod logout;
mod obstacle;
mod profile;
mod provenance;
mod receive;
mod refresh;
mod request;
mod secrets;
mod submit;
mod transport;
mod well_known;

pub use agent::{AgentConfig, Progress, Response, UserAgent};
pub use csrf::CsrfToken;
pub use error::ClientError;
pub use flow::{Exchange, Flow, HIDDEN, Purpose, ReceivedResponse, SentRequest};
pub use html::{Link, Page};
pub use login::{
    Because, Credentials, Difference, Evidence, FieldRole, FieldSeen, FormSeen, FormVerdict, Hints,
    LoginError, LoginOutcome, LoginReport, Method as LoginMethod, MissingField, NoPassword, NotALogin,
    Sighting, Way, login,
};
pub use logout::{LogoutError, LogoutOutcome, LogoutReport, logout};
pub use obstacle::Obstacle;
pub use profile::{Profile, ProfileError, Profiles};
pub use provenance::Destination;
pub use request::{Body, Cookies, Request};
pub use submit::{SubmitError, page_with_forms, submit};
pub use transport::{Resolve, TransportConfig};
