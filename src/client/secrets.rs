//! What a flow never shows: passwords that a form put into a URL, which then stand in headers too.

use http::header::{CONTENT_LOCATION, LOCATION};
use http::{HeaderMap, HeaderValue};
use url::Url;

use super::flow::HIDDEN;

/// Values of form fields that are recorded nowhere.
#[derive(Debug, Default)]
pub(super) struct Secrets(Vec<(String, String)>);

impl Secrets {
    pub(super) fn add(&mut self, field: &str, value: &str) {
        self.0.push((field.to_owned(), value.to_owned()));
    }

    /// The URL without the secrets in its query.
    pub(super) fn hidden_in_url(&self, url: &Url) -> Url {
        let is_secret = |name: &str, value: &str| self.0.iter().any(|(n, v)| n == name && v == value);
        if self.0.is_empty() || !url.query_pairs().any(|(name, value)| is_secret(&name, &value)) {
            return url.clone();
        }
        let mut shown = url.clone();
        shown.query_pairs_mut().clear().extend_pairs(url.query_pairs().map(|(name, value)| {
            if is_secret(&name, &value) { (name, HIDDEN.into()) } else { (name, value) }
        }));
        shown
    }

    /// A header value without secrets, if it is a URL that holds some.
    pub(super) fn hidden_in(&self, value: &HeaderValue) -> HeaderValue {
        if self.0.is_empty() {
            return value.clone();
        }
        // Any base will do for a relative reference: only its query is looked at.
        let base = Url::parse("http://base.invalid/").ok();
        let text = String::from_utf8_lossy(value.as_bytes());
        let Some(url) = base.and_then(|base| base.join(&text).ok()).filter(|url| url.query().is_some())
        else {
            return value.clone();
        };
        let shown = self.hidden_in_url(&url);
        if shown == url {
            return value.clone();
        }
        let shown = shown.as_str().strip_prefix("http://base.invalid").unwrap_or(shown.as_str());
        HeaderValue::from_str(shown).unwrap_or(HeaderValue::from_static(HIDDEN))
    }

    pub(super) fn hidden_in_headers(&self, headers: &HeaderMap) -> HeaderMap {
        let mut shown = headers.clone();
        for name in [LOCATION, CONTENT_LOCATION] {
            if let Some(value) = shown.get_mut(&name) {
                *value = self.hidden_in(value);
            }
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_hidden_wherever_a_form_has_put_it() {
        let mut secrets = Secrets::default();
        secrets.add("pass", "s&cret");
        let url = Url::parse("http://a.test/login?user=u&pass=s%26cret&other=s%26cret").unwrap();
        assert_eq!(
            secrets.hidden_in_url(&url).as_str(),
            "http://a.test/login?user=u&pass=%5Bhidden%5D&other=s%26cret"
        );
        assert_eq!(secrets.hidden_in(&HeaderValue::from_static("/x?pass=s%26cret")), "/x?pass=%5Bhidden%5D");
        assert_eq!(secrets.hidden_in(&HeaderValue::from_static("text/html")), "text/html");
    }
}
