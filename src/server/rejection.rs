//! Responses that the server itself sends instead of the service's.

use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Request, Response, StatusCode};

use super::http2;
use super::limits::Limits;

/// The response to a request that the service does not get to see.
pub(super) fn rejection<B, R: From<&'static str>>(
    request: &Request<B>,
    limits: &Limits,
) -> Option<Response<R>> {
    let declared = request.headers().get(CONTENT_LENGTH);
    let declared = declared.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limits.max_body_len) {
        return Some(closing_response(StatusCode::PAYLOAD_TOO_LARGE, "413: the request body is too large\n"));
    }
    http2::has_conflicting_host(request)
        .then(|| closing_response(StatusCode::BAD_REQUEST, "400: Host differs from :authority\n"))
}

/// A plain-text response that ends its connection: the rest of the request is not worth reading.
pub(super) fn closing_response<R: From<&'static str>>(status: StatusCode, text: &'static str) -> Response<R> {
    let mut response = Response::new(R::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
