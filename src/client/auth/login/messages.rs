//! The messages of an application that refuses a login.

use std::collections::HashSet;

use crate::client::html::page::HtmlPage;
use crate::client::http::agent::{Response, UserAgent};

/// How many messages are reported, and how long each may be, in characters.
pub(super) const MAX_MESSAGES: usize = 3;
const MAX_MESSAGE_LEN: usize = 300;

/// What a page marks as messages, else its texts that the page of the form does not have, else the body of a response
/// that is not HTML.
pub(super) fn of_page(response: &Response, page: &HtmlPage, form_page: &HtmlPage) -> Vec<String> {
    let mut messages: Vec<String> = if response.content_type().is_some_and(|kind| !kind.contains("html")) {
        vec![response.text().trim().to_owned()]
    } else {
        let marked: Vec<String> = [&page.errors, &page.messages].into_iter().flatten().cloned().collect();
        if marked.is_empty() {
            let before: HashSet<&String> = form_page.texts.iter().collect();
            let new = page.texts.iter().filter(|text| !before.contains(text));
            new.take(MAX_MESSAGES).cloned().collect()
        } else {
            marked
        }
    };
    let mut known = HashSet::new();
    messages.retain(|text| !text.is_empty() && known.insert(text.clone()));
    messages.truncate(MAX_MESSAGES);
    messages
}

/// The messages without secrets, at a readable length. Secrets are masked first: a part of one would not be recognized.
pub(super) fn for_report(agent: &UserAgent, messages: Vec<String>) -> Vec<String> {
    let shortened = |text: String| {
        let mut text = agent.redactor.text(&text).into_owned();
        if let Some((end, _)) = text.char_indices().nth(MAX_MESSAGE_LEN) {
            text.truncate(end);
            text.push('…');
        }
        text
    };
    messages.into_iter().map(shortened).collect()
}

/// Whether a page marks an error that the page of the form does not.
pub(super) fn complains(page: &HtmlPage, form_page: &HtmlPage) -> bool {
    page.errors.iter().any(|error| !form_page.errors.contains(error))
}
