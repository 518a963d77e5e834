//! Finds secrets in text for people: messages, log lines, headers of any kind.

use super::Redactor;
use super::reference::MAX_DEPTH;

impl Redactor {
    pub(super) fn redact_text(&self, text: &str) -> String {
        self.words(text, MAX_DEPTH)
    }

    /// Masks secrets in each word. Words end at spaces and quotes; a quoted word after `name=` or `"name":` is a value.
    pub(super) fn words(&self, text: &str, depth: u8) -> String {
        let is_delimiter = |c: char| c.is_whitespace() || "\"<>`\\".contains(c);
        let (mut shown, mut rest) = (String::with_capacity(text.len()), text);
        let (mut name, mut joint) = ("", String::new());
        while !rest.is_empty() {
            let (gap, after) = rest.split_at(rest.find(|c| !is_delimiter(c)).unwrap_or(rest.len()));
            let (word, after) = after.split_at(after.find(is_delimiter).unwrap_or(after.len()));
            rest = after;
            shown.push_str(gap);
            joint.push_str(gap);
            if matches!(word, ":" | "=") {
                joint.push_str(word);
                shown.push_str(word);
                continue;
            }
            let is_value = joint.ends_with('"') && joint.contains([':', '=']);
            if is_value {
                shown.push_str(&self.named_value(name, word, depth));
            } else {
                shown.push_str(&self.word(word, depth));
            }
            name = word.trim_end_matches([':', '=']).trim_start_matches(['{', '[', ',', '(']);
            joint.clear();
            joint.push_str(&word[word.trim_end_matches([':', '=']).len()..]);
        }
        shown
    }

    /// A word without the punctuation around it.
    fn word(&self, word: &str, depth: u8) -> String {
        let inner = word.trim_start_matches(['(', '\'', '{', ',']);
        let before = &word[..word.len() - inner.len()];
        let inner = inner.trim_end_matches([')', '\'', '}', ',', '.', ':', ';', '!']);
        let after = &word[before.len() + inner.len()..];
        match inner.contains(['/', '?', '#', '=', ';', '@', '%']) {
            true => format!("{before}{}{after}", self.reference_within(inner, depth)),
            false => word.to_owned(),
        }
    }
}
