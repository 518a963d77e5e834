//! A listener for any `http` service that bad clients cannot wear down.
//!
//! warp's own server cuts off no slow client, limits no connections and, told to stop, waits for ever for a
//! stuck one. This one does: see [`Limits`]. It speaks HTTP/1.1.
//!
//! ```no_run
//! use sessctl::server::{Limits, serve};
//! use warp::Filter;
//!
//! # async fn run() -> std::io::Result<()> {
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await?;
//! let service = warp::service(warp::any().map(|| "hello"));
//! let stop = async { let _ = tokio::signal::ctrl_c().await; };
//! serve(listener, service, Limits::default(), stop).await;
//! # Ok(())
//! # }
//! ```

mod accept;
mod connections;
mod io;
mod limits;

use std::net::SocketAddr;

pub use accept::serve;
pub use limits::{Limits, RequestBody};

/// Who sent a request: in its extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);
