//! A listener for any `http` service that bad clients cannot wear down.
//!
//! warp's own server cuts off no slow client, limits no connections and, told to stop, waits for ever for a
//! stuck one. This one does: see [`Limits`]. It speaks HTTP/1.1, and over TLS HTTP/2 to those who can.
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
//!
//! Over TLS, with a certificate that is read again when the program says so:
//!
//! ```no_run
//! use sessctl::server::{Limits, Listener, Tls, serve};
//! use warp::Filter;
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let tls = Tls::load("fullchain.pem", "privkey.pem")?;
//! let listener = tokio::net::TcpListener::bind("0.0.0.0:443").await?;
//! let listener = Listener::over_tls(listener, tls.clone());
//! let service = warp::service(warp::any().map(|| "hello"));
//! // When the certificate was renewed: tls.reload()
//! serve(listener, service, Limits::default(), std::future::pending()).await;
//! # Ok(())
//! # }
//! ```

mod accept;
mod answering;
mod clear;
mod connections;
mod driver;
mod io;
mod limits;
mod request_body;
mod response_body;
mod streams;
mod tls;

use std::net::SocketAddr;

use tokio::net::TcpListener;

pub use accept::serve;
pub use limits::Limits;
pub use request_body::{BodyError, RequestBody};
pub use tls::{Tls, TlsError};

/// Where connections come from, and whether they are encrypted.
#[derive(Debug)]
pub struct Listener {
    tcp: TcpListener,
    tls: Option<Tls>,
}

impl Listener {
    /// Connections over TLS. Whoever comes without it is redirected (GET and HEAD) or refused: a request that
    /// came in the clear never reaches the service.
    #[must_use]
    pub fn over_tls(tcp: TcpListener, tls: Tls) -> Self {
        Listener { tcp, tls: Some(tls) }
    }
}

/// Connections in the clear.
impl From<TcpListener> for Listener {
    fn from(tcp: TcpListener) -> Self {
        Listener { tcp, tls: None }
    }
}

/// Who sent a request: in its extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);
