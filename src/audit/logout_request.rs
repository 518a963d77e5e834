//! [`LogoutRequest`]: the request that logs out, and which of its fields are tokens of the session.

use url::Url;

use crate::client::Request;
use crate::client::http::Body;

const FORM: &str = "application/x-www-form-urlencoded";

/// What is known about the request that logs out.
#[derive(Debug, Clone, Default)]
pub(super) enum LogoutRequest {
    /// Nothing.
    #[default]
    Unknown,
    /// The request of one session.
    OfOne(Request),
    /// It is the same for all sessions.
    Same(Request),
    /// These fields have another value in each session.
    WithTokens(Vec<String>),
}

impl LogoutRequest {
    /// What is known with the request of one more session.
    pub(super) fn with(self, request: &Request) -> LogoutRequest {
        match self {
            LogoutRequest::Unknown => LogoutRequest::OfOne(request.clone()),
            LogoutRequest::OfOne(first) => {
                let tokens = fields_that_differ(&first, request);
                match tokens.is_empty() {
                    true => LogoutRequest::Same(first),
                    false => LogoutRequest::WithTokens(tokens),
                }
            }
            known => known,
        }
    }

    /// The names of the fields that are tokens.
    pub(super) fn tokens(&self) -> &[String] {
        match self {
            LogoutRequest::WithTokens(names) => names,
            _ => &[],
        }
    }
}

/// The request without these fields, in the body and in the query.
pub(super) fn without_fields(request: &Request, names: &[String]) -> Request {
    let mut request = request.clone();
    if names.is_empty() {
        return request;
    }
    let is_kept = |(name, _): &(String, String)| !names.contains(name);
    let encoded = |pairs: Vec<(String, String)>| {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
    };
    if is_form(&request) {
        let kept = fields(&request).into_iter().filter(is_kept).collect();
        request.body = Some(Body::new(FORM, encoded(kept).into_bytes()));
    }
    request.url = without_query_fields(&request.url, is_kept, encoded);
    request
}

fn without_query_fields(
    url: &Url,
    is_kept: impl Fn(&(String, String)) -> bool,
    encoded: impl Fn(Vec<(String, String)>) -> String,
) -> Url {
    let mut url = url.clone();
    if url.query().is_some() {
        let kept: Vec<_> = url.query_pairs().into_owned().filter(is_kept).collect();
        let query = encoded(kept);
        url.set_query((!query.is_empty()).then_some(query.as_str()));
    }
    url
}

/// The names of the fields that have another value in the other request.
fn fields_that_differ(one: &Request, other: &Request) -> Vec<String> {
    let all = |request: &Request| -> Vec<(String, String)> {
        fields(request).into_iter().chain(request.url.query_pairs().into_owned()).collect()
    };
    let others = all(other);
    let differs = |field: &(String, String)| !others.contains(field);
    let mut names: Vec<String> = all(one).into_iter().filter(differs).map(|(name, _)| name).collect();
    // Another path or another kind of body is a difference that no field explains.
    if names.is_empty() && (one.url.path() != other.url.path() || body_of(one) != body_of(other)) {
        names.push(String::new());
    }
    names
}

fn body_of(request: &Request) -> &[u8] {
    request.body.as_ref().map(|body| body.bytes.as_slice()).unwrap_or_default()
}

fn is_form(request: &Request) -> bool {
    let kind = request.body.as_ref().and_then(|body| body.content_type.as_deref());
    kind.is_some_and(|kind| kind.starts_with(FORM))
}

/// The fields of a request that is sent as a form.
fn fields(request: &Request) -> Vec<(String, String)> {
    match is_form(request) {
        true => form_urlencoded::parse(body_of(request)).into_owned().collect(),
        false => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(path: &str, fields: &[(&str, &str)]) -> Request {
        let url = Url::parse("http://app.test/").unwrap().join(path).unwrap();
        Request::form(url, fields.iter().copied())
    }

    #[test]
    fn a_token_is_a_field_that_differs_between_sessions() {
        let one = request("/do?action=logout&nonce=a1", &[("csrf", "x"), ("kind", "all")]);
        let other = request("/do?action=logout&nonce=b2", &[("csrf", "y"), ("kind", "all")]);
        let known = LogoutRequest::Unknown.with(&one).with(&other);
        assert_eq!(known.tokens(), ["csrf", "nonce"]);
        let without = without_fields(&one, known.tokens());
        assert_eq!(without.url.as_str(), "http://app.test/do?action=logout");
        assert_eq!(fields(&without), [("kind".to_owned(), "all".to_owned())]);
        assert!(matches!(LogoutRequest::Unknown.with(&one).with(&one), LogoutRequest::Same(_)));
    }
}
