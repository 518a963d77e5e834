//! Profiles: named client identities, each with a jar, its tokens and a history.

pub mod history;
mod pending_login;
#[allow(clippy::module_inception, reason = "a file is named after its type")]
mod profile;
pub(crate) mod token_file;

pub use pending_login::{PendingLoginError, PendingLoginFile};
pub use profile::{Profile, ProfileError, Profiles};
pub use token_file::{TokenFile, TokenFileError};
