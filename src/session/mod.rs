//! The session engine: sessions, their cookie and their expiry, independent of any web framework and any store.
//!
//! Set up [`Sessions`] once, with a [store](SessionStore) and a [`SessionConfig`]. For each request, it opens a
//! [`Session`] from the `Cookie` header. When the response is ready, [`Session::set_cookie`] returns the `Set-Cookie`
//! line that the response must carry. [`web::SessionLayer`](crate::web::SessionLayer) does both for any tower service.
//!
//! A session has three names: the secret token in the cookie, its [`TokenHash`] in the store, and the public
//! [`Handle`], which is safe to log.

mod activity;
mod bearer;
mod change;
mod completion;
mod config;
mod cookie;
mod cookie_config;
mod csrf_token;
mod data;
mod duration_text;
mod dyn_store;
mod error;
mod event;
mod finite;
mod flash;
mod health_check;
mod id;
mod issue;
mod login;
mod open;
mod page;
mod realm;
mod record;
mod request_state;
mod resolved;
mod rotate;
mod scoped_store;
#[allow(clippy::module_inception, reason = "a file is named after its type")]
mod session;
mod session_data;
mod sessions;
mod sessions_builder;
mod shared_store;
mod store;
mod successor;
mod sweeper;

pub use crate::clock::Timestamp;
pub use activity::Activity;
pub use change::{Change, ChangeError, Operation};
pub use config::{ConfigError, SessionConfig};
pub use cookie_config::{CookieConfig, CookiePrefix, SameSitePolicy};
pub use data::Data;
pub use error::SessionError;
pub use event::{EndReason, Event};
pub use flash::{Flash, FlashLevel};
pub use id::{Handle, TokenHash};
pub use login::{InvalidLogin, Login};
#[cfg(any(feature = "sqlite", feature = "redis", feature = "postgres"))]
pub(crate) use page::Listed;
pub use page::{Cursor, Page};
pub use record::{ExpiredSession, Record, RecordOptions};
pub use session::Session;
pub use sessions::{Keep, Sessions};
pub use sessions_builder::SessionsBuilder;
pub use store::{Changed, Owner, SessionStore, StoreError};
pub use successor::{Replacement, Successor};
