//! Tower layers for sessions and their protection, and filters for [warp](https://docs.rs/warp).
//!
//! [`SessionLayer`] opens the session of each request and writes its cookie. The application takes the
//! [`Session`](crate::session::Session) from the request's extensions, in warp with the filter [`session`].
//! [`GuardLayer`] rejects cross-site requests and requests for other hosts. The order of the two layers does not matter:
//! opening a session does not ask the store.

mod guard;
mod headers;
mod layer;
mod proxy;
mod warp;

pub use self::warp::session;
pub use guard::{Guard, GuardLayer, GuardService, Rejection};
pub use headers::security_headers;
pub use layer::{SessionLayer, SessionService};
pub use proxy::{ForwardedError, ForwardedRequest, InvalidNetwork, TrustedProxies};
