//! `no-logout`: the pages have no button for it, and the route does not exist.

use super::layer::{FaultContext, Inner, rewrite_page, set_path};

/// The pages have no button for it, and the route does not exist.
pub(super) fn layer(inner: Inner, _: &FaultContext) -> Inner {
    inner.wrapped(|mut request, inner| async move {
        if request.uri().path().trim_end_matches('/') == "/logout" {
            set_path(&mut request, "/no-logout");
        }
        rewrite_page(inner.answer(request).await, |html| {
            let without_logout = without_form(&html, "<form action=\"/logout\"").unwrap_or(html);
            // On the page of sessions, the current one is marked.
            let Some((before, own)) = without_logout.split_once("<strong>") else { return without_logout };
            let own = without_form(own, "<form ");
            own.map_or(without_logout.clone(), |own| format!("{before}<strong>{own}"))
        })
        .await
    })
}

fn without_form(html: &str, start: &str) -> Option<String> {
    let (before, form) = html.split_once(start)?;
    let (_, after) = form.split_once("</form>")?;
    Some(format!("{before}{after}"))
}
