//! The TLS of the user agent. Its clients get their own configuration, because reqwest alone takes the default provider of
//! the process, and panics without one.

use std::sync::Arc;

use reqwest::ClientBuilder;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use super::certificates::{AnyCertificate, ListedCertificates};
use super::client_certificate::ClientCertificate;
use super::error::ClientError;
use super::transport::TransportConfig;
use crate::tls_provider::provider;

/// Sets up TLS: which servers to trust, and the certificate of this client.
pub(super) fn with_tls(
    builder: ClientBuilder,
    transport: &TransportConfig,
) -> Result<ClientBuilder, ClientError> {
    let provider = provider().map_err(set_up)?;
    let certificate = transport
        .cert_file
        .as_ref()
        .map(|file| ClientCertificate::read(file, transport.key_file.as_deref(), &provider).map_err(set_up));
    let certificate = certificate.transpose()?;
    let verifier = verifier(transport, &provider)?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(set_up)?
        .dangerous() // only if `insecure` is set
        .with_custom_certificate_verifier(verifier);
    let config = match certificate {
        Some(certificate) => {
            config.with_client_auth_cert(certificate.chain, certificate.key).map_err(set_up)?
        }
        None => config.with_no_client_auth(),
    };
    Ok(builder.tls_backend_preconfigured(config))
}

/// reqwest always sets up TLS. Without trusted certificates this takes almost no time.
pub(super) fn without_tls(builder: ClientBuilder) -> Result<ClientBuilder, ClientError> {
    let config = ClientConfig::builder_with_provider(provider().map_err(set_up)?)
        .with_safe_default_protocol_versions()
        .map_err(set_up)?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    Ok(builder.tls_backend_preconfigured(config))
}

fn verifier(
    transport: &TransportConfig,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, ClientError> {
    if transport.insecure {
        return Ok(Arc::new(AnyCertificate::new(provider)));
    }
    let Some(file) = &transport.ca_file else {
        return Ok(Arc::new(Verifier::new(Arc::clone(provider)).map_err(set_up)?));
    };
    let listed = ListedCertificates::read(file, Arc::clone(provider))
        .map_err(|why| set_up(format!("cannot read certificate authorities from {}: {why}", file.display())));
    Ok(Arc::new(listed?))
}

fn set_up(error: impl ToString) -> ClientError {
    ClientError::SetUp(error.to_string())
}
