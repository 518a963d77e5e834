//! The socket that a server listens on, and the certificate that it shows.

use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use tokio::net::{TcpListener, TcpSocket};

use sessctl::server::Tls;

use crate::cli::ServeArgs;
use crate::commands::exit::Failure;

/// How many clients may knock at once; the operating system may allow fewer.
const BACKLOG: u32 = 4096;

/// The addresses that were asked for, and whether only this machine can reach them.
pub(super) async fn addresses_of(args: &ServeArgs) -> Result<(Vec<SocketAddr>, bool), Failure> {
    let found = tokio::net::lookup_host(&args.bind).await;
    let addresses: Vec<SocketAddr> = found
        .map_err(|error| Failure::usage(format!("--bind {}: {error}; write ADDRESS:PORT", args.bind)))?
        .collect();
    let is_local = addresses.iter().all(|address| address.ip().is_loopback());
    Ok((addresses, is_local))
}

/// The certificate and the key, if the server speaks TLS itself.
pub(super) fn tls_of(args: &ServeArgs) -> Result<Option<Tls>, Failure> {
    match (&args.tls_cert, &args.tls_key) {
        (Some(certificate), Some(key)) => Ok(Some(Tls::load(certificate, key)?)),
        _ => Ok(None),
    }
}

/// Listens on the first of the addresses that can be had.
pub(super) fn listen(addresses: &[SocketAddr]) -> std::io::Result<TcpListener> {
    let mut refused = std::io::ErrorKind::AddrNotAvailable.into();
    for address in addresses {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // A port may be used again at once after a restart.
        socket.set_reuseaddr(true)?;
        match socket.bind(*address).and_then(|()| socket.listen(BACKLOG)) {
            Ok(listener) => return Ok(listener),
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

/// A connection takes a descriptor, and the usual limit is far below that of connections. As far as it can be
/// raised it is; beyond that the listener makes room by itself.
pub(super) fn raise_descriptor_limit() {
    let _ = rlimit::increase_nofile_limit(u64::MAX);
}

/// What to warn of where a file with secrets can be read by more than its owner. It is left as it is: a group may have
/// been given it on purpose.
pub(super) fn exposure_of(file: &Path) -> Option<String> {
    let mode = std::fs::metadata(file).ok()?.mode() & 0o777;
    let is_open = mode & 0o077 != 0;
    is_open.then(|| {
        format!("{0} is open to others than its owner (mode {mode:03o}); chmod 600 {0}", file.display())
    })
}
