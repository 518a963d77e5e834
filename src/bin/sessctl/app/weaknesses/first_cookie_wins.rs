//! `first-cookie-wins`: of two cookies with the right name, the server uses the first one.

use super::layer::{Cookies, FaultContext, Inner};

pub(super) fn layer(inner: Inner, context: &FaultContext) -> Inner {
    let name = context.cookie.clone();
    inner.with_request(move |request| {
        let mut cookies = Cookies::of(request.headers());
        let mut is_first = true;
        cookies.0.retain(|(found, _)| *found != name || std::mem::take(&mut is_first));
        cookies.write(request.headers_mut());
    })
}
