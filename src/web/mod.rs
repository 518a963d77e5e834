//! Sessions on the web: layers for any `http` service, and filters for [warp].
//!
//! [`SessionLayer`] opens the session and writes its cookie; the application inside takes its
//! [`Session`](crate::session::Session) from the request's extensions, on warp by the filter [`session`].
//! [`GuardLayer`] refuses requests that a foreign page made or that are for another host. Either may be the
//! outer one: opening a session reads nothing yet.

mod guard;
mod headers;
mod layer;
mod proxy;
mod warp;

pub use self::warp::session;
pub use guard::{Guard, GuardLayer, GuardService, Refused};
pub use headers::security_headers;
pub use layer::{SessionLayer, SessionService};
pub use proxy::{BadNetwork, Contradiction, Origin, TrustedProxies};
