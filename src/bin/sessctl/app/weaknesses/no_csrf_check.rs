//! `no-csrf-check`: the server does not check which site a request comes from.

use http::header::ORIGIN;

use super::layer::{FaultContext, Inner};

/// Without these headers, a request looks as if no browser had sent it.
pub(super) fn layer(inner: Inner, _: &FaultContext) -> Inner {
    inner.with_request(|request| {
        request.headers_mut().remove(ORIGIN);
        request.headers_mut().remove("sec-fetch-site");
    })
}
