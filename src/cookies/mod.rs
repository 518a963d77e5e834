//! The [`Jar`]: the client's cookies, and every decision about them by RFC 6265bis.
//!
//! Domains, paths and their matching are those of [`cookie_store`]; the algorithms that it lacks, or has
//! otherwise than the standard, are here: octets instead of text, prefixes, public suffixes, what an
//! insecure origin may overlay, order, limits. Each decision is a value with a reason.

mod date;
mod decision;
mod explain;
mod file;
mod import;
#[cfg(feature = "client")]
mod interop;
mod jar;
mod policy;
mod reason;
mod request_context;
mod set_cookie;
pub(crate) mod shared_file;
mod store;
mod stored_cookie;
pub mod value;
mod warning;

pub use decision::{SendDecision, SetAction, SetDecision};
pub use explain::{SendExplanation, SetExplanation};
pub use file::{JarError, JarFile, LastLogin};
pub use import::{ImportError, ImportFormat, ImportRejection, Imported, RejectionCause, import};
pub use jar::Jar;
#[cfg(feature = "client")]
pub(crate) use policy::is_secure;
pub use reason::{Explanation, Reason, Stage};
pub use request_context::RequestContext;
pub use stored_cookie::{ByteString, Identity, SameSite, StoredCookie};
pub use warning::Warning;
