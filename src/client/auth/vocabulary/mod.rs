//! The words by which pages call logging in and out, users and passwords; and whether a text uses them.

mod lists;

use lists::{
    ACCOUNT, CODE, EVERYWHERE, HELP, LEAVING, LOGIN, LOGOUT, OTHER_BUTTONS, OTHER_CODES, OTHER_USES,
    REGISTER, STEP, USER,
};

/// Whether a text is that of a button beside the one that logs in.
pub(super) fn speaks_of_other_ways(text: &str) -> bool {
    mentions(text, OTHER_BUTTONS) || mentions(text, REGISTER)
}

/// Whether a text speaks of logging in.
pub(crate) fn speaks_of_login(text: &str) -> bool {
    mentions(text, LOGIN)
}

/// Whether a text is nothing but a word for logging in.
pub(super) fn is_login(text: &str) -> bool {
    is_just(text, LOGIN)
}

/// Whether a text speaks of logging out: in a word for nothing else, or in one that is all of the text.
pub(crate) fn speaks_of_logout(text: &str) -> bool {
    mentions(text, LOGOUT) || is_just(text, LEAVING)
}

/// Whether an address speaks of logging out, in any of the words for it.
pub(super) fn is_about_logout(path: &str) -> bool {
    mentions(path, LOGOUT) || mentions(path, LEAVING)
}

/// Whether a text is nothing but a word for logging out.
pub(super) fn is_logout(text: &str) -> bool {
    is_just(text, LOGOUT) || is_just(text, LEAVING)
}

/// Whether a text is what leads to the page of one's own.
pub(super) fn is_the_account(text: &str) -> bool {
    is_just(text, ACCOUNT)
}

/// Whether a text is one of the words and nothing else, signs aside.
fn is_just(text: &str, words: &[&str]) -> bool {
    let text = separated(text);
    let text = text.trim_matches(|c: char| !c.is_alphanumeric());
    words.contains(&text)
}

/// Whether a text speaks of opening an account.
pub(super) fn speaks_of_registering(text: &str) -> bool {
    mentions(text, REGISTER)
}

/// Whether a text names a user.
pub(super) fn speaks_of_user(text: &str) -> bool {
    mentions(text, USER)
}

/// Whether a text speaks of a step after the password.
pub(super) fn speaks_of_step(text: &str) -> bool {
    mentions(text, STEP)
}

/// Whether the name of a field is that of a code of another kind.
pub(super) fn speaks_of_other_codes(text: &str) -> bool {
    mentions(text, OTHER_CODES)
}

/// Whether the name of a field is that of a code of one use.
pub(super) fn speaks_of_code(text: &str) -> bool {
    mentions(text, CODE)
}

/// Whether a text is about explaining things.
pub(super) fn speaks_of_help(text: &str) -> bool {
    mentions(text, HELP)
}

/// Whether a text speaks of logging out elsewhere too.
pub(super) fn speaks_of_everywhere(text: &str) -> bool {
    mentions(text, EVERYWHERE)
}

/// Whether a text speaks of a search or a newsletter.
pub(super) fn speaks_of_other_uses(text: &str) -> bool {
    mentions(text, OTHER_USES)
}

/// Whether one of the words is in the text: as a whole word in scripts that set words apart, anywhere in those
/// that do not.
fn mentions(text: &str, words: &[&str]) -> bool {
    let text = separated(text);
    words.iter().any(|word| {
        let set_apart = !word.chars().any(is_written_without_spaces);
        text.match_indices(word).any(|(start, found)| {
            let before = text[..start].chars().next_back();
            let after = text[start + found.len()..].chars().next();
            !set_apart
                || !(before.is_some_and(char::is_alphanumeric) || after.is_some_and(char::is_alphanumeric))
        })
    })
}

/// Thai, Hangul (which joins endings to words), kana and Chinese characters.
fn is_written_without_spaces(c: char) -> bool {
    matches!(c, '\u{0E00}'..='\u{0E7F}' | '\u{1100}'..='\u{11FF}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}')
}

/// In lower case, with `camelCase` taken apart, and signs that join words in names made spaces too.
fn separated(text: &str) -> String {
    let mut separated = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        if before.is_lowercase() && c.is_uppercase() {
            separated.push(' ');
        }
        if c == '_' {
            separated.push(' ')
        } else {
            // The dot that Turkish has over its capital I is none of another letter in lower case.
            separated.extend(c.to_lowercase().filter(|c| *c != '\u{307}'));
        }
        before = c;
    }
    separated
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
            assert!(speaks_of_login(text), "{text}");
        }
        for text in ["Catalogin", "blog inside", "/news/", "входящие"] {
            assert!(!speaks_of_login(text), "{text}");
        }
        assert!(
            speaks_of_logout("/Account/LogOff") && speaks_of_logout("Abmelden") && !speaks_of_logout("Login")
        );
        assert!(speaks_of_user("user_name") && speaks_of_user("아이디") && !speaks_of_user("superuserious"));
    }
}
