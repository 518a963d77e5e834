//! Texts in columns: how wide they are in a terminal, wrapped, cut and filled up.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How many columns a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// Lines no wider than `room` columns, broken between words where there are any.
pub(super) fn wrapped(text: &str, room: usize) -> Vec<String> {
    let room = room.max(2);
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split(' ') {
        let used = lines.last().map_or(0, |line| line.width());
        if used > 0 && used + 1 + word.width() <= room {
            if let Some(line) = lines.last_mut() {
                line.push(' ');
                line.push_str(word);
            }
            continue;
        }
        if used > 0 {
            lines.push(String::new());
        }
        for c in word.chars() {
            let used = lines.last().map_or(0, |line| line.width());
            if used + c.width().unwrap_or(0) > room {
                lines.push(String::new());
            }
            if let Some(line) = lines.last_mut() {
                line.push(c);
            }
        }
    }
    lines
}

/// The beginning of a text that fits.
pub(super) fn cut(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let mut used = 1;
    let fits = |c: &char| {
        used += c.width().unwrap_or(0);
        used <= room
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// The text with spaces after it, `room` columns wide where it is not wider.
pub(super) fn padded(text: &str, room: usize) -> String {
    format!("{text}{}", " ".repeat(room.saturating_sub(text.width())))
}

/// The text wrapped, with `first` before its first line and as many spaces before all others.
pub(super) fn hanging(first: &str, text: &str, room: usize) -> Vec<String> {
    let indent = first.width();
    let lines = wrapped(text, room.saturating_sub(indent)).into_iter().enumerate();
    lines
        .map(|(at, line)| if at == 0 { format!("{first}{line}") } else { " ".repeat(indent) + &line })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(wrapped("세션 토큰 abc", 9), ["세션 토큰", "abc"]);
        assert_eq!(wrapped("세션토큰", 5), ["세션", "토큰"]);
        assert_eq!(cut("세션토큰", 5), "세션…");
        assert_eq!(padded("세션", 6), "세션  ");
        assert_eq!(hanging("- ", "a b c", 5), ["- a b", "  c"]);
    }
}
