//! The messages of an application that refuses a login.

use std::collections::HashSet;

use super::cookie_messages;
use super::json_answer::JsonAnswer;
use super::script_messages;
use crate::client::auth::vocabulary::{DISMISS, is_exactly, says_success};
use crate::client::html::page::HtmlPage;
use crate::client::http::agent::UserAgent;
use crate::client::http::response::Response;

/// How many messages are reported, and how long each may be, in characters.
pub(super) const MAX_MESSAGES: usize = 3;
const MAX_MESSAGE_LEN: usize = 300;

/// A longer word is an address with its query.
const MAX_WORD_LEN: usize = 100;

/// Parameters of an address that explain an error (RFC 6749 §4.1.2.1).
const DESCRIPTIONS: [&str; 2] = ["error_description", "error_message"];

/// What the answer to a login says: the description of an error in its address, what the page marks as messages, else
/// its texts that the page of the form does not have, else the words in its scripts or in the cookies that were set since
/// this number of exchanges, else the body of a response that is not HTML. Without secrets, at a readable length.
pub(super) fn of_page(
    agent: &UserAgent,
    response: &Response,
    page: &HtmlPage,
    form_page: &HtmlPage,
    since: usize,
) -> Vec<String> {
    let described = response.url.query_pairs().find(|(name, _)| DESCRIPTIONS.contains(&name.as_ref()));
    let mut messages: Vec<String> = described.map(|(_, value)| value.into_owned()).into_iter().collect();
    if response.content_type().is_some_and(|kind| kind.contains("json")) {
        messages.extend(JsonAnswer::of(response).messages());
    }
    if response.content_type().is_some_and(|kind| !kind.contains("html")) {
        messages.extend(Some(response.text().trim().to_owned()).filter(|_| messages.is_empty()));
    } else {
        let in_cookies = || cookie_messages::in_jar(agent, since);
        messages.extend(words_of(response, page, form_page, &in_cookies));
    }
    let mut known = HashSet::new();
    messages.retain(|text| has_words(text) && known.insert(text.clone()));
    messages.truncate(MAX_MESSAGES);
    for_report(agent, messages)
}

fn words_of(
    response: &Response,
    page: &HtmlPage,
    form_page: &HtmlPage,
    in_cookies: &dyn Fn() -> Vec<String>,
) -> Vec<String> {
    let marks = |page: &HtmlPage| [page.errors.clone(), page.messages.clone()].concat();
    let marked_before = marks(form_page);
    // A notice that the page of the form has too is about something else.
    let new_marks =
        || -> Vec<String> { marks(page).into_iter().filter(|text| !marked_before.contains(text)).collect() };
    let before: HashSet<&String> = form_page.texts.iter().collect();
    let new_texts = || -> Vec<String> {
        let is_on_screen = |text: &&String| !page.off_screen_texts.contains(text);
        let new = page.texts.iter().filter(|text| has_words(text) && !before.contains(text));
        new.filter(is_on_screen).take(MAX_MESSAGES).cloned().collect()
    };
    // A new notice may be about something else, while a text without a mark tells the reason.
    let fails = |text: &String| says_success(text) == Some(false);
    let failures = || -> Vec<String> {
        let is_about_it = new_marks().is_empty() || new_marks().iter().any(fails);
        if is_about_it { Vec::new() } else { new_texts().into_iter().filter(fails).collect() }
    };
    let in_scripts = || script_messages::in_html(&response.text());
    let sources: [&dyn Fn() -> Vec<String>; 6] =
        [&failures, &new_marks, &new_texts, &in_scripts, in_cookies, &|| marks(page)];
    let found = sources.iter().map(|source| source()).find(|texts| texts.iter().any(|text| has_words(text)));
    found.unwrap_or_default()
}

/// Whether a text is more than a symbol or the label of a button that closes the message.
fn has_words(text: &str) -> bool {
    text.chars().filter(|c| c.is_alphabetic()).count() > 1 && !is_exactly(text, DISMISS)
}

/// The messages without secrets, at a readable length. Secrets are masked first: a part of one would not be recognized.
pub(super) fn for_report(agent: &UserAgent, messages: Vec<String>) -> Vec<String> {
    let shortened = |text: String| {
        let text = agent.redactor.text(&text).into_owned();
        let words: Vec<&str> = text.split(' ').map(without_query).collect();
        let mut text = words.join(" ");
        if let Some((end, _)) = text.char_indices().nth(MAX_MESSAGE_LEN) {
            text.truncate(end);
            text.push('…');
        }
        text
    };
    messages.into_iter().map(shortened).collect()
}

/// A long address without its query.
fn without_query(word: &str) -> &str {
    let is_address = word.len() > MAX_WORD_LEN && (word.contains("://") || word.starts_with('/'));
    if is_address { word.split('?').next().unwrap_or(word) } else { word }
}

/// Whether a page marks an error that the page of the form does not.
pub(super) fn complains(page: &HtmlPage, form_page: &HtmlPage) -> bool {
    page.errors.iter().any(|error| !form_page.errors.contains(error))
}
