//! [`Tls`]: the certificate and private key of the server, and the handshake.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use thiserror::Error;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::watched_socket::WatchedSocket;
use crate::tls_provider::provider;

/// The protocols that a client can choose from, the preferred one first (RFC 7301).
const ALPN_PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// The first byte of a TLS handshake (RFC 8446 §5.1). No HTTP method starts with it.
const HANDSHAKE_RECORD: u8 = 22;

/// A certificate and its private key, for a [`Listener`](super::Listener). Clones share them, also after
/// [`reload`](Tls::reload).
///
/// ```no_run
/// use sessctl::server::{Limits, Listener, Tls, serve};
/// use warp::Filter;
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let tls = Tls::load("fullchain.pem", "privkey.pem")?;
/// let listener = tokio::net::TcpListener::bind("0.0.0.0:443").await?;
/// let listener = Listener::over_tls(listener, tls.clone());
/// let service = warp::service(warp::any().map(|| "hello"));
/// // Call tls.reload() whenever the certificate was renewed.
/// serve(listener, service, Limits::default(), std::future::pending()).await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Tls(Arc<TlsFiles>);

struct TlsFiles {
    certificate: PathBuf,
    key: PathBuf,
    /// What the files held when they were last read. `reload` replaces it whole, each handshake takes the newest.
    config: RwLock<Arc<ServerConfig>>,
}

/// Why files cannot be used as a certificate and its private key.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read the {what} file {}", path.display())]
    Io {
        /// "certificate" or "private key".
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        #[source]
        source: io::Error,
    },
    /// A file does not contain what it should in PEM format.
    #[error(
        "cannot use {} as a {what} file: it contains no {what} in PEM format; give a file with a block that starts \
         with -----BEGIN …-----",
        path.display()
    )]
    Missing {
        /// "certificate" or "private key".
        what: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// The kind of certificate or key is not supported, or the key is not the one of the certificate.
    #[error(
        "cannot use certificate {} with private key {}; give a certificate and the key that it was issued for",
        certificate.display(),
        key.display()
    )]
    Unusable {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the private key.
        key: PathBuf,
        /// The error of the TLS implementation.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The process has no TLS provider: enable the feature `ring` or `aws-lc-rs`.
    #[error("cannot set up TLS")]
    NoProvider {
        /// What to do.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Tls {
    /// Reads a certificate chain (the server's certificate first) and its private key from PEM files.
    ///
    /// # Errors
    /// [`TlsError`] if a file cannot be read or is not PEM, or if the key is not the one of the certificate.
    pub fn load(certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Result<Self, TlsError> {
        let (certificate, key) = (certificate.into(), key.into());
        let config = RwLock::new(read(&certificate, &key)?);
        Ok(Tls(Arc::new(TlsFiles { certificate, key, config })))
    }

    /// Reads the files again, for new connections: call it after the certificate was renewed.
    ///
    /// # Errors
    /// [`TlsError`], as for [`load`](Tls::load). The server then keeps the certificate that it has.
    pub fn reload(&self) -> Result<(), TlsError> {
        let config = read(&self.0.certificate, &self.0.key)?;
        *self.0.config.write().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.0.config.read().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Does the handshake, unless the client sends plain HTTP.
    pub(super) async fn handshake(&self, stream: WatchedSocket) -> io::Result<Negotiated> {
        if stream.peek_first_byte().await?.is_some_and(|first| first != HANDSHAKE_RECORD) {
            return Ok(Negotiated::Plaintext(stream));
        }
        let stream = self.acceptor().accept(stream).await?;
        let is_http2 = stream.get_ref().1.alpn_protocol() == Some(ALPN_PROTOCOLS[0]);
        Ok(if is_http2 { Negotiated::Http2(stream) } else { Negotiated::Http1(stream) })
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

/// The protocol of a connection.
pub(super) enum Negotiated {
    Http1(TlsStream<WatchedSocket>),
    Http2(TlsStream<WatchedSocket>),
    /// HTTP without TLS.
    Plaintext(WatchedSocket),
}

fn read(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    // Without an explicit provider, rustls panics if a program contains more than one.
    let provider = provider().map_err(|error| TlsError::NoProvider { source: error.into() })?;
    let failed = |what, path: &Path, error| match error {
        pem::Error::Io(source) => TlsError::Io { what, path: path.to_owned(), source },
        _ => TlsError::Missing { what, path: path.to_owned() },
    };
    let no_certificate = |error| failed("certificate", certificate, error);
    let chain = CertificateDer::pem_file_iter(certificate).map_err(no_certificate)?;
    let chain = chain.collect::<Result<Vec<_>, _>>().map_err(no_certificate)?;
    if chain.is_empty() {
        return Err(no_certificate(pem::Error::NoItemsFound));
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| failed("private key", key, error))?;
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, secret));
    let mut config = config.map_err(|source| TlsError::Unusable {
        certificate: certificate.to_owned(),
        key: key.to_owned(),
        source: source.into(),
    })?;
    config.alpn_protocols = ALPN_PROTOCOLS.map(<[u8]>::to_vec).into();
    Ok(Arc::new(config))
}
