//! The stores that come with the crate, and a test suite for any store.
//!
//! A store is where sessions are kept: in this process ([`MemoryStore`]), in a file (`SqliteStore`), or on a server that
//! many processes share (`RedisStore`, `PostgresStore`). The trait that all of them implement is
//! [`SessionStore`](crate::session::SessionStore).

pub mod conformance;
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(any(feature = "redis", feature = "postgres"))]
mod wire;

#[cfg(feature = "redis")]
pub use self::redis::{RedisOpenError, RedisOptions, RedisStore};
pub use memory::MemoryStore;
#[cfg(feature = "postgres")]
pub use postgres::{PostgresOpenError, PostgresStore};
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteOpenError, SqliteStore};
