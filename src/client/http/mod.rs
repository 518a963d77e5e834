//! Requests, redirects and responses, recorded exactly as they were sent and received.

pub(crate) mod agent;
pub(crate) mod agent_config;
mod agent_for_service;
mod agent_with_jar;
pub(crate) mod basic_auth;
pub(crate) mod body;
#[cfg(feature = "client-tls")]
mod certificates;
pub(crate) mod charset;
#[cfg(feature = "client-tls")]
mod client_certificate;
pub(crate) mod content_encoding;
mod credentials;
pub(crate) mod error;
pub(crate) mod exchange;
pub(crate) mod fetch_metadata;
mod in_process;
pub(crate) mod navigation;
mod origin_headers;
pub(crate) mod password_risk;
mod password_targets;
mod passwords;
mod readiness;
mod redirect;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod retry_after;
mod sign_on;
#[cfg(feature = "client-tls")]
mod tls;
mod tls_failure;
pub(crate) mod token_endpoints;
mod token_keeper;
mod token_renewal;
mod token_sessions;
pub(crate) mod transport;
mod wait;

pub use agent::UserAgent;
pub use agent_config::{AgentConfig, Progress};
pub use error::ClientError;
pub use exchange::{Exchange, Flow, Purpose, ReceivedResponse, SentField, SentRequest};
pub use fetch_metadata::Destination;
pub use in_process::ServiceBody;
pub use password_risk::PasswordRisk;
pub use request::{Body, CookieSource, Request};
pub use response::Response;
pub use transport::{Resolve, TransportConfig};
