//! `logout-keeps-session`: a logout deletes only the cookie.

use http::Method;

use super::layer::{Cookies, FaultContext, Inner, is};
use crate::app::routes::Handler;

/// The sound server then deletes the cookie, but finds no session.
pub(super) fn layer(inner: Inner, context: &FaultContext) -> Inner {
    let name = context.cookie.clone();
    inner.with_request(move |request| {
        if is(request, &Method::POST, Handler::Logout) {
            let mut cookies = Cookies::of(request.headers());
            cookies.replace(&name, |_| "unknown".to_owned());
            cookies.write(request.headers_mut());
        }
    })
}
