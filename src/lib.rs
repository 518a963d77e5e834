//! Sessions over HTTP, for both ends of the wire.
//!
//! **Serving.** [`session`] is the engine, free of any framework; [`stores`] is where sessions live; [`web`] puts
//! them around a warp application or any `http` service; `server` is a listener that bad clients cannot wear
//! down. Sessions in a warp application:
//!
//! ```
//! use sessctl::session::{Session, SessionConfig, Sessions};
//! use sessctl::stores::MemoryStore;
//! use sessctl::web::{SessionLayer, session};
//! use tower_layer::Layer;
//! use warp::Filter;
//!
//! # fn main() -> Result<(), sessctl::session::ConfigError> {
//! let count = warp::path!("count").and(session()).then(|session: Session| async move {
//!     match session.increment("visits", 1).await {
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
//! The same around an axum application:
//!
//! ```
//! use axum::routing::get;
//! use axum::{Extension, Router};
//! use sessctl::session::{Session, SessionConfig, Sessions};
//! use sessctl::stores::MemoryStore;
//! use sessctl::web::SessionLayer;
//!
//! async fn greet(Extension(session): Extension<Session>) -> String {
//!     match session.user().await {
//!         Ok(Some(user)) => format!("Hello, {user}!"),
//!         Ok(None) => "Hello, guest!".to_owned(),
//!         Err(error) => format!("sorry: {error}"),
//!     }
//! }
//!
//! # fn main() -> Result<(), sessctl::session::ConfigError> {
//! let sessions = Sessions::new(MemoryStore::new(), &SessionConfig::default())?;
//! let app: Router = Router::new().route("/", get(greet)).layer(SessionLayer::new(sessions));
//! # drop(app);
//! # Ok(())
//! # }
//! ```
//!
//! Sessions that outlive the server are in a `stores::SqliteStore`, those that many servers share in a
//! `stores::RedisStore` or a `stores::PostgresStore`; a store of one's own is forty lines, and a
//! [suite](stores::conformance) that tells whether it keeps what stores owe. Data is typed where it is used:
//!
//! ```
//! # use sessctl::clock::{ManualClock, Timestamp};
//! # use sessctl::session::{Session, SessionConfig, SessionError, Sessions};
//! # use sessctl::stores::MemoryStore;
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct Cart {
//!     items: Vec<String>,
//! }
//!
//! async fn put(session: &Session, item: &str) -> Result<(), SessionError> {
//!     // Of two requests at the same time neither loses its item.
//!     session
//!         .update("cart", |cart: Option<Cart>| {
//!             let mut cart = cart.unwrap_or(Cart { items: Vec::new() });
//!             cart.items.push(item.to_owned());
//!             Some(cart)
//!         })
//!         .await
//! }
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Expiry is tested by moving a clock, not by waiting; what happens to sessions can be heard.
//! let clock = Arc::new(ManualClock::new(Timestamp::from_millis(0)));
//! let sessions = Sessions::builder(MemoryStore::new())
//!     .config(&SessionConfig::default().idle_timeout(Duration::from_secs(60)))
//!     .clock(Arc::clone(&clock))
//!     .on_event(|event| println!("{event:?}"))
//!     .build()?;
//! let session = sessions.open([]);
//! session.login("alice").await?;
//! put(&session, "tea").await?;
//! let line = session.set_cookie().ok_or("a cookie for the browser")?;
//! let cookie = line.to_str()?.split(';').next().unwrap_or_default().as_bytes().to_vec();
//!
//! clock.advance(Duration::from_secs(59));
//! let cart: Option<Cart> = sessions.open([cookie.as_slice()]).get("cart").await?;
//! assert_eq!(cart.map(|cart| cart.items.len()), Some(1));
//! clock.advance(Duration::from_secs(60));
//! assert!(sessions.open([cookie.as_slice()]).user().await?.is_none());
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
//! - `server`, `cookies` and `client` each add the module of that name; `client` includes `cookies`.
//! - `sqlite`, `redis` and `postgres` each add a session store.
//! - `cli` (on by default) adds the binary and includes all of the above.
//!
//! Without any feature the crate has the session engine, the memory store, the layers and the warp filter.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "client")]
pub mod client;
pub mod clock;
#[cfg(feature = "cookies")]
pub mod cookies;
#[doc(hidden)]
pub mod internal;
#[cfg(feature = "server")]
pub mod server;
pub mod session;
pub mod stores;
pub mod web;

/// The types of requests, responses and headers in this crate's signatures.
pub use http;
/// The types of URLs in this crate's signatures.
#[cfg(feature = "cookies")]
pub use url;
/// The type of session handles.
pub use uuid;

/// Runs the README's library example with the other examples.
#[cfg(all(doctest, feature = "server"))]
#[doc = include_str!("../README.md")]
mod readme {}
