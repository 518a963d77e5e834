//! `token-in-url`: the login redirects to a URL with the token.

use http::header::LOCATION;
use http::{HeaderValue, Method};

use super::layer::{FaultContext, Inner, find_set_cookie, is};
use crate::app::routes::Handler;

pub(super) fn layer(inner: Inner, context: &FaultContext) -> Inner {
    let (name, parameter) = (context.cookie.clone(), context.short_cookie_name().to_owned());
    inner.with_response(
        |request| is(request, &Method::POST, Handler::Login).then_some(()),
        move |response, ()| {
            let headers = response.headers_mut();
            let token = find_set_cookie(headers, &name).map(|line| line.value);
            let target = headers.get(LOCATION).and_then(|target| target.to_str().ok());
            let (Some(token), Some(target)) = (token, target) else { return };
            let separator = if target.contains('?') { '&' } else { '?' };
            if let Ok(target) = HeaderValue::try_from(format!("{target}{separator}{parameter}={token}")) {
                headers.insert(LOCATION, target);
            }
        },
    )
}
