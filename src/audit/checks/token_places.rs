//! Finds a token in the texts and addresses of a response.

use percent_encoding::percent_decode_str;
use scraper::Html;

use crate::client::http::Exchange;
use crate::cookies::StoredCookie;

/// A shorter value is found by chance.
const MIN_TOKEN_LEN: usize = 8;

/// The attributes that have an address.
const URL_ATTRIBUTES: [&str; 7] = ["href", "src", "action", "formaction", "content", "data-url", "srcset"];

/// The value of a cookie as it may be repeated: as it is, and decoded.
pub(super) fn forms_of(cookie: &StoredCookie) -> Vec<String> {
    let value = cookie.value.to_text().into_owned();
    let decoded = percent_decode_str(&value).decode_utf8_lossy().into_owned();
    let mut forms = vec![value, decoded];
    forms.dedup();
    forms.retain(|form| form.len() >= MIN_TOKEN_LEN);
    forms
}

pub(super) fn contains(text: &str, tokens: &[String]) -> bool {
    tokens.iter().any(|token| text.contains(token.as_str()))
}

/// How often a text has one of the tokens.
pub(super) fn occurrences(text: &str, tokens: &[String]) -> usize {
    tokens.iter().map(|token| text.matches(token.as_str()).count()).sum()
}

/// The addresses in the page of an exchange, as they are written.
pub(super) fn urls_in(exchange: &Exchange) -> Vec<String> {
    let Some(response) = exchange.response.as_ref().filter(|it| !it.body.is_empty()) else {
        return Vec::new();
    };
    let document = Html::parse_document(&String::from_utf8_lossy(&response.body));
    let elements = document.tree.nodes().filter_map(|node| node.value().as_element());
    let attributes = elements.flat_map(|element| element.attrs());
    attributes.filter(|(name, _)| URL_ATTRIBUTES.contains(name)).map(|(_, value)| value.to_owned()).collect()
}
