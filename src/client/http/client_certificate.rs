//! [`ClientCertificate`]: the certificate that identifies this client to servers that demand one.

use std::path::{Path, PathBuf};

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use thiserror::Error;

/// How OpenSSL marks an encrypted key.
const ENCRYPTED: [&[u8]; 2] = [b"-----BEGIN ENCRYPTED PRIVATE KEY-----", b"Proc-Type: 4,ENCRYPTED"];

/// The certificate that identifies this client, followed by its authorities, and its private key.
pub(super) struct ClientCertificate {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: PrivateKeyDer<'static>,
}

/// Why a client certificate cannot be used.
#[derive(Debug, Error)]
pub(super) enum CertificateError {
    #[error("cannot read {}: {why}", path.display())]
    Unreadable { path: PathBuf, why: String },
    #[error("cannot use {} as a client certificate: it contains no certificate in PEM format", .0.display())]
    NoCertificate(PathBuf),
    #[error("{} contains no private key in PEM format; name the file of the key with --key", .0.display())]
    NoKey(PathBuf),
    #[error(
        "the private key in {path} is encrypted, and sessctl cannot ask for its passphrase; `openssl pkey -in {path}` decrypts it",
        path = .0.display()
    )]
    EncryptedKey(PathBuf),
    #[error("the private key in {} does not belong to the certificate in {}", key.display(), certificate.display())]
    OtherKey { certificate: PathBuf, key: PathBuf },
    #[error("cannot use the private key in {}: {why}", path.display())]
    Unusable { path: PathBuf, why: String },
}

impl ClientCertificate {
    /// Reads both from PEM files. Without a file for the key, it is in the file of the certificate.
    pub(super) fn read(
        certificate: &Path,
        key: Option<&Path>,
        provider: &CryptoProvider,
    ) -> Result<Self, CertificateError> {
        let pem = read(certificate)?;
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        let chain = chain.ok().filter(|chain| !chain.is_empty());
        let chain = chain.ok_or_else(|| CertificateError::NoCertificate(certificate.to_owned()))?;
        let key_path = key.unwrap_or(certificate);
        let key_pem = if key.is_some() { read(key_path)? } else { pem };
        if ENCRYPTED.iter().any(|mark| key_pem.windows(mark.len()).any(|part| part == *mark)) {
            return Err(CertificateError::EncryptedKey(key_path.to_owned()));
        }
        let key_der = PrivateKeyDer::from_pem_slice(&key_pem).map_err(|error| match error {
            pem::Error::NoItemsFound => CertificateError::NoKey(key_path.to_owned()),
            error => CertificateError::Unusable { path: key_path.to_owned(), why: error.to_string() },
        })?;
        CertifiedKey::from_der(chain.clone(), key_der.clone_key(), provider).map_err(
            |error| match error {
                rustls::Error::InconsistentKeys(_) => {
                    let (certificate, key) = (certificate.to_owned(), key_path.to_owned());
                    CertificateError::OtherKey { certificate, key }
                }
                error => CertificateError::Unusable { path: key_path.to_owned(), why: error.to_string() },
            },
        )?;
        Ok(ClientCertificate { chain, key: key_der })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, CertificateError> {
    let unreadable = |error: std::io::Error| {
        let (path, why) = (path.to_owned(), error.to_string());
        CertificateError::Unreadable { path, why }
    };
    std::fs::read(path).map_err(unreadable)
}
