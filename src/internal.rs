//! Items that the binary shares with the library. They are not covered by the SemVer promise.

#[cfg(feature = "client")]
pub use crate::client::auth::login_prompt::{LoginPrompt, contains, is_login_address};
#[cfg(feature = "client")]
pub use crate::client::html::select::Selection;
#[cfg(feature = "client")]
pub use crate::client::http::error::error_chain;
#[cfg(feature = "client")]
pub use crate::client::submit::page_with_forms;
#[cfg(feature = "cookies")]
pub use crate::cookies::json::Json;
#[cfg(feature = "cookies")]
pub use crate::cookies::shared_file::{FileError, LockedFile, SharedFile};
#[cfg(feature = "cookies")]
pub use crate::cookies::site::{is_loopback, is_secure};
#[cfg(feature = "client")]
pub use crate::redact::{Masking, Redactor, is_masked};
#[cfg(feature = "server")]
pub use crate::server::https_redirect::https_location;
