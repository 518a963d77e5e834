//! [`Tls`]: the server's certificate and key, and handshakes with them.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use thiserror::Error;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::io::WatchedSocket;

/// What clients may agree on, the best first (RFC 7301).
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// The first octet of a handshake (RFC 8446 §5.1). No method of HTTP begins with it.
const HANDSHAKE: u8 = 22;

/// A certificate and its key, for a [`Listener`](super::Listener). A clone is cheap and is the same.
#[derive(Clone)]
pub struct Tls(Arc<Shared>);

struct Shared {
    certificate: PathBuf,
    key: PathBuf,
    /// What new connections begin with.
    config: RwLock<Arc<ServerConfig>>,
}

/// Why files cannot be used as a certificate and its key.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The operating system refused.
    #[error("cannot read {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// There is none, in PEM form, in the file.
    #[error("there is no {what} in {}; it is expected in PEM form, beginning with -----BEGIN …-----", path.display())]
    Missing {
        /// "certificate" or "private key".
        what: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// They cannot be used: unknown kinds, or not made for each other.
    #[error("{} and {} cannot be used together", certificate.display(), key.display())]
    Unusable {
        /// The file of certificates.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
        /// What is wrong with them.
        #[source]
        source: rustls::Error,
    },
}

impl Tls {
    /// Reads a certificate with its chain, the server's own first, and its private key from PEM files.
    ///
    /// # Errors
    /// [`TlsError`], when a file cannot be read, holds none, or they do not belong together.
    pub fn load(certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Result<Self, TlsError> {
        let (certificate, key) = (certificate.into(), key.into());
        let config = RwLock::new(read(&certificate, &key)?);
        Ok(Tls(Arc::new(Shared { certificate, key, config })))
    }

    /// Reads the files again, for connections from now on: certificates are renewed while servers run.
    ///
    /// # Errors
    /// [`TlsError`], as with [`load`](Tls::load). The server goes on with what it has.
    pub fn reload(&self) -> Result<(), TlsError> {
        let config = read(&self.0.certificate, &self.0.key)?;
        *self.0.config.write().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.0.config.read().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Waits for the client to speak first, and agrees with it on the secrets and the protocol.
    pub(super) async fn handshake(&self, stream: WatchedSocket) -> io::Result<Accepted> {
        if stream.first_octet().await?.is_some_and(|first| first != HANDSHAKE) {
            return Ok(Accepted::Clear(stream));
        }
        let stream = self.acceptor().accept(stream).await?;
        let is_http2 = stream.get_ref().1.alpn_protocol() == Some(PROTOCOLS[0]);
        Ok(if is_http2 { Accepted::Http2(stream) } else { Accepted::Http1(stream) })
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("certificate", &self.0.certificate)
            .field("key", &self.0.key)
            .finish_non_exhaustive()
    }
}

/// What a client came with.
pub(super) enum Accepted {
    Http1(TlsStream<WatchedSocket>),
    Http2(TlsStream<WatchedSocket>),
    /// HTTP without TLS.
    Clear(WatchedSocket),
}

fn read(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let failed = |path: &Path, what| {
        let path = path.to_owned();
        move |error| match error {
            pem::Error::Io(source) => TlsError::Io { path, source },
            _ => TlsError::Missing { what, path },
        }
    };
    let no_certificate = || failed(certificate, "certificate");
    let chain = CertificateDer::pem_file_iter(certificate).map_err(no_certificate())?;
    let chain = chain.collect::<Result<Vec<_>, _>>().map_err(no_certificate())?;
    if chain.is_empty() {
        return Err(TlsError::Missing { what: "certificate", path: certificate.to_owned() });
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(failed(key, "private key"))?;
    // Named, since a program may have more than one provider in it.
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, secret));
    let mut config = config.map_err(|source| TlsError::Unusable {
        certificate: certificate.to_owned(),
        key: key.to_owned(),
        source,
    })?;
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).into();
    Ok(Arc::new(config))
}
