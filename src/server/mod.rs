//! A listener for any `http` service that slow, silent or greedy clients cannot exhaust.
//!
//! warp's own server closes no slow client and limits no connections. When it is told to stop, it waits forever
//! for a client that hangs. This listener enforces [`Limits`] and stops within a deadline. It speaks HTTP/1.1, and
//! over TLS also HTTP/2.
//!
//! Start at [`serve`]; for HTTPS, see [`Tls`].

// Where to look:
// - accept: accepts connections, and starts a task for each
// - connection: runs one connection until it ends
// - http1, http2, executor: what is specific to one HTTP version
// - connection_service: answers one request within the limits
// - connection_state: what a connection is doing; the state that tasks share
// - connections: all open connections; which one to close, and when
// - shutdown: stops the server without dropping a request
mod accept;
mod connection;
mod connection_service;
mod connection_state;
mod connections;
mod executor;
mod http1;
mod http2;
pub(crate) mod https_redirect;
mod limits;
mod listener;
mod peer;
mod queued_bytes;
mod rejection;
mod request_body;
mod response_body;
mod shutdown;
mod tls;
mod watched_socket;

pub use accept::serve;
pub use limits::Limits;
pub use listener::Listener;
pub use peer::Peer;
pub use request_body::{BodyError, RequestBody};
pub use tls::{Tls, TlsError};
