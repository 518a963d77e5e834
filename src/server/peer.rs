//! [`Peer`]: the address of the client.

use std::net::SocketAddr;

/// The address that a request was sent from. Each request carries it in its extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);
