//! The session engine, free of any web framework: what a session is, when it ends, what its cookie says.
//!
//! [`Sessions`] is set up once, with a [store](self::store) and a [`SessionConfig`]. For each request it
//! opens a [`Session`], lazily: a request that never looks at its session costs nothing. Every change is in
//! the store when its call returns; there is nothing to save at the end and nothing to forget.

mod activity;
mod change;
mod completion;
mod config;
mod cookie;
mod dyn_store;
mod error;
mod event;
mod id;
mod record;
mod rotate;
#[allow(clippy::module_inception, reason = "a file is named after its type")]
mod session;
mod sessions;
mod store;
mod sweeper;

pub use crate::clock::{Clock, ManualClock, OffsetClock, SystemClock, Timestamp};
pub use activity::Activity;
pub use change::{Change, Operation, Refusal};
pub use config::{ConfigError, SameSitePolicy, SessionConfig};
pub use error::SessionError;
pub use event::{EndReason, Event};
pub use id::{Handle, Token, TokenHash};
pub use record::{Data, Record};
pub use session::Session;
pub use sessions::{Sessions, SessionsBuilder};
pub use store::{Changed, Cursor, Owner, Page, SessionStore, StoreError};
