//! JSON for people: indented and colored. Numbers, strings and repeated names stay as they are in the text.

use serde::de::IgnoredAny;

use super::style::{Role, paint};

/// The JSON text with one value on each line. `None` if it is not valid JSON.
pub(super) fn indented(text: &str, color: bool) -> Option<String> {
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    let (mut out, mut depth, mut rest) = (String::with_capacity(text.len() * 2), 0, text.trim_ascii());
    while let Some(first) = rest.bytes().next() {
        let length = token_len(rest);
        let (token, after) = rest.split_at(length);
        let after = after.trim_ascii_start();
        match first {
            b'{' | b'[' if after.starts_with(['}', ']']) => {
                out.push_str(token);
                out.push_str(&after[..1]);
                rest = after[1..].trim_ascii_start();
                continue;
            }
            b'{' | b'[' => {
                depth += 1;
                out.push_str(token);
                new_line(&mut out, depth);
            }
            b'}' | b']' => {
                depth -= 1;
                new_line(&mut out, depth);
                out.push_str(token);
            }
            b',' => {
                out.push(',');
                new_line(&mut out, depth);
            }
            b':' => out.push_str(": "),
            b'"' if after.starts_with(':') => out.push_str(&paint(Role::Key, token, color)),
            b'"' => out.push_str(&paint(Role::Good, token, color)),
            _ => out.push_str(&paint(Role::Notable, token, color)),
        }
        rest = after;
    }
    Some(out)
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

/// The length of the token at the start of a valid JSON text.
fn token_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    match bytes.first() {
        Some(b'"') => {
            let mut end = 1;
            while end < bytes.len() && bytes[end] != b'"' {
                end += if bytes[end] == b'\\' { 2 } else { 1 };
            }
            (end + 1).min(bytes.len())
        }
        Some(b'{' | b'}' | b'[' | b']' | b',' | b':') => 1,
        _ => text.find(|c: char| c.is_ascii_whitespace() || "{}[],:".contains(c)).unwrap_or(text.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::indented;

    #[test]
    fn every_value_is_on_its_line_and_unchanged() {
        let text = r#" {"a":[1.0,12345678901234567890123,"x\"{,"],"b":{},"c":[ ], "d":{"e":null,"e":true}} "#;
        let shown = "{\n  \"a\": [\n    1.0,\n    12345678901234567890123,\n    \"x\\\"{,\"\n  ],\n  \"b\": {},\n  \"c\": [],\n  \
                     \"d\": {\n    \"e\": null,\n    \"e\": true\n  }\n}";
        assert_eq!(indented(text, false).as_deref(), Some(shown));
        assert_eq!(
            (indented("{", false), indented("", false), indented(" 7 ", false).as_deref()),
            (None, None, Some("7"))
        );
        assert_eq!(indented(shown, false).as_deref(), Some(shown));
    }
}
