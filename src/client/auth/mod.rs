//! Login and logout: forms, JSON endpoints, and the evidence for each verdict.

mod classify;
mod code_form;
mod csrf;
mod dead_end;
mod evidence;
mod form_hints;
mod login;
mod login_links;
pub(crate) mod login_prompt;
mod logout;
mod logout_controls;
mod probe;
mod second_factor;
pub(crate) mod session_proof;
mod snapshot;
mod status;
pub(crate) mod token_answer;
mod totp;
pub mod trace;
mod user_field;
mod vocabulary;
mod well_known;

pub use evidence::Evidence;
pub use form_hints::FormHints;
pub use login::credentials::{CodeSource, Credentials, LoginMethod, NoPassword};
pub use login::error::{LoginError, MissingField};
pub(crate) use login::found_login::{FoundLogin, LoginAnswer};
pub use login::pending::PendingLogin;
pub use login::report::{LoginOutcome, LoginReport, NoSession};
pub use login::token_hints::TokenHints;
pub use login::{continue_login, login, login_with_trace};
pub use logout::{LogoutError, LogoutOutcome, LogoutReport, logout, logout_after_login};
pub(crate) use session_proof::{SessionProof, SessionState, has_scripted_logout, logout_request_on};
pub use status::{CookieExpiry, LoggedOutBy, LoginState, NoComparison, StatusHints, StatusReport, status};
pub use totp::{Totp, TotpError};
