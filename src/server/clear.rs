//! What came in the clear where TLS is spoken: it is sent to the right address and sees nothing else of the server.

use http::header::{CONNECTION, CONTENT_TYPE, HOST, LOCATION};
use http::uri::Authority;
use http::{HeaderValue, Method, Request, Response, StatusCode};

/// The same page over TLS, for a client that asks for a page. What was sent with another method has gone in the clear
/// already, and is not asked for again.
pub(super) fn over_tls_instead<B, R: From<&'static str>>(request: &Request<B>) -> Response<R> {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let target =
        host_of(request).and_then(|host| HeaderValue::try_from(format!("https://{host}{path}")).ok());
    let mut response = Response::new(R::from("this server answers over TLS alone: https://\n"));
    match (target, request.method()) {
        (Some(target), &Method::GET | &Method::HEAD) => {
            *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
            response.headers_mut().insert(LOCATION, target);
        }
        _ => *response.status_mut() = StatusCode::FORBIDDEN,
    }
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// The host that the request names, once and as a host.
fn host_of<B>(request: &Request<B>) -> Option<Authority> {
    let mut fields = request.headers().get_all(HOST).iter();
    let (Some(host), None) = (fields.next(), fields.next()) else { return None };
    let host = Authority::try_from(host.as_bytes()).ok()?;
    (!host.host().is_empty() && !host.as_str().contains('@')).then_some(host)
}
