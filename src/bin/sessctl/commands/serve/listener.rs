//! Opens the listening socket, and checks what the operating system allows.

use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use tokio::net::{TcpListener, TcpSocket};

/// How many connections may wait to be accepted; the operating system may allow fewer.
const BACKLOG: u32 = 4096;

/// Listens on the first address that is available.
pub(super) fn listen(addresses: &[SocketAddr]) -> std::io::Result<TcpListener> {
    let mut last = std::io::ErrorKind::AddrNotAvailable.into();
    for address in addresses {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // Allows a restart on the same port without waiting for old connections.
        socket.set_reuseaddr(true)?;
        match socket.bind(*address).and_then(|()| socket.listen(BACKLOG)) {
            Ok(listener) => return Ok(listener),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Raises the limit of file descriptors as far as possible: each connection needs one, and the usual limit is far below
/// that of connections. At the limit, the listener closes idle connections.
pub(super) fn raise_descriptor_limit() {
    let _ = rlimit::increase_nofile_limit(u64::MAX);
}

/// The warning about a file with secrets that other users can read. Its mode is not changed: a group may have been given
/// access on purpose.
pub(super) fn exposure_of(file: &Path) -> Option<String> {
    let mode = std::fs::metadata(file).ok()?.mode() & 0o777;
    let is_exposed = mode & 0o077 != 0;
    is_exposed
        .then(|| format!("other users can access {0} (mode {mode:03o}); run chmod 600 {0}", file.display()))
}
