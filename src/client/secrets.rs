//! What a flow never shows: passwords, wherever an application has put them. A form may write them into a URL,
//! which then stands in headers; a page may repeat them.

use http::{HeaderMap, HeaderValue};
use percent_encoding::{NON_ALPHANUMERIC, percent_encode, utf8_percent_encode};
use url::Url;

use super::flow::HIDDEN;

/// Shorter than this a value is looked for only as a whole field of a URL: it would be found everywhere.
const SHORTEST: usize = 4;

/// Values that are recorded nowhere.
#[derive(Debug, Default)]
pub(super) struct Secrets(Vec<Secret>);

#[derive(Debug)]
struct Secret {
    plain: String,
    /// As it is, as forms write it, as paths write it, and twice escaped, for a URL within a URL.
    spellings: Vec<String>,
}

impl Secrets {
    pub(super) fn add(&mut self, value: &str) {
        if value.is_empty() {
            return;
        }
        let form: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
        let full = utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
        let in_url = Url::parse("http://base.invalid/").ok().map(|mut url| {
            url.set_path(value);
            url.path().trim_start_matches('/').to_owned()
        });
        let twice = percent_encode(full.as_bytes(), NON_ALPHANUMERIC).to_string();
        let form_twice: String = form_urlencoded::byte_serialize(form.as_bytes()).collect();
        let mut spellings = vec![twice, form_twice, full, form, value.to_owned()];
        spellings.extend(in_url);
        spellings.retain(|spelling| spelling.len() >= SHORTEST);
        spellings.dedup();
        self.0.push(Secret { plain: value.to_owned(), spellings });
    }

    /// A text without the secrets.
    pub(super) fn hidden_in_text(&self, text: &str) -> String {
        let spellings = self.0.iter().flat_map(|secret| &secret.spellings);
        spellings.fold(text.to_owned(), |text, spelling| text.replace(spelling.as_str(), HIDDEN))
    }

    /// A URL without the secrets.
    pub(super) fn hidden_in_url(&self, url: &Url) -> Url {
        let is_secret = |value: &str| self.0.iter().any(|secret| secret.plain == value);
        let mut shown = url.clone();
        if url.query_pairs().any(|(_, value)| is_secret(&value)) {
            let pairs = url.query_pairs();
            let pairs = pairs
                .map(|(name, value)| if is_secret(&value) { (name, HIDDEN.into()) } else { (name, value) });
            shown.query_pairs_mut().clear().extend_pairs(pairs);
        }
        let text = self.hidden_in_text(shown.as_str());
        if text == shown.as_str() {
            return shown;
        }
        // What is no URL any more is shown by its origin alone.
        Url::parse(&text).unwrap_or_else(|_| {
            shown.set_path("");
            shown.set_query(None);
            shown.set_fragment(None);
            shown
        })
    }

    /// A header value without the secrets.
    pub(super) fn hidden_in(&self, value: &HeaderValue) -> HeaderValue {
        if self.0.is_empty() {
            return value.clone();
        }
        let text = String::from_utf8_lossy(value.as_bytes());
        let hidden = self.hidden_in_text(&text);
        // A relative reference: any base will do, only its query is looked at.
        let base = Url::parse("http://base.invalid/").ok();
        let hidden = match base.and_then(|base| base.join(&hidden).ok()).filter(|url| url.query().is_some()) {
            Some(url) if self.hidden_in_url(&url) != url => {
                let shown = self.hidden_in_url(&url).to_string();
                shown.strip_prefix("http://base.invalid").unwrap_or(&shown).to_owned()
            }
            _ => hidden,
        };
        if hidden == text {
            return value.clone();
        }
        HeaderValue::from_str(&hidden).unwrap_or(HeaderValue::from_static(HIDDEN))
    }

    pub(super) fn hidden_in_headers(&self, headers: &HeaderMap) -> HeaderMap {
        if self.0.is_empty() {
            return headers.clone();
        }
        let mut shown = headers.clone();
        for value in shown.values_mut() {
            *value = self.hidden_in(value);
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_hidden_wherever_an_application_has_put_it() {
        let mut secrets = Secrets::default();
        secrets.add("s&cret");
        for url in [
            "http://a.test/login?user=u&pass=s%26cret",
            "http://a.test/home?pw=s%26cret",
            "http://a.test/home?next=%2Flogin%3Fpass%3Ds%2526cret",
            "http://a.test/home/s&cret",
            "http://a.test/home#password=s&cret",
        ] {
            let shown = secrets.hidden_in_url(&Url::parse(url).unwrap());
            assert!(!shown.as_str().contains("cret"), "{url}: {shown}");
            assert!(
                !secrets.hidden_in(&HeaderValue::from_str(url).unwrap()).to_str().unwrap().contains("cret"),
                "{url}"
            );
        }
        assert_eq!(secrets.hidden_in(&HeaderValue::from_static("text/html")), "text/html");
        assert_eq!(secrets.hidden_in_text("no s&cret here"), "no [hidden] here");
    }

    #[test]
    fn a_short_password_is_hidden_as_a_field() {
        let mut secrets = Secrets::default();
        secrets.add("x");
        let url = Url::parse("http://xa.test/x?pass=x&y=xx").unwrap();
        assert_eq!(secrets.hidden_in_url(&url).as_str(), "http://xa.test/x?pass=%5Bhidden%5D&y=xx");
    }
}
