//! [`TlsFailure`]: why a TLS handshake failed, as far as messages tell the reasons apart.

#[cfg_attr(not(feature = "client-tls"), allow(dead_code, reason = "without TLS, no handshake fails"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TlsFailure {
    /// The server demands a client certificate.
    CertificateRequired,
    /// The server does not speak TLS.
    NoTls,
    /// The certificate of the server is not valid, or not trusted.
    BadCertificate,
}

impl TlsFailure {
    /// The failure that caused an error of the transport, if it is one of these.
    #[cfg(feature = "client-tls")]
    pub(super) fn of(error: &reqwest::Error) -> Option<Self> {
        use rustls::{AlertDescription, Error, InvalidMessage};
        match super::error::causes(error).find_map(tls_error_in)? {
            Error::AlertReceived(AlertDescription::CertificateRequired) => Some(Self::CertificateRequired),
            Error::InvalidMessage(InvalidMessage::InvalidContentType) => Some(Self::NoTls),
            Error::InvalidCertificate(_) => Some(Self::BadCertificate),
            _ => None,
        }
    }

    #[cfg(not(feature = "client-tls"))]
    pub(super) fn of(_: &reqwest::Error) -> Option<Self> {
        None
    }
}

/// `source` of an I/O error skips the error that it wraps, which may be an I/O error again.
#[cfg(feature = "client-tls")]
fn tls_error_in<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a rustls::Error> {
    error.downcast_ref().or_else(|| tls_error_in(error.downcast_ref::<std::io::Error>()?.get_ref()?))
}
