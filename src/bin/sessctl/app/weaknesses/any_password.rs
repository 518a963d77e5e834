//! `any-password`: the server logs in what the sound server refuses.

use std::sync::Arc;

use http::header::{CACHE_CONTROL, COOKIE, SET_COOKIE, VARY};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use warp::reply::Response;

use sessctl::session::{Login, SessionError};
use sessctl::web::{local_target, security_headers};

use super::layer::{FaultContext, Inner, form_of, is};
use crate::app::accounts::Account;
use crate::app::form_fields::FormFields;
use crate::app::reply;
use crate::app::routes::Handler;

pub(super) fn layer(inner: Inner, context: &FaultContext) -> Inner {
    let context = Arc::new(context.clone());
    inner.wrapped(move |request, inner| {
        let context = Arc::clone(&context);
        async move {
            if !is(&request, &Method::POST, Handler::Login) {
                return inner.answer(request).await;
            }
            let (form, request) = form_of(request).await;
            let headers = request.headers().clone();
            let response = inner.answer(request).await;
            let is_refused =
                matches!(response.status(), StatusCode::UNAUTHORIZED | StatusCode::TOO_MANY_REQUESTS);
            match context.account_of(&form).filter(|account| is_refused && !account.disabled) {
                // Without its store, the server is not worse than the sound one.
                Some(account) => log_in(&account, &form, &headers, &context).await.unwrap_or(response),
                None => response,
            }
        }
    })
}

async fn log_in(
    account: &Account,
    form: &FormFields,
    headers: &HeaderMap,
    context: &FaultContext,
) -> Result<Response, SessionError> {
    let fields = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
    let session = context.sessions.open(fields);
    session.login(Login::new(&*account.name).credential_version(account.version)).await?;
    let next = form.get("next").and_then(local_target);
    let mut response = reply::see_other(next.as_deref().unwrap_or("/"));
    let headers = response.headers_mut();
    headers.extend(session.set_cookie().map(|line| (SET_COOKIE, line)));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(VARY, HeaderValue::from_static("Cookie"));
    security_headers(headers, context.tls);
    Ok(response)
}
