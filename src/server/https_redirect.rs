//! The response to plain HTTP on a port that speaks TLS.

use http::header::{HOST, LOCATION};
use http::uri::Authority;
use http::{HeaderValue, Method, Request, Response, StatusCode};

use super::rejection::closing_response;

/// Redirects GET and HEAD to the same URL over HTTPS. Other methods get 403: their content was already sent
/// unencrypted, and a redirect would hide that.
pub(super) fn https_redirect<B>(request: &Request<B>) -> Response<String> {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let target =
        host_of(request).and_then(|host| HeaderValue::try_from(format!("https://{host}{path}")).ok());
    let target = target.filter(|_| matches!(*request.method(), Method::GET | Method::HEAD));
    let status = if target.is_some() { StatusCode::PERMANENT_REDIRECT } else { StatusCode::FORBIDDEN };
    let mut response = closing_response(status, "this server requires HTTPS: use https:// in the URL\n");
    if let Some(target) = target {
        response.headers_mut().insert(LOCATION, target);
    }
    response
}

/// The host that the request names, if it names exactly one valid host.
fn host_of<B>(request: &Request<B>) -> Option<Authority> {
    let mut fields = request.headers().get_all(HOST).iter();
    let (Some(host), None) = (fields.next(), fields.next()) else { return None };
    let host = Authority::try_from(host.as_bytes()).ok()?;
    (!host.host().is_empty() && !host.as_str().contains('@')).then_some(host)
}
