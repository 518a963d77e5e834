//! Sessions over HTTP, for both ends of the wire.
//!
//! **Serving.** [`session`] is the engine, free of any framework; [`store`] is where sessions live; [`web`] puts
//! them around a warp application or any `http` service; `server` is a listener that bad clients cannot wear
//! down. Sessions in a warp application:
//!
//! ```
//! use sessctl::session::{Session, SessionConfig, Sessions};
//! use sessctl::store::MemoryStore;
//! use sessctl::web::{SessionLayer, session};
//! use tower_layer::Layer;
//! use warp::Filter;
//!
//! # fn main() -> Result<(), sessctl::session::ConfigError> {
//! let count = warp::path!("count").and(session()).then(|session: Session| async move {
//!     match session.add("visits", 1).await {
//!         Ok(visits) => format!("visit number {visits}"),
//!         Err(error) => format!("sorry: {error}"),
//!     }
//! });
//! let sessions = Sessions::new(MemoryStore::new(), &SessionConfig::default())?;
//! let service = SessionLayer::new(sessions).layer(warp::service(count));
//! # drop(service);
//! # Ok(())
//! # }
//! ```
//!
//! **Using.** `client` is a user agent with a persistent cookie jar by RFC 6265bis. It records every exchange as
//! it was sent and received, with the reason of every decision about a cookie, and logs in to and out of
//! applications that it has never seen.
//!
//! All time comes from a [`clock`], so that expiry is tested without waiting.
//!
//! # Features
//!
//! `server` and `client` are the parts of those names; `cli` is the binary, and is on by default. Without any
//! there are the engine, the memory store, the layers and the warp filter.

#[cfg(feature = "client")]
pub mod client;
pub mod clock;
#[cfg(feature = "client")]
pub mod file;
#[cfg(feature = "server")]
pub mod server;
pub mod session;
pub mod store;
pub mod web;

/// Runs the README's library example with the other examples.
#[cfg(all(doctest, feature = "server"))]
#[doc = include_str!("../README.md")]
mod readme {}
