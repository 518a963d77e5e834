//! `clear-text-login`: the login form of a page over HTTPS sends the password over plain HTTP.

use http::HeaderValue;
use http::header::CONTENT_SECURITY_POLICY;

use super::layer::{FaultContext, Inner, authority_of, rewrite_page};

/// The policy of the sound server makes browsers refuse such a form.
pub(super) fn layer(inner: Inner, _: &FaultContext) -> Inner {
    inner.wrapped(|request, inner| async move {
        let authority = authority_of(&request);
        let mut response = inner.answer(request).await;
        let Some(authority) = authority else { return response };
        let policy = response.headers().get(CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok());
        let policy = policy.map(|policy| policy.replace("form-action 'self'", "form-action 'self' http:"));
        if let Some(Ok(policy)) = policy.map(HeaderValue::try_from) {
            response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
        }
        let action = format!("<form action=\"http://{authority}/login\"");
        rewrite_page(response, |html| html.replacen("<form action=\"/login\"", &action, 1)).await
    })
}
