//! What faults read and change in a request or a response: its route, its form, its page.

use bytes::Bytes;
use http::header::{CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, HOST};
use http::uri::{Authority, PathAndQuery};
use http::{HeaderValue, Method, Request, Uri};
use http_body_util::BodyExt;
use warp::reply::Response;

use sessctl::server::RequestBody;

use crate::app::form_fields::FormFields;
use crate::app::routes::{self, Handler};
use crate::texts::{Language, Texts};

/// The start of the login form, up to its method.
pub(in crate::app::weaknesses) const LOGIN_FORM: &str = "<form action=\"/login\" method=\"";

/// Whether the request has this method and is for this route.
pub(in crate::app::weaknesses) fn is<B>(request: &Request<B>, method: &Method, handler: Handler) -> bool {
    request.method() == method && handler_of(request) == Some(handler)
}

/// Whether the request is for a route that depends on the session.
pub(in crate::app::weaknesses) fn uses_session<B>(request: &Request<B>) -> bool {
    use Handler::{Count, Facts, Index, ListSessions, Login, Logout, RevokeSessions};
    handler_of(request).is_some_and(|handler| {
        matches!(handler, Index | Login | Logout | Facts | Count | ListSessions | RevokeSessions)
    })
}

fn handler_of<B>(request: &Request<B>) -> Option<Handler> {
    routes::find(request.uri().path()).map(|route| route.handler)
}

/// The host of the request, maybe with a port. HTTP/2 has it in the target.
pub(in crate::app::weaknesses) fn authority_of<B>(request: &Request<B>) -> Option<Authority> {
    let field = || Authority::try_from(request.headers().get(HOST)?.as_bytes()).ok();
    request.uri().authority().cloned().or_else(field)
}

/// Gives the request another path.
pub(in crate::app::weaknesses) fn set_path<B>(request: &mut Request<B>, path: &'static str) {
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::from_static(path));
    if let Ok(uri) = Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
}

/// The form in the body, and the request with the same body. A body that cannot be read is empty then.
pub(in crate::app::weaknesses) async fn form_of(
    request: Request<RequestBody>,
) -> (FormFields, Request<RequestBody>) {
    let (parts, body) = request.into_parts();
    let bytes = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    (FormFields::parse(&bytes), Request::from_parts(parts, RequestBody::from(bytes)))
}

/// Gives the request a form as its body.
pub(in crate::app::weaknesses) fn set_form(request: &mut Request<RequestBody>, form: impl Into<Bytes>) {
    let bytes = form.into();
    let headers = request.headers_mut();
    headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    *request.body_mut() = RequestBody::from(bytes);
}

pub(in crate::app::weaknesses) fn is_html(response: &Response) -> bool {
    let media_type = response.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    media_type.is_some_and(|value| value.starts_with(b"text/html"))
}

/// The texts in the language of a page.
pub(in crate::app::weaknesses) fn texts_of(response: &Response) -> Texts {
    let is_korean = response.headers().get(CONTENT_LANGUAGE).is_some_and(|tag| tag == Language::Ko.tag());
    Texts::of(if is_korean { Language::Ko } else { Language::En })
}

/// Rewrites a page. Other responses stay as they are.
pub(in crate::app::weaknesses) async fn rewrite_page(
    response: Response,
    edit: impl FnOnce(String) -> String,
) -> Response {
    if is_html(&response) { rewrite(response, edit).await } else { response }
}

/// Rewrites a text.
pub(in crate::app::weaknesses) async fn rewrite(
    response: Response,
    edit: impl FnOnce(String) -> String,
) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let text = edit(String::from_utf8_lossy(&bytes).into_owned());
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, text.into())
}

/// The text with what is between `start` and `end` replaced. `edit` gets it without these two.
pub(in crate::app::weaknesses) fn replace_between(
    text: &str,
    start: &str,
    end: &str,
    edit: impl FnOnce(&str) -> String,
) -> Option<String> {
    let (before, rest) = text.split_once(start)?;
    let (between, after) = rest.split_once(end)?;
    Some(format!("{before}{start}{}{end}{after}", edit(between)))
}
