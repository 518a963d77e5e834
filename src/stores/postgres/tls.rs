//! TLS to the server: rustls with ring, and whom it trusts.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::PostgresOpenError;
use super::config::{Authorities, Trust};

/// What makes connections secret. Where the password's exchange must be bound to them (`channel_binding=require`), whose
/// they are has to be proven.
pub(super) fn connector(trust: &Trust, is_bound: bool) -> Result<MakeRustlsConnect, PostgresOpenError> {
    let provider = Arc::new(ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match trust {
        Trust::Anyone => Arc::new(Anyone { provider: Arc::clone(&provider), is_bound }),
        Trust::Authorities(authorities) => Arc::new(AnyHost(by(authorities, &provider)?)),
        Trust::Host(authorities) => by(authorities, &provider)?,
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable("ring", &error))?
        .dangerous() // only where the URL asks for it: see `Trust`
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn by(
    authorities: &Authorities,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, PostgresOpenError> {
    let mut roots = RootCertStore::empty();
    let place = match authorities {
        Authorities::System => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            "the system's certificates".to_owned()
        }
        Authorities::File(path) => {
            let place = path.display().to_string();
            let certificates =
                CertificateDer::pem_file_iter(path).map_err(|error| unusable(&place, &error))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|error| unusable(&place, &error))?;
                roots.add(certificate).map_err(|error| unusable(&place, &error))?;
            }
            place
        }
    };
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|error| unusable(&place, &error))
}

fn unusable(place: &str, why: &dyn std::fmt::Display) -> PostgresOpenError {
    PostgresOpenError::Certificates { place: place.to_owned(), why: why.to_string() }
}

/// Trusts the authorities, for whatever host.
#[derive(Debug)]
struct AnyHost(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AnyHost {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        match self.0.verify_server_cert(certificate, between, host, ocsp, now) {
            // The name is looked at last: all else was in order.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            otherwise => otherwise,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// Trusts anybody who holds the key of the certificate shown: what the password's exchange is bound to (SCRAM with channel
/// binding) is then nobody else's.
#[derive(Debug)]
struct Anyone {
    provider: Arc<CryptoProvider>,
    is_bound: bool,
}

impl Anyone {
    /// What PostgreSQL's own manual makes with older versions of openssl is X.509 version 1, which cannot be read here: who
    /// asks for secrecy alone gets that. Nobody then knows who holds the key, and nothing can be bound to it.
    fn or_unreadable(
        &self,
        outcome: Result<HandshakeSignatureValid, rustls::Error>,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        match outcome {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::BadEncoding | CertificateError::Other(_),
            )) if !self.is_bound => Ok(HandshakeSignatureValid::assertion()),
            otherwise => otherwise,
        }
    }
}

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        self.or_unreadable(verify_tls12_signature(message, certificate, signed, algorithms))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        self.or_unreadable(verify_tls13_signature(message, certificate, signed, algorithms))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
