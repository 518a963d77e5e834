//! Tells sentences, which are for a reader, from secrets.

/// A longer text is not a sentence, and a longer word not one of a language.
const MAX_LEN: usize = 300;
const MAX_WORD_LEN: usize = 30;

/// Whether a text is written for a reader: words of letters with spaces between them, or letters of a script that no token
/// has.
pub(crate) fn is_sentence(text: &str) -> bool {
    let words = || text.split_whitespace();
    let is_word = |word: &str| {
        let letters = word.chars().filter(|c| c.is_alphabetic()).count();
        letters * 2 > word.chars().count()
    };
    let letters = words().filter(|word| is_word(word)).count();
    let is_readable = letters * 2 > words().count() && (letters > 1 || !text.is_ascii());
    is_readable
        && text.chars().count() <= MAX_LEN
        && words().all(|word| word.chars().count() <= MAX_WORD_LEN)
        && !text.contains(['{', '=', '\u{FFFD}'])
        && !text.contains(char::is_control)
}
