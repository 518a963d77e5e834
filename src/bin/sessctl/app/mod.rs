//! The application that `serve` runs: login, a welcome page, a counter. It uses only public parts of the library, as any
//! application would.

mod accept;
mod access_log;
pub(crate) mod accounts;
mod application;
mod clock;
mod device;
mod form_fields;
mod http_service;
mod inspect;
mod login;
mod metrics;
mod my_sessions;
mod operational;
mod page_texts;
mod pages;
mod problem;
mod proxy;
mod reply;
mod router;
mod routes;
mod service;
mod session_change;
mod session_facts;
mod session_pages;
pub(crate) mod weaknesses;

pub(crate) use access_log::{Access, Observer};
pub(crate) use application::{App, Warn};
pub(crate) use inspect::Inspector;
pub(crate) use metrics::Metrics;
pub(crate) use proxy::ProxyConfig;
pub(crate) use service::{admin_service, service};
pub(crate) use session_change::SessionChange;
pub(crate) use session_facts::{session_facts, session_facts_with_data};
