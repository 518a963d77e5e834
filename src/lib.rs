//! HTTP sessions and cookies, for servers and for clients.
//!
//! - **On the server**, [`session`] adds sessions to [warp](web::session), axum or any tower service. Concurrent requests lose no
//!   change, the store holds only hashes of tokens, and idle and absolute expiry are enforced. [`stores`] keeps sessions in memory,
//!   SQLite, Redis or PostgreSQL; `server` is a listener with limits, TLS and graceful shutdown.
//! - **On the client**, `client` logs in to applications as a browser would, and records each request, response and cookie decision.
//!   `cookies` is a jar that follows RFC 6265bis and gives a reason for each decision.
//!
//! # Sessions in an axum application
//!
//! ```rust,no_run
//! use axum::{Router, routing::get};
//! use sessctl::session::{Session, SessionConfig, SessionError, Sessions};
//! use sessctl::{stores::MemoryStore, web::SessionLayer};
//!
//! async fn visits(session: Session) -> Result<String, SessionError> {
//!     Ok(format!("visit {}", session.increment("visits", 1).await?))
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let sessions = Sessions::new(MemoryStore::new(), SessionConfig::development())?;
//!     let app = Router::new().route("/", get(visits)).layer(SessionLayer::new(sessions));
//!     let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//!     Ok(axum::serve(listener, app).await?)
//! }
//! ```
//!
//! # Sessions in a warp application
//!
//! ```rust,no_run
//! use sessctl::server::{Limits, serve};
//! use sessctl::session::{Session, SessionConfig, SessionError, Sessions};
//! use sessctl::{stores::MemoryStore, web::{SessionLayer, session}};
//! use tower_layer::Layer;
//! use warp::Filter;
//!
//! async fn visits(session: Session) -> Result<String, SessionError> {
//!     Ok(format!("visit {}", session.increment("visits", 1).await?))
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let sessions = Sessions::new(MemoryStore::new(), SessionConfig::development())?;
//!     let app = warp::service(warp::path::end().and(session()).then(visits));
//!     let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//!     serve(listener, SessionLayer::new(sessions).layer(app), Limits::default(), std::future::pending()).await;
//!     Ok(())
//! }
//! ```
//!
//! # Where to start
//!
//! | to do this | see |
//! | --- | --- |
//! | read and change a session | [`Session`](session::Session) |
//! | configure timeouts and the cookie | [`SessionConfig`](session::SessionConfig) |
//! | see a whole application | the chapter [quick start](guide::quick_start) |
//! | test your own application | the chapter [testing](guide::testing) |
//! | choose a store, move from another library, and more | the chapter [library](guide::library) |
//! | write a store | [`SessionStore`](session::SessionStore) and the [conformance suite](stores::conformance) |
//! | use the command-line program | the [guide] |
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | (none) | the session engine, the memory store, the tower layers |
//! | `warp` | the filter that extracts a session |
//! | `axum` | the extractor of a session |
//! | `server` | the listener with limits, TLS and graceful shutdown |
//! | `sqlite`, `redis`, `postgres` | a store |
//! | `cookies` | the cookie jar of RFC 6265bis, its imports and exports |
//! | `client` | the user agent, forms, login and logout; includes `cookies` |
//! | `client-tls` | HTTPS for the user agent. It enables the feature `rustls-no-provider` of `reqwest`: other clients of `reqwest` 0.13 in the same process then use rustls too, and panic unless a crate enables `reqwest/rustls` or the program installs a default provider |
//! | `ring`, `aws-lc-rs` | the TLS provider of `server`, `client-tls`, `redis` and `postgres`. A program that has installed a default provider of rustls needs neither |
//! | `cli` | the program `sessctl`, with all of the above but `axum` and `aws-lc-rs` |
//!
//! `cli` is on by default, so that `cargo install` builds the program. A library or an application turns it off:
//!
//! ```toml
//! [dependencies]
//! sessctl = { version = "0.1", default-features = false, features = ["warp"] }
//! ```
//!
//! # Platforms and versions
//!
//! The crate is for Unix systems, such as Linux and macOS. On Windows, only the library without features, or with `warp` or
//! `axum`, compiles. The minimum Rust version is 1.89.
//!
//! These features have types of other crates in their signatures, so a new major version of such a crate is a new major
//! version of this one: `warp`, `axum` (`axum-core`), `redis`, `postgres` (`deadpool-postgres`), and `client` (`reqwest` and
//! `reqwest_cookie_store`, to share a jar).

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "client")]
pub mod audit;
#[cfg(feature = "client")]
pub mod client;
pub mod clock;
#[cfg(feature = "cookies")]
pub mod cookies;
#[cfg(any(doc, all(doctest, feature = "cli")))]
pub mod guide;
#[doc(hidden)]
pub mod internal;
#[cfg(feature = "cookies")]
#[cfg_attr(
    not(feature = "client"),
    allow(dead_code, unreachable_pub, unused_imports, reason = "imports only ask what is masked")
)]
mod redact;
#[cfg(feature = "server")]
pub mod server;
pub mod session;
pub mod stores;
#[cfg(any(feature = "server", feature = "client-tls", feature = "redis", feature = "postgres"))]
mod tls_provider;
pub mod web;

/// The connection pool that an application can share with a [`PostgresStore`](stores::PostgresStore).
#[cfg(feature = "postgres")]
pub use deadpool_postgres;
/// The types of requests, responses and headers in this crate's signatures.
pub use http;
/// The Redis client that an application can share with a [`RedisStore`](stores::RedisStore).
#[cfg(feature = "redis")]
pub use redis;
/// The types of URLs in this crate's signatures.
#[cfg(feature = "cookies")]
pub use url;
/// The type of session handles.
pub use uuid;

/// Compiles the README's library examples with the other examples.
#[cfg(all(doctest, feature = "axum", feature = "server", feature = "warp"))]
#[doc = include_str!("../README.md")]
mod readme {}
