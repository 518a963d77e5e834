//! The response to plain HTTP on a port that speaks TLS.

use http::header::{HOST, LOCATION};
use http::uri::Authority;
use http::{HeaderValue, Method, Request, Response, StatusCode};

use super::rejection::closing_response;

/// Redirects to HTTPS, or responds with 400, 403 or 421.
pub(super) fn https_redirect<B>(request: &Request<B>, is_served: impl Fn(&str) -> bool) -> Response<String> {
    if !request.uri().path().starts_with('/') {
        let text = "400: the request target is not valid\n";
        return closing_response(StatusCode::BAD_REQUEST, text);
    }
    if host_of(request).is_some_and(|host| !is_served(host.as_str())) {
        let text = "421: this server does not serve the requested host\n";
        return closing_response(StatusCode::MISDIRECTED_REQUEST, text);
    }
    let target = https_location(request, None);
    let status = if target.is_some() { StatusCode::PERMANENT_REDIRECT } else { StatusCode::FORBIDDEN };
    let mut response = closing_response(status, "this server requires HTTPS: use https:// in the URL\n");
    if let Some(target) = target {
        response.headers_mut().insert(LOCATION, target);
    }
    response
}

/// The URL over HTTPS, at `origin` or else at the host of the request. `None` for other methods than GET and HEAD: their
/// content was already sent unencrypted, and a redirect would hide that.
pub fn https_location<B>(request: &Request<B>, origin: Option<&str>) -> Option<HeaderValue> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return None;
    }
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    if !path.starts_with('/') {
        return None; // `GET *`
    }
    let location = match origin {
        Some(origin) => format!("{origin}{path}"),
        None => format!("https://{}{path}", host_of(request)?),
    };
    HeaderValue::try_from(location).ok()
}

/// The host that the request names, if it names exactly one valid host. HTTP/2 has it in the target.
fn host_of<B>(request: &Request<B>) -> Option<Authority> {
    let mut fields = request.headers().get_all(HOST).iter();
    let host = match (request.uri().authority(), fields.next(), fields.next()) {
        (Some(host), ..) => host.clone(),
        (None, Some(host), None) => Authority::try_from(host.as_bytes()).ok()?,
        _ => return None,
    };
    (!host.host().is_empty() && !host.as_str().contains('@')).then_some(host)
}
