//! The words that pages use for login, logout, users and passwords, and whether a text contains one of them.

mod lists;

pub(super) use lists::{
    ACCOUNT, CHANGE, CODE, CONSENT, CONTINUE, CSRF, DISMISS, EVERYWHERE, HELP, LOGIN, OTHER_CODES,
    OTHER_COOKIES, OTHER_USES, RECOVERY, REFUSAL, REGISTER, SECOND_FACTOR, STEP, USER,
};
use lists::{FAILURE, LEAVING, LOGOUT, NO_SUCCESS, OTHER_BUTTONS, SUCCESS};

/// Whether one of the words is in the text: as a whole word in scripts that separate words, anywhere in other scripts.
pub(super) fn mentions(text: &str, words: &str) -> bool {
    let text = normalized(text);
    // Most texts are shorter than most words, and a page can have many thousands of texts.
    each(words).filter(|word| word.len() <= text.len()).any(|word| {
        let is_separated = !word.chars().any(is_written_without_spaces);
        text.match_indices(word).any(|(start, found)| {
            let before = text[..start].chars().next_back();
            let after = text[start + found.len()..].chars().next();
            !is_separated
                || !(before.is_some_and(char::is_alphanumeric) || after.is_some_and(char::is_alphanumeric))
        })
    })
}

/// Whether a message or a status word lets the user in (`true`) or does not. `None` if it says neither, or both.
pub(super) fn says_success(text: &str) -> Option<bool> {
    match (mentions(text, SUCCESS), mentions(text, REFUSAL) || mentions(text, FAILURE)) {
        _ if mentions(text, NO_SUCCESS) => Some(false),
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

/// Whether the text is exactly one of the words, apart from punctuation around it.
pub(super) fn is_exactly(text: &str, words: &str) -> bool {
    let text = normalized(text);
    let text = text.trim_matches(|c: char| !c.is_alphanumeric());
    each(words).any(|word| word == text)
}

fn each(words: &str) -> impl Iterator<Item = &str> {
    words.split(',').map(str::trim).filter(|word| !word.is_empty())
}

/// Whether a text mentions logging out: it contains an unambiguous word, or is exactly an ambiguous one.
pub(super) fn mentions_logout(text: &str) -> bool {
    mentions(text, LOGOUT) || is_exactly(text, LEAVING)
}

/// Whether a path contains any word for logging out.
pub(super) fn path_mentions_logout(path: &str) -> bool {
    mentions(path, LOGOUT) || mentions(path, LEAVING)
}

/// Whether a text is exactly a word for logging out.
pub(super) fn is_exactly_logout(text: &str) -> bool {
    is_exactly(text, LOGOUT) || is_exactly(text, LEAVING)
}

/// Whether a text labels a button beside the login button: help, registration, another login method.
pub(super) fn mentions_other_button(text: &str) -> bool {
    mentions(text, OTHER_BUTTONS) || mentions(text, REGISTER)
}

/// Thai, Hangul (which appends endings to words), kana and Chinese characters.
fn is_written_without_spaces(c: char) -> bool {
    matches!(c, '\u{0E00}'..='\u{0E7F}' | '\u{1100}'..='\u{11FF}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}')
}

/// The text in lower case, with spaces in place of `_` and between the words of `camelCase`.
fn normalized(text: &str) -> String {
    let mut normalized = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        if before.is_lowercase() && c.is_uppercase() {
            normalized.push(' ');
        }
        if c == '_' {
            normalized.push(' ')
        } else {
            // The lower case of the Turkish capital I with a dot has an extra combining dot.
            normalized.extend(c.to_lowercase().filter(|c| *c != '\u{307}'));
        }
        before = c;
    }
    normalized
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_texts_names_and_addresses() {
        for text in [
            "Log in",
            "/accounts/login/",
            "btnSignIn",
            "user_login",
            "로그인하기",
            "Jetzt anmelden!",
            "Войти",
        ] {
            assert!(mentions(text, LOGIN), "{text}");
        }
        for text in ["Catalogin", "blog inside", "/news/", "входящие"] {
            assert!(!mentions(text, LOGIN), "{text}");
        }
        assert!(
            mentions_logout("/Account/LogOff") && mentions_logout("Abmelden") && !mentions_logout("Login")
        );
        assert!(mentions("user_name", USER) && mentions("아이디", USER) && !mentions("superuserious", USER));
    }
}
