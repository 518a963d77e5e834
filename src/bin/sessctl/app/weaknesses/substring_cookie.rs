//! `substring-cookie`: any cookie counts whose name contains the right one.

use super::layer::{Cookies, FaultContext, Inner};

pub(super) fn layer(inner: Inner, context: &FaultContext) -> Inner {
    let name = context.cookie.clone();
    inner.with_request(move |request| {
        let mut cookies = Cookies::of(request.headers());
        let has_cookie = cookies.values(&name).next().is_some();
        if let (false, Some((found, _))) =
            (has_cookie, cookies.0.iter_mut().find(|(found, _)| found.contains(&*name)))
        {
            found.clone_from(&name);
        }
        cookies.write(request.headers_mut());
    })
}
