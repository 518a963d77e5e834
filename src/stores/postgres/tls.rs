//! TLS to the server, with rustls, and the verification of the server's certificate.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::config::{Roots, SslVerify};
use super::open_error::PostgresOpenError;
use crate::tls_provider::provider;

/// Makes connections encrypted. `is_bound`: the password exchange is bound to the certificate
/// (`channel_binding=require`), so the server must prove that it has the key.
pub(super) fn connector(verify: &SslVerify, is_bound: bool) -> Result<MakeRustlsConnect, PostgresOpenError> {
    let provider = provider().map_err(|error| PostgresOpenError::NoProvider { source: error.into() })?;
    let roots = match verify {
        SslVerify::None => None,
        SslVerify::Ca(roots) | SslVerify::Full(roots) => Some(roots),
    };
    let verifier = CertificateVerifier {
        chain: roots.map(|roots| chain_verifier(roots, &provider)).transpose()?,
        checks_host: matches!(verify, SslVerify::Full(_)),
        accepts_unreadable: roots.is_none() && !is_bound,
        algorithms: provider.signature_verification_algorithms,
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| PostgresOpenError::NoProvider { source: error.into() })?
        .dangerous() // weaker than the default only if the URL asks for it: see `SslVerify`
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn chain_verifier(
    roots: &Roots,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, PostgresOpenError> {
    let mut store = RootCertStore::empty();
    let file = match roots {
        Roots::System => {
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            "the system's certificate store".to_owned()
        }
        Roots::File(path) => {
            let file = path.display().to_string();
            let certificates =
                CertificateDer::pem_file_iter(path).map_err(|error| unreadable(&file, &error))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|error| unreadable(&file, &error))?;
                store.add(certificate).map_err(|error| unreadable(&file, &error))?;
            }
            file
        }
    };
    WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider))
        .build()
        .map_err(|error| unreadable(&file, &error))
}

fn unreadable(file: &str, reason: &dyn std::fmt::Display) -> PostgresOpenError {
    PostgresOpenError::Certificates { file: file.to_owned(), reason: reason.to_string() }
}

/// Verifies as much of a certificate as the URL asks for. In every mode the server must prove that it has the
/// certificate's key, because channel binding (SCRAM) depends on it.
#[derive(Debug)]
struct CertificateVerifier {
    /// `None` accepts every certificate.
    chain: Option<Arc<WebPkiServerVerifier>>,
    checks_host: bool,
    /// Accepts X.509 version 1, which rustls cannot read, and then cannot check the key. PostgreSQL's manual creates such
    /// certificates with older versions of OpenSSL.
    accepts_unreadable: bool,
    algorithms: WebPkiSupportedAlgorithms,
}

impl CertificateVerifier {
    fn or_unreadable(
        &self,
        result: Result<HandshakeSignatureValid, rustls::Error>,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        match result {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::BadEncoding | CertificateError::Other(_),
            )) if self.accepts_unreadable => Ok(HandshakeSignatureValid::assertion()),
            other => other,
        }
    }
}

impl ServerCertVerifier for CertificateVerifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        match chain.verify_server_cert(certificate, intermediates, host, ocsp, now) {
            // rustls checks the name last, so the rest of the certificate is valid.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.checks_host => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.or_unreadable(verify_tls12_signature(message, certificate, signed, &self.algorithms))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.or_unreadable(verify_tls13_signature(message, certificate, signed, &self.algorithms))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
