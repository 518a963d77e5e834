//! `no-logout`: the pages have no button for it, and the route does not exist.

use super::layer::{FaultContext, Inner, rewrite_page, set_path};

pub(super) fn layer(inner: Inner, _: &FaultContext) -> Inner {
    inner.wrapped(|mut request, inner| async move {
        if request.uri().path().trim_end_matches('/') == "/logout" {
            set_path(&mut request, "/no-logout");
        }
        rewrite_page(inner.answer(request).await, |html| {
            let html = without_form(&html, "<form action=\"/logout\"").unwrap_or(html);
            // On the page of sessions, the current one is marked.
            let own = html.split_once("<strong>").and_then(|(before, own)| {
                without_form(own, "<form ").map(|own| format!("{before}<strong>{own}"))
            });
            own.unwrap_or(html)
        })
        .await
    })
}

/// Without the first form that starts with this text.
fn without_form(html: &str, start: &str) -> Option<String> {
    let (before, form) = html.split_once(start)?;
    let (_, after) = form.split_once("</form>")?;
    Some(format!("{before}{after}"))
}
