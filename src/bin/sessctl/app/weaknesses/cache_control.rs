//! `Cache-Control`: `cacheable-pages`, and `textbook`, which has none.

use http::header::{CACHE_CONTROL, SET_COOKIE};
use http::{HeaderValue, Method};

use super::layer::{FaultContext, Inner};

/// The sound server marks every page with user data as `no-store`.
pub(super) fn cacheable_pages(inner: Inner, _: &FaultContext) -> Inner {
    inner.with_response(
        |request| (request.method() == Method::GET).then_some(()),
        |response, ()| {
            let headers = response.headers_mut();
            if headers.contains_key(CACHE_CONTROL) && !headers.contains_key(SET_COOKIE) {
                headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
            }
        },
    )
}

pub(super) fn none(inner: Inner, _: &FaultContext) -> Inner {
    inner.with_response(|_| Some(()), |response, ()| _ = response.headers_mut().remove(CACHE_CONTROL))
}
