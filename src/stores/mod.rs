//! Session stores, and a conformance test suite for any store.
//!
//! - [`MemoryStore`] keeps sessions in this process.
//! - `SqliteStore` keeps them in a file.
//! - `RedisStore` and `PostgresStore` keep them on a server, which many processes can share.
//!
//! All stores implement the trait [`SessionStore`](crate::session::SessionStore), whose docs also show how to write your
//! own store.

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
pub use postgres::{PostgresOpenError, PostgresOptions, PostgresStore};
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteOpenError, SqliteOptions, SqliteStore};
