//! Words of a POSIX shell.

/// A word for a POSIX shell.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+,=".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_are_quoted_for_a_shell() {
        assert_eq!(quoted("http://a.test/x-1"), "http://a.test/x-1");
        assert_eq!(quoted("it's"), "'it'\\''s'");
        assert_eq!((quoted("a b"), quoted(""), quoted("a&b")), ("'a b'".into(), "''".into(), "'a&b'".into()));
    }
}
