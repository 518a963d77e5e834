//! `token-error`: the server cannot cope with a token of another length.

use http::StatusCode;

use sessctl::web::security_headers;

use super::layer::{Cookies, FaultContext, Inner, uses_session};
use crate::app::reply;

/// The length of a token of the sound server.
const TOKEN_LEN: usize = 43;

pub(super) fn layer(inner: Inner, context: &FaultContext) -> Inner {
    let (name, tls) = (context.cookie.clone(), context.tls);
    inner.wrapped(move |request, inner| {
        let cookies = Cookies::of(request.headers());
        let has_other_length = cookies.values(&name).any(|token| token.len() != TOKEN_LEN);
        let fails = uses_session(&request) && has_other_length;
        async move {
            if !fails {
                return inner.answer(request).await;
            }
            let text = "500: ValueError: a session id must have 43 characters\n";
            let mut response = reply::text("text/plain; charset=utf-8", text);
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            security_headers(response.headers_mut(), tls);
            response
        }
    })
}
