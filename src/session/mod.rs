//! The session engine, free of any web framework: what a session is, when it ends, what its cookie says.
//!
//! [`Sessions`] is set up once, with a [store](crate::store) and a [`SessionConfig`]. For each request it
//! opens a [`Session`], lazily: a request that never looks at its session costs nothing. Every change is in
//! the store when its call returns; there is nothing to save at the end and nothing to forget.

mod activity;
mod change;
mod completion;
mod config;
mod cookie;
mod error;
mod event;
mod handle;
mod manager;
mod record;
mod succession;
mod token;

pub use crate::clock::{Clock, ManualClock, MovedClock, SystemClock, Timestamp};
pub use activity::Activity;
pub use change::{Change, Operation, Refusal};
pub use config::{ConfigError, SameSite, SessionConfig};
pub use error::SessionError;
pub use event::{EndReason, Event};
pub use handle::Session;
pub use manager::{Sessions, SessionsBuilder};
pub use record::{Data, Record};
pub use token::{Handle, Token, TokenHash};
