//! What an application says to somebody whom it does not let in.

use std::collections::HashSet;

use http::header::CONTENT_TYPE;

use crate::client::Response;
use crate::client::html::page::Page;

/// How many messages are told, and how long each may be, in characters.
const MOST: usize = 3;
const LONGEST: usize = 300;

/// The application's words: what it marks as messages, else what the page says that the form's page did not,
/// else the answer itself where it is no page.
pub(super) fn said_by(response: &Response, page: &Page, form_page: &Page) -> Vec<String> {
    let content_type = response.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let mut said: Vec<String> = if content_type.is_some_and(|content_type| !content_type.contains("html")) {
        vec![response.text().trim().to_owned()]
    } else {
        let marked = [&page.errors, &page.messages].into_iter().flatten();
        let mut marked: Vec<String> = marked.cloned().collect();
        if marked.is_empty() {
            let before: HashSet<&String> = form_page.texts.iter().collect();
            marked = page.texts.iter().filter(|text| !before.contains(text)).take(MOST).cloned().collect();
        }
        marked
    };
    let mut told = HashSet::new();
    said.retain(|text| !text.is_empty() && told.insert(text.clone()));
    said.truncate(MOST);
    said
}

/// Messages of a length that can be read. Secrets must be hidden before: half of one is not found any more.
pub(super) fn shortened(said: impl Iterator<Item = String>) -> Vec<String> {
    let short = |mut text: String| {
        if let Some((end, _)) = text.char_indices().nth(LONGEST) {
            text.truncate(end);
            text.push('…');
        }
        text
    };
    said.map(short).collect()
}

/// Whether a page marks something as an error that the form's page did not.
pub(super) fn complains(page: &Page, form_page: &Page) -> bool {
    page.errors.iter().any(|error| !form_page.errors.contains(error))
}
