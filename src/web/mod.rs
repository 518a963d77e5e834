//! Tower layers for sessions and their protection, filters for [warp](https://docs.rs/warp), and extractors for
//! [axum](https://docs.rs/axum).
//!
//! [`SessionLayer`] opens the session of each request and writes its cookie. The application takes the
//! [`Session`](crate::session::Session) from the request's extensions, in warp with the filter `session()` (feature `warp`), in axum as an
//! extractor (feature `axum`).
//! [`GuardLayer`] rejects cross-site requests and requests for other hosts. The order of the two layers does not matter:
//! opening a session does not ask the store.

#[cfg(feature = "axum")]
mod axum;
mod guard;
mod guard_layer;
mod headers;
mod layer;
mod local_target;
mod proxy;
mod realm_session;
mod require_login;
mod session_response;
#[cfg(feature = "warp")]
mod warp;

#[cfg(feature = "axum")]
pub use self::axum::{MissingSessionLayer, User};
#[cfg(feature = "warp")]
pub use self::warp::{realm_session, recover, require_login, require_realm_login, session, user};
pub use guard::{Guard, Rejection};
pub use guard_layer::{EmptyResponse, GuardLayer, GuardService, RejectionResponse};
pub use headers::security_headers;
pub use layer::{SameForEveryone, SessionLayer, SessionService};
pub use local_target::local_target;
pub use proxy::{ForwardedError, ForwardedRequest, InvalidNetwork, TrustedProxies};
pub use realm_session::RealmSession;
pub use require_login::{RequireLogin, RequireLoginService};
pub use session_response::UserRejection;
