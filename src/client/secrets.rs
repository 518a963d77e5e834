//! What a flow never shows: passwords, wherever an application has put them. A form may write them into a URL,
//! which then stands in headers; a page may repeat them.

use http::{HeaderMap, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode, utf8_percent_encode};
use url::Url;

use super::http::exchange::HIDDEN;

/// Shorter than this a value is looked for only as a whole field of a URL: it would be found everywhere.
const SHORTEST: usize = 4;

/// Values that are recorded nowhere.
#[derive(Debug, Default)]
pub(crate) struct Secrets(Vec<Secret>);

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
        // As most libraries write it, and as they write it into a path.
        const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
        const IN_PATH: &AsciiSet = &UNRESERVED.remove(b'/');
        let usual = utf8_percent_encode(value, UNRESERVED).to_string();
        let usual_path = utf8_percent_encode(value, IN_PATH).to_string();
        let twice = percent_encode(full.as_bytes(), NON_ALPHANUMERIC).to_string();
        let form_twice: String = form_urlencoded::byte_serialize(form.as_bytes()).collect();
        // As JSON and HTML write it, which a message may repeat.
        let in_json = serde_json::Value::from(value).to_string();
        let in_json = in_json.trim_matches('"').to_owned();
        let in_html = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let quoted = in_html.replace('"', "&quot;").replace('\'', "&#39;");
        let numbered = in_html.replace('"', "&#34;").replace('\'', "&#x27;");
        let mut spellings = vec![
            in_json,
            in_html,
            quoted,
            numbered,
            twice,
            form_twice,
            full,
            form,
            usual,
            usual_path,
            value.to_owned(),
        ];
        spellings.extend(in_url);
        spellings.extend(spellings.clone().iter().map(|spelling| with_small_hex(spelling)));
        spellings.retain(|spelling| spelling.len() >= SHORTEST);
        // The longest first: one may be a part of another.
        spellings.sort_by_key(|spelling| std::cmp::Reverse(spelling.len()));
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

/// `%c3` for `%C3`: both mean the same.
fn with_small_hex(spelling: &str) -> String {
    let mut parts = spelling.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (hex, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        text + "%" + &hex.to_ascii_lowercase() + rest
    })
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
    fn every_usual_spelling_of_a_password_is_hidden() {
        let mut secrets = Secrets::default();
        secrets.add("p@ss wörd/1");
        for spelling in [
            "p%40ss%20w%C3%B6rd/1",
            "p%40ss%20w%c3%b6rd%2f1",
            "p%40ss+w%C3%B6rd%2F1",
            "p@ss wörd/1",
            "p@ss%20w%C3%B6rd/1",
        ] {
            assert_eq!(secrets.hidden_in_text(&format!("/x/{spelling}?")), "/x/[hidden]?", "{spelling}");
        }
    }

    #[test]
    fn a_short_password_is_hidden_as_a_field() {
        let mut secrets = Secrets::default();
        secrets.add("x");
        let url = Url::parse("http://xa.test/x?pass=x&y=xx").unwrap();
        assert_eq!(secrets.hidden_in_url(&url).as_str(), "http://xa.test/x?pass=%5Bhidden%5D&y=xx");
    }
}
