//! The warning on every page. No weakness removes it.

use std::sync::Arc;

use http::Method;

use super::layer::{Inner, is, is_html, rewrite, rewrite_page, texts_of};
use super::weaknesses::Weaknesses;
use crate::app::routes::Handler;

const STYLE: &str = "\
.weakened { background: #a11b14; color: #fff; font-weight: 600; margin: 0 0 1rem; padding: .75rem 1rem; border-radius: .5rem; overflow-wrap: anywhere; }
";

pub(super) fn layer(inner: Inner, weaknesses: &Arc<Weaknesses>) -> Inner {
    let names: Arc<str> = weaknesses.names().into();
    inner.wrapped(move |request, inner| {
        let (is_style, names) = (is(&request, &Method::GET, Handler::Style), Arc::clone(&names));
        async move {
            let response = inner.answer(request).await;
            if is_style {
                return rewrite(response, |style| style + STYLE).await;
            }
            if !is_html(&response) {
                return response;
            }
            let text = texts_of(&response).say_with("page-weakened", &[("names", (&*names).into())]);
            let warning = format!("<body>\n<aside class=\"weakened\">{text}</aside>");
            rewrite_page(response, |html| html.replacen("<body>", &warning, 1)).await
        }
    })
}
