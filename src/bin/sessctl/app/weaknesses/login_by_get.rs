//! `login-by-get`: the login form sends the password in the URL.

use http::Method;

use super::layer::{FaultContext, Inner, LOGIN_FORM, is, replace_between, rewrite_page, set_form, set_path};
use crate::app::routes::Handler;

/// A login with a query becomes one with a form for the sound server.
pub(super) fn layer(inner: Inner, _: &FaultContext) -> Inner {
    inner.wrapped(|mut request, inner| async move {
        let query = request.uri().query().map(str::to_owned);
        if let (true, Some(query)) = (is(&request, &Method::GET, Handler::Login), query) {
            *request.method_mut() = Method::POST;
            set_path(&mut request, "/login");
            set_form(&mut request, query);
        }
        rewrite_page(inner.answer(request).await, |html| {
            replace_between(&html, LOGIN_FORM, "\"", |_| "get".to_owned()).unwrap_or(html)
        })
        .await
    })
}
