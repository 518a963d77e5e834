//! `open-redirect`: the target of a login is not checked, neither in the form nor after it.

use http::header::LOCATION;
use http::{HeaderValue, Method, StatusCode};

use super::layer::{FaultContext, Inner, LOGIN_FORM, form_of, is, rewrite_page};
use crate::app::form_fields::FormFields;
use crate::app::routes::Handler;

pub(super) fn layer(inner: Inner, _: &FaultContext) -> Inner {
    inner.wrapped(|request, inner| async move {
        let (fields, request) = if is(&request, &Method::POST, Handler::Login) {
            form_of(request).await
        } else {
            (FormFields::parse(request.uri().query().unwrap_or_default().as_bytes()), request)
        };
        let is_login = is(&request, &Method::POST, Handler::Login);
        let mut response = inner.answer(request).await;
        let Some(next) = fields.get("next").filter(|next| !next.is_empty()) else { return response };
        if let (true, StatusCode::SEE_OTHER, Ok(target)) =
            (is_login, response.status(), HeaderValue::try_from(next))
        {
            response.headers_mut().insert(LOCATION, target);
        }
        rewrite_page(response, |html| {
            let Some((before, form)) = html.split_once(LOGIN_FORM) else { return html };
            if form.contains("name=\"next\"") {
                return html;
            }
            let field =
                format!("<input type=\"hidden\" name=\"next\" value=\"{}\">\n<button ", escaped(next));
            format!("{before}{LOGIN_FORM}{}", form.replacen("<button ", &field, 1))
        })
        .await
    })
}

/// A text as the value of an attribute.
fn escaped(text: &str) -> String {
    let escaped = [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;")];
    escaped.into_iter().fold(text.to_owned(), |text, (character, entity)| text.replace(character, entity))
}
