//! `clear-text-login`: the login form of a page over HTTPS sends the password over plain HTTP, to another port.

use std::sync::Arc;

use http::header::{CONTENT_SECURITY_POLICY, HOST, LOCATION, ORIGIN};
use http::uri::Authority;
use http::{HeaderValue, Method, Request, StatusCode};

use super::layer::{FaultContext, Inner, authority_of, is, rewrite_page};
use crate::app::http_service::HttpService;
use crate::app::reply;
use crate::app::routes::Handler;

/// The policy of the sound server would make browsers refuse such a form.
pub(super) fn layer(inner: Inner, context: &FaultContext) -> Inner {
    let weaknesses = Arc::clone(&context.weaknesses);
    inner.wrapped(move |request, inner| {
        let port = weaknesses.clear_text_port();
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

/// Answers the logins in clear text as the server on `tls_port`, and redirects there.
pub(crate) fn clear_text_service(server: impl HttpService, tls_port: u16) -> impl HttpService {
    let service = Inner::new(server).wrapped(move |mut request, inner| async move {
        let host = authority_of(&request).map(|it| format!("{}:{tls_port}", it.host()));
        let Some(host) = host.and_then(|host| Authority::try_from(host).ok()) else {
            return inner.answer(request).await;
        };
        let is_login = [Method::GET, Method::POST].iter().any(|method| is(&request, method, Handler::Login));
        if !is_login {
            let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
            return reply::redirect(StatusCode::PERMANENT_REDIRECT, format!("https://{host}{path}"));
        }
        address_to(&mut request, &host);
        let mut response = inner.answer(request).await;
        let target = response.headers().get(LOCATION).and_then(|target| target.to_str().ok());
        let path = target.filter(|target| target.starts_with('/') && !target.starts_with("//"));
        if let Some(Ok(target)) = path.map(|path| HeaderValue::try_from(format!("https://{host}{path}"))) {
            response.headers_mut().insert(LOCATION, target);
        }
        response
    });
    service.into_service()
}

/// For the server, the request comes from one of its own pages.
fn address_to<B>(request: &mut Request<B>, host: &Authority) {
    let headers = request.headers_mut();
    headers.remove(ORIGIN);
    headers.remove("sec-fetch-site");
    if let Ok(host) = HeaderValue::try_from(host.as_str()) {
        headers.insert(HOST, host);
    }
}
