//! Whether a page is a dead end: it refuses the user and offers nothing else, such as the page of a locked account.

use super::classify::has_login_form;
use super::vocabulary::{REFUSAL, mentions};
use crate::client::html::form::Control;
use crate::client::html::page::HtmlPage;

/// A page with more links, or longer text, does more than refuse.
const MAX_LINKS: usize = 4;
const MAX_TEXT_LEN: usize = 600;

/// Whether a page refuses the user: its address or its few words say so, and there is nothing to do on it.
pub(super) fn refuses(page: &HtmlPage) -> bool {
    let is_short = page.texts.iter().map(|text| text.chars().count()).sum::<usize>() < MAX_TEXT_LEN;
    let has_fields = page.forms.iter().any(|form| form.controls.iter().any(Control::is_text));
    let is_bare = is_short && page.links.len() <= MAX_LINKS && (!has_fields || has_login_form(page));
    let words = || page.texts.iter().chain(&page.headings).any(|text| mentions(text, REFUSAL));
    is_bare && (words() || mentions(page.url.path(), REFUSAL))
}
