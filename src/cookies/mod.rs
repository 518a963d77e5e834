//! The cookie [`Jar`]: RFC 6265bis, with a reason for each decision.
//!
//! The [`cookie_store`] crate matches domains and paths. The rest is here: parsing as bytes, prefixes, public
//! suffixes, secure cookies that an insecure origin must not replace, the order of cookies, limits.
//!
//! - [`Jar`] stores cookies and sends them; [`JarFile`] keeps a jar on disk.
//! - [`SetDecision`] and [`SendDecision`] are its decisions, each with a [`Reason`].
//! - [`import()`] and [`export()`] exchange cookies with other programs.
//! - [`TokenSession`] is a session in a header instead of a cookie: a jar keeps it for the same client.
//! - [`value`] detects what a cookie's value is.

mod byte_string;
mod date;
mod decision;
mod explain;
mod export;
mod file;
mod import;
#[cfg(feature = "client")]
mod interop;
mod jar;
pub(crate) mod json;
mod json_error;
mod policy;
mod reason;
mod request_context;
mod same_site;
mod set_cookie;
pub(crate) mod shared_file;
pub(crate) mod site;
mod store;
mod stored_cookie;
mod token_header;
pub(crate) mod token_session;
pub mod value;
mod warning;

pub use byte_string::ByteString;
pub use decision::{SendDecision, SendExplanation, SendReason, SetAction, SetDecision, SetExplanation};
pub use export::{Export, ExportFormat, ExportLoss, NetscapeDialect, export};
pub use file::{JarError, JarFile, LastLogin};
#[cfg(feature = "sqlite")]
pub use import::import_firefox;
pub use import::{ImportError, ImportFormat, ImportNote, ImportRejection, Imported, RejectionCause, import};
pub use jar::Jar;
pub use reason::{Explanation, Reason, Stage};
pub use request_context::RequestContext;
pub use same_site::SameSite;
#[cfg(feature = "client")]
pub(crate) use set_cookie::asks_for_too_long_a_lifetime;
#[cfg(feature = "client")]
pub(crate) use site::{is_cross_site, is_loopback, is_secure};
pub use stored_cookie::StoredCookie;
pub use token_header::{TokenHeader, TokenHeaderError};
pub use token_session::{TokenRefresh, TokenSession};
pub use warning::{Warning, WarningKind};
