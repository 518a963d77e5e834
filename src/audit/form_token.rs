//! Tokens in the fields of a form: values that another site cannot guess.

use crate::client::Request;
use crate::client::http::Body;

/// A shorter value is not a token.
const MIN_TOKEN_LEN: usize = 16;

const FORM: &str = "application/x-www-form-urlencoded";

/// Whether a request has a token in a field or in its query.
pub(super) fn has_token(request: &Request) -> bool {
    let is_token = |value: &str| value.len() >= MIN_TOKEN_LEN;
    fields(request).iter().any(|(_, value)| is_token(value))
        || request.url.query_pairs().any(|(_, value)| is_token(&value))
}

/// The request without the fields that are tokens.
pub(super) fn without_token(request: &Request) -> Request {
    let mut request = request.clone();
    if has_token(&request) {
        let kept = fields(&request).into_iter().filter(|(_, value)| value.len() < MIN_TOKEN_LEN);
        let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
        request.body = Some(Body::new(FORM, encoded.into_bytes()));
        request.url.set_query(None);
    }
    request
}

/// The fields of a request that is sent as a form.
fn fields(request: &Request) -> Vec<(String, String)> {
    let is_form = |body: &&Body| body.content_type.as_deref().is_some_and(|kind| kind.starts_with(FORM));
    let body = request.body.as_ref().filter(is_form);
    form_urlencoded::parse(body.map(|body| body.bytes.as_slice()).unwrap_or_default()).into_owned().collect()
}
