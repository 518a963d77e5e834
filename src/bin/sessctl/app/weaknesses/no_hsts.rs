//! `no-hsts`: the server does not tell browsers to insist on HTTPS.

use http::header::STRICT_TRANSPORT_SECURITY;

use super::layer::{FaultContext, Inner};

pub(super) fn layer(inner: Inner, _: &FaultContext) -> Inner {
    inner.with_response(
        |_| Some(()),
        |response, ()| _ = response.headers_mut().remove(STRICT_TRANSPORT_SECURITY),
    )
}
