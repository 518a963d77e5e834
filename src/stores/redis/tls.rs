//! [`RedisTls`]: the TLS settings of a Redis URL: whom to trust, and the certificate of this client.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use super::open_error::RedisOpenError;
use crate::tls_provider::provider;

/// The files that a URL names, by its options.
#[derive(Debug, Default)]
pub(super) struct RedisTls {
    /// The trusted authorities. `None` for those of the system.
    pub(super) root_certificates: Option<String>,
    /// The certificate of this client, and its private key.
    pub(super) client: Option<(String, String)>,
}

impl RedisTls {
    /// Reads the files.
    pub(super) fn client_config(&self) -> Result<Arc<ClientConfig>, RedisOpenError> {
        let mut roots = RootCertStore::empty();
        match &self.root_certificates {
            None => {
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
            Some(file) => {
                for certificate in certificates("sslrootcert", file)? {
                    let added = roots.add(certificate);
                    added.map_err(|error| unusable("sslrootcert", file, error.to_string()))?;
                }
            }
        }
        let client = match &self.client {
            None => None,
            Some((certificate, key_file)) => {
                let key = PrivateKeyDer::from_pem_slice(&read("sslkey", key_file)?);
                let no_key =
                    |_| unusable("sslkey", key_file, "it contains no private key in PEM format".into());
                Some((certificates("sslcert", certificate)?, key.map_err(no_key)?, key_file))
            }
        };
        let provider = provider().map_err(|error| RedisOpenError::NoProvider { source: error.into() })?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| RedisOpenError::NoProvider { source: error.into() })?
            .with_root_certificates(roots);
        Ok(Arc::new(match client {
            None => config.with_no_client_auth(),
            Some((chain, key, key_file)) => config
                .with_client_auth_cert(chain, key)
                .map_err(|error| unusable("sslkey", key_file, error.to_string()))?,
        }))
    }
}

fn certificates(option: &'static str, file: &str) -> Result<Vec<CertificateDer<'static>>, RedisOpenError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&read(option, file)?).collect();
    let found = found.ok().filter(|found| !found.is_empty());
    found.ok_or_else(|| unusable(option, file, "it contains no certificate in PEM format".to_owned()))
}

fn read(option: &'static str, file: &str) -> Result<Vec<u8>, RedisOpenError> {
    std::fs::read(Path::new(file)).map_err(|error| unusable(option, file, error.to_string()))
}

fn unusable(option: &'static str, file: &str, reason: String) -> RedisOpenError {
    RedisOpenError::Certificates { option, file: file.to_owned(), reason }
}
