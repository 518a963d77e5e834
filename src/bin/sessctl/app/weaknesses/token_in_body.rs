//! `token-in-body`: every page of a session contains its token.

use http::header::CACHE_CONTROL;

use super::layer::{Cookies, FaultContext, Inner, rewrite_page};

/// The sound server marks every page of a session with `Cache-Control`.
pub(super) fn layer(inner: Inner, context: &FaultContext) -> Inner {
    let name = context.cookie.clone();
    inner.wrapped(move |request, inner| {
        let token = Cookies::of(request.headers()).values(&name).next().map(str::to_owned);
        async move {
            let response = inner.answer(request).await;
            match token.filter(|_| response.headers().contains_key(CACHE_CONTROL)) {
                Some(token) => {
                    let line = format!("<p class=\"handle\">{token}</p>\n</main>");
                    rewrite_page(response, |html| html.replacen("</main>", &line, 1)).await
                }
                None => response,
            }
        }
    })
}
