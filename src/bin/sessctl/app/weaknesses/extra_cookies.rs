//! A second cookie that browsers reject: `oversized-cookie` and `refused-cookie`. The login sets it.

use http::header::SET_COOKIE;
use http::{HeaderValue, Method};

use super::layer::{FaultContext, Inner, is};
use crate::app::routes::Handler;

/// Name and value together; browsers accept 4,096 bytes (RFC 6265bis §5.6).
const OVERSIZED: usize = 4200;

pub(super) fn oversized(inner: Inner, context: &FaultContext) -> Inner {
    let name = "preferences";
    let line = context.set_cookie(name, &"x".repeat(OVERSIZED - name.len()));
    added(inner, line)
}

/// RFC 6265bis §5.7 step 19.
pub(super) fn refused(inner: Inner, _: &FaultContext) -> Inner {
    added(inner, "theme=dark; HttpOnly; SameSite=None; Path=/".to_owned())
}

fn added(inner: Inner, line: String) -> Inner {
    inner.with_response(
        |request| is(request, &Method::POST, Handler::Login).then_some(()),
        move |response, ()| {
            if let (true, Ok(line)) = (response.status().is_redirection(), HeaderValue::try_from(&line)) {
                response.headers_mut().append(SET_COOKIE, line);
            }
        },
    )
}
