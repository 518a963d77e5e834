//! `broken-revoke`: "end all other sessions" ends none.

use http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Method, StatusCode};
use warp::reply::Response;

use super::layer::{FaultContext, Inner, form_of, is, set_form};
use crate::app::routes::Handler;

/// Names a session that does not exist instead of all others, and answers as if they had ended.
pub(super) fn layer(inner: Inner, _: &FaultContext) -> Inner {
    inner.wrapped(|request, inner| async move {
        if !is(&request, &Method::POST, Handler::RevokeSessions) {
            return inner.answer(request).await;
        }
        let (form, mut request) = form_of(request).await;
        if form.get("handle").is_some() || form.get("others").is_none() {
            return inner.answer(request).await;
        }
        set_form(&mut request, "handle=00000000-0000-0000-0000-000000000000");
        let response = inner.answer(request).await;
        if response.status() == StatusCode::NOT_FOUND { ended_others(response) } else { response }
    })
}

fn ended_others(response: Response) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.status = StatusCode::SEE_OTHER;
    parts.headers.insert(LOCATION, HeaderValue::from_static("/sessions"));
    parts.headers.remove(CONTENT_TYPE);
    parts.headers.remove(CONTENT_LANGUAGE);
    Response::from_parts(parts, String::new().into())
}
