//! `clear-text-login`: the login form of a page over HTTPS sends the password over plain HTTP, to another port.

use std::sync::Arc;

use http::header::{CONTENT_SECURITY_POLICY, ORIGIN};
use http::{HeaderValue, Method, Request, StatusCode};
use tower::service_fn;

use sessctl::server::RequestBody;

use super::layer::{FaultContext, Inner, authority_of, is, rewrite_page};
use crate::app::http_service::HttpService;
use crate::app::reply;
use crate::app::routes::Handler;

/// The policy of the sound server would make browsers refuse such a form.
pub(super) fn layer(inner: Inner, context: &FaultContext) -> Inner {
    let weaknesses = Arc::clone(&context.weaknesses);
    inner.wrapped(move |mut request, inner| {
        let port = weaknesses.clear_text_port();
        if is(&request, &Method::POST, Handler::Login) {
            // The redirect from plain HTTP makes it a request from another site.
            request.headers_mut().remove(ORIGIN);
            request.headers_mut().remove("sec-fetch-site");
        }
        let origin = authority_of(&request).map(|it| format!("http://{}:{port}", it.host()));
        async move {
            let mut response = inner.answer(request).await;
            let Some(origin) = origin else { return response };
            let policy = response.headers().get(CONTENT_SECURITY_POLICY).and_then(|it| it.to_str().ok());
            let form_action = format!("form-action 'self' {origin}");
            let policy = policy.map(|policy| policy.replace("form-action 'self'", &form_action));
            if let Some(Ok(policy)) = policy.map(HeaderValue::try_from) {
                response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
            }
            let action = format!("<form action=\"{origin}/login\"");
            rewrite_page(response, |html| html.replacen("<form action=\"/login\"", &action, 1)).await
        }
    })
}

/// Answers over plain HTTP: redirects every request to the server on `tls_port`, with its form. The form was sent in clear text.
pub(crate) fn clear_text_service(tls_port: u16) -> impl HttpService {
    service_fn(move |request: Request<RequestBody>| {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let target = authority_of(&request).map(|it| format!("https://{}:{tls_port}{path}", it.host()));
        let target = target.unwrap_or_default();
        std::future::ready(Ok(reply::redirect(StatusCode::TEMPORARY_REDIRECT, target)))
    })
}
