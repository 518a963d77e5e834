//! Lays out text in terminal columns: measures, wraps, truncates and pads it.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The width of a text in columns.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// Lines of at most `room` columns, broken between words if possible.
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

/// The beginning of a text that fits into `room` columns.
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

/// The text, padded with spaces to `room` columns.
pub(super) fn padded(text: &str, room: usize) -> String {
    format!("{text}{}", " ".repeat(room.saturating_sub(text.width())))
}

/// The wrapped text, with `first` before its first line and as many spaces before the other lines.
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
    fn wide_characters_take_two_columns() {
        assert_eq!(wrapped("세션 토큰 abc", 9), ["세션 토큰", "abc"]);
        assert_eq!(wrapped("세션토큰", 5), ["세션", "토큰"]);
        assert_eq!(cut("세션토큰", 5), "세션…");
        assert_eq!(padded("세션", 6), "세션  ");
        assert_eq!(hanging("- ", "a b c", 5), ["- a b", "  c"]);
    }
}
