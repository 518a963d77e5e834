//! `logout-keeps-cookie`: a logout ends only the session.

use http::Method;

use super::layer::{FaultContext, Inner, edit_set_cookie, is};
use crate::app::routes::Handler;

pub(super) fn layer(inner: Inner, context: &FaultContext) -> Inner {
    let name = context.cookie.clone();
    inner.with_response(
        |request| is(request, &Method::POST, Handler::Logout).then_some(()),
        move |response, ()| edit_set_cookie(response.headers_mut(), &name, |_| None),
    )
}
