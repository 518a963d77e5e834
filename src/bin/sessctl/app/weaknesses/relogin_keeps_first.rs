//! `relogin-keeps-first`: a second login leaves the first session alive.

use http::Method;

use super::layer::{Cookies, FaultContext, Inner, is};
use crate::app::routes::Handler;

/// Without the cookie, the sound server does not know which session to replace.
pub(super) fn layer(inner: Inner, context: &FaultContext) -> Inner {
    let name = context.cookie.clone();
    inner.with_request(move |request| {
        if is(request, &Method::POST, Handler::Login) {
            let mut cookies = Cookies::of(request.headers());
            cookies.0.retain(|(found, _)| *found != name);
            cookies.write(request.headers_mut());
        }
    })
}
