//! The cryptography of TLS. The library forces no provider on the program that uses it.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use thiserror::Error;

/// There is no TLS provider: the program has installed no default, and no feature of this crate adds one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "no TLS provider is available; enable the feature `ring` or `aws-lc-rs` of the crate `sessctl`, or call \
     `install_default()` of a rustls `CryptoProvider` at the start of the program"
)]
pub(crate) struct NoProvider;

/// The default of the process, or else the one of this crate's features. It never installs a default: that is up to the
/// program, and two crates that do it contradict each other.
pub(crate) fn provider() -> Result<Arc<CryptoProvider>, NoProvider> {
    CryptoProvider::get_default().cloned().or_else(of_the_features).ok_or(NoProvider)
}

#[cfg(feature = "ring")]
fn of_the_features() -> Option<Arc<CryptoProvider>> {
    Some(Arc::new(rustls::crypto::ring::default_provider()))
}

#[cfg(all(feature = "aws-lc-rs", not(feature = "ring")))]
fn of_the_features() -> Option<Arc<CryptoProvider>> {
    Some(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
}

#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
fn of_the_features() -> Option<Arc<CryptoProvider>> {
    None
}
