//! `unescaped-name`: the heading of a page contains the user name without escaping.

use http::StatusCode;

use super::layer::{FaultContext, Inner, replace_between, rewrite_page};

pub(super) fn layer(inner: Inner, _: &FaultContext) -> Inner {
    inner.wrapped(|request, inner| async move {
        let response = inner.answer(request).await;
        if response.status() != StatusCode::OK {
            return response;
        }
        rewrite_page(response, |html| replace_between(&html, "<h1>", "</h1>", unescaped).unwrap_or(html))
            .await
    })
}

/// The ampersand is the last one, so that nothing is unescaped twice.
fn unescaped(text: &str) -> String {
    let entities = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
    entities.into_iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}
