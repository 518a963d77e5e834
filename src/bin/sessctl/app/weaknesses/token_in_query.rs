//! `token-in-query`: the server accepts a token in the query, such as `?sessionid=`.

use super::layer::{Cookies, FaultContext, Inner};
use crate::app::form_fields::FormFields;

pub(super) fn layer(inner: Inner, context: &FaultContext) -> Inner {
    let names = [context.cookie.clone(), context.short_cookie_name().to_owned()];
    inner.with_request(move |request| {
        let mut cookies = Cookies::of(request.headers());
        let query = FormFields::parse(request.uri().query().unwrap_or_default().as_bytes());
        let token = names.iter().find_map(|name| query.get(name));
        let has_cookie = cookies.values(&names[0]).next().is_some();
        if let (false, Some(token)) = (has_cookie, token) {
            cookies.0.push((names[0].clone(), token.to_owned()));
        }
        cookies.write(request.headers_mut());
    })
}
