//! The `pattern` attribute: a JavaScript regular expression of the page, matched within a budget.

use fancy_regex::RegexBuilder;

/// A longer pattern is ignored: the server checks the value anyway.
const MAX_PATTERN_LEN: usize = 10_000;

/// The maximum number of steps back in a pattern with lookaround or backreferences. All others need none.
const MAX_BACKTRACKS: usize = 10_000;

/// The maximum size of a compiled pattern in bytes.
const MAX_COMPILED_LEN: usize = 1 << 20;

/// Whether the pattern matches the whole value. An invalid pattern, and one that uses up the budget, is ignored (HTML, the
/// pattern attribute).
pub(super) fn matches(pattern: &str, value: &str) -> bool {
    if pattern.len() > MAX_PATTERN_LEN {
        return true;
    }
    let compiled = RegexBuilder::new(&format!("^(?:{})$", with_ascii_classes(pattern)))
        .backtrack_limit(MAX_BACKTRACKS)
        .delegate_size_limit(MAX_COMPILED_LEN)
        .build();
    compiled.map_or(true, |pattern| pattern.is_match(value).unwrap_or(true))
}

/// In JavaScript, `\d` and `\w` match only ASCII characters.
fn with_ascii_classes(pattern: &str) -> String {
    let mut text = String::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(c) = characters.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match characters.next() {
            Some('d') => text.push_str("[0-9]"),
            Some('D') => text.push_str("[^0-9]"),
            Some('w') => text.push_str("[0-9A-Za-z_]"),
            Some('W') => text.push_str("[^0-9A-Za-z_]"),
            other => {
                text.push(c);
                text.extend(other);
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_values_as_in_javascript() {
        for (pattern, value, is_match) in [
            ("[0-9]{5}", "12345", true),
            ("[0-9]{5}", "123456", false),
            ("a|b", "ab", false),
            (r"\d+", "12", true),
            (r"\d+", "१२", false),
            (r"[\w.-]+", "a-b.c", true),
            (r"\W", "é", true),
            (r"(?=.*\d)(?=.*[a-z]).{8,}", "abcdefg1", true),
            (r"(?=.*\d)(?=.*[a-z]).{8,}", "abcdefgh", false),
            (r"(?!admin).*", "administrator", false),
            (r"[^@\s]+@[^@\s]+\.\w{2,}", "a@b.org", true),
            (r"\p{L}+", "가나", true),
            (r"(a)\1", "aa", true),
            (r"(a)\1", "ab", false),
            (r"\/x\-y", "/x-y", true),
            ("[", "anything", true),
        ] {
            assert_eq!(matches(pattern, value), is_match, "{pattern} {value}");
        }
    }

    #[test]
    fn hostile_patterns_end() {
        let value = "a".repeat(5000);
        for pattern in [
            "(?:.|.|.|.|.|.|.|.|.|.|.|.|.|.|.|.|.|.|.|.)*!",
            "(a+)+$!",
            "((a*)*)*!",
            "(?=(a+)+!)a",
            r"(a+)+\1!",
            "(?:(?:a{99}){99}){99}",
        ] {
            matches(pattern, &value);
        }
    }
}
