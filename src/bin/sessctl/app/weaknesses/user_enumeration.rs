//! `user-enumeration`: a failed login tells whether the user exists.

use std::sync::Arc;

use http::{Method, StatusCode};

use super::layer::{FaultContext, Inner, form_of, is, replace_between, rewrite_page, texts_of};
use crate::app::routes::Handler;

/// The sound server gives the same answer for a wrong name and for a wrong password.
pub(super) fn layer(inner: Inner, context: &FaultContext) -> Inner {
    let context = Arc::new(context.clone());
    inner.wrapped(move |request, inner| {
        let context = Arc::clone(&context);
        async move {
            if !is(&request, &Method::POST, Handler::Login) {
                return inner.answer(request).await;
            }
            let (form, request) = form_of(request).await;
            let response = inner.answer(request).await;
            if response.status() != StatusCode::UNAUTHORIZED || context.account_of(&form).is_some() {
                return response;
            }
            let problem = texts_of(&response).say("page-problem-unknown-user");
            rewrite_page(response, |html| {
                replace_between(&html, "<p role=\"alert\">", "</p>", |_| problem).unwrap_or(html)
            })
            .await
        }
    })
}
