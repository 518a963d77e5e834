//! Colors of text, prefixes of secrets, and escaping of text from a server.

use std::borrow::Cow;

use colored::Colorize;

use sessctl::clock::Timestamp;
use sessctl::internal::{Masking, Redactor};

use crate::texts::{Texts, is_misleading};

/// How a stream shows text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style<'a> {
    pub(super) color: bool,
    /// The columns of the terminal; `None` on a pipe.
    pub(super) width: Option<usize>,
    pub(super) verbose: bool,
    pub(super) reveal: bool,
    /// In the language of the user.
    pub(super) texts: Texts,
    /// Knows the secrets of this command.
    pub(super) redactor: &'a Redactor,
}

impl Style<'_> {
    /// The text in the color of its role.
    pub(super) fn paint(&self, role: Role, text: &str) -> String {
        paint(role, text, self.color)
    }

    /// A line without secrets and control characters.
    pub(super) fn line(&self, text: &str) -> String {
        sanitize(&self.redactor.text(text), false).into_owned() + "\n"
    }
}

/// The role of a text, which decides its color.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Success.
    Good,
    /// Failure.
    Bad,
    /// A warning.
    Notable,
    /// A name or heading.
    Key,
    /// A detail.
    Quiet,
}

/// The text in the color of its role, if the stream shows color.
pub(crate) fn paint(role: Role, text: &str, color: bool) -> String {
    if !color {
        return text.to_owned();
    }
    let painted = match role {
        Role::Good => text.green(),
        Role::Bad => text.red().bold(),
        Role::Notable => text.yellow(),
        Role::Key => text.cyan(),
        Role::Quiet => text.dimmed(),
    };
    painted.to_string()
}

/// Escapes text from a server, so that it cannot control a terminal: control characters, and characters that change the
/// direction of text. With `lines`, line breaks and tabs stay.
pub(crate) fn sanitize(text: &str, lines: bool) -> Cow<'_, str> {
    let needs_escape = |c: char| needs_escape(c, lines);
    if !text.contains(needs_escape) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            // A line may end in CRLF; the CR would move the cursor to the start of the line.
            '\r' if lines => {}
            c if needs_escape(c) => safe.extend(c.escape_default()),
            c => safe.push(c),
        }
    }
    Cow::Owned(safe)
}

fn needs_escape(c: char, lines: bool) -> bool {
    (c.is_control() && !(lines && matches!(c, '\n' | '\t'))) || is_misleading(c)
}

/// Escapes JSON, which stays valid JSON.
pub(crate) fn sanitize_json(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if needs_escape(c, true) {
            // A character beyond the basic plane is two code units (RFC 8259 §7).
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| safe.push_str(&format!("\\u{unit:04x}")));
        } else {
            safe.push(c);
        }
    }
    safe
}

/// A secret as tables and narration show it: its first 8 characters, and at most a quarter of it.
pub(crate) fn shortened(secret: &str, reveal: bool) -> Cow<'_, str> {
    Masking::for_people(reveal).value(secret)
}

/// A time, to the second: `2030-01-31 10:00:00`.
pub(super) fn second(time: Timestamp) -> String {
    time.to_string().chars().take(19).collect::<String>().replace('T', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_at_most_a_quarter_of_itself() {
        assert_eq!(shortened(&"x".repeat(43), false), format!("{}…", "x".repeat(8)));
        assert_eq!(shortened("abcdefgh", false), "ab…");
        assert_eq!(shortened("abc", false), "…");
        assert_eq!(shortened("", false), "");
        assert_eq!(shortened("abc", true), "abc");
    }

    #[test]
    fn text_from_a_server_cannot_control_a_terminal() {
        assert_eq!(sanitize("a\x1b[2Jb", false), "a\\u{1b}[2Jb");
        assert_eq!(sanitize("a\r\nb\tc", true), "a\nb\tc");
        assert_eq!(sanitize("a\nb", false), "a\\nb");
        assert_eq!(sanitize("\u{202e}evil", true), "\\u{202e}evil");
        assert_eq!(sanitize("안녕, wörld", false), "안녕, wörld");
        assert_eq!(sanitize("session\u{200b}id", false), "session\\u{200b}id");
        assert_eq!(sanitize("a\u{2028}b", true), "a\\u{2028}b");
        assert_eq!(sanitize_json("{\"a\":\"\u{9b}31m\"}\n"), "{\"a\":\"\\u009b31m\"}\n");
    }
}
