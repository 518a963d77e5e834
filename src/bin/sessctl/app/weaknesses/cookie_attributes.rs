//! The attributes of the session cookie: `no-httponly`, `no-samesite`, `wide-domain`, `ten-year-cookie` and `textbook`.
//! `no-secure` and `no-prefix` are settings of the sound server.

use http::uri::Authority;

use super::layer::{CookieLine, FaultContext, Inner, authority_of, edit_set_cookie};

const TEN_YEARS: &str = "Max-Age=315360000";

pub(super) fn no_httponly(inner: Inner, context: &FaultContext) -> Inner {
    edited(inner, context, |line, _| line.without("HttpOnly"))
}

pub(super) fn no_samesite(inner: Inner, context: &FaultContext) -> Inner {
    edited(inner, context, |line, _| line.without("SameSite"))
}

/// The line that deletes the cookie needs the domain, too.
pub(super) fn wide_domain(inner: Inner, context: &FaultContext) -> Inner {
    edited(inner, context, |line, host| match host {
        Some(host) => line.with(format!("Domain={host}")),
        None => line,
    })
}

pub(super) fn ten_years(inner: Inner, context: &FaultContext) -> Inner {
    edited(inner, context, |line, _| if line.deletes() { line } else { line.with(TEN_YEARS) })
}

/// Without TLS, only the name and the value are left. A prefix needs `Path=/`.
pub(super) fn no_path(inner: Inner, context: &FaultContext) -> Inner {
    if context.tls { inner } else { edited(inner, context, |line, _| line.without("Path")) }
}

fn edited(
    inner: Inner,
    context: &FaultContext,
    edit: impl Fn(CookieLine, Option<&str>) -> CookieLine + Clone + Send + 'static,
) -> Inner {
    let name = context.cookie.clone();
    inner.with_response(
        |request| Some(authority_of(request)),
        move |response, host| {
            edit_set_cookie(response.headers_mut(), &name, |line| {
                Some(edit(line, host.as_ref().map(Authority::host)))
            });
        },
    )
}
