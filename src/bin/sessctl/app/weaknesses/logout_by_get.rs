//! `logout-by-get`: a GET request logs out, so a link or an image of another site can do it.

use http::Method;
use http::header::ORIGIN;

use super::layer::{FaultContext, Inner, is};
use crate::app::routes::Handler;

/// The sound server recognizes requests from other sites by these headers.
pub(super) fn layer(inner: Inner, _: &FaultContext) -> Inner {
    inner.with_request(|request| {
        if is(request, &Method::GET, Handler::Logout) {
            *request.method_mut() = Method::POST;
            request.headers_mut().remove(ORIGIN);
            request.headers_mut().remove("sec-fetch-site");
        }
    })
}
