//! Messages in the scripts of a page: `alert('…')`, `showError("…")`, and texts for clients without scripts.

/// Parts of the names of functions that show a message.
const FUNCTIONS: [&str; 11] =
    ["alert", "error", "message", "msg", "toast", "notify", "notice", "warn", "fail", "flash", "fire"];

/// A longer string is not a message.
const MAX_LEN: usize = 300;

/// The messages in the inline scripts of a page, else those of its `noscript` elements.
pub(super) fn in_html(html: &str) -> Vec<String> {
    let scripts: Vec<String> = contents(html, "script").flat_map(arguments).collect();
    if !scripts.is_empty() {
        return scripts;
    }
    contents(html, "noscript").map(|text| without_tags(text).trim().to_owned()).collect()
}

/// The contents of the elements with this name.
fn contents<'a>(html: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    // It has the positions of the original, because only ASCII letters change.
    let lower = html.to_ascii_lowercase();
    let (open, close) = (format!("<{name}"), format!("</{name}"));
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = lower[from..].find(&open).map(|at| from + at) {
        let Some(body) = lower[start..].find('>').map(|at| start + at + 1) else { break };
        let end = lower[body..].find(&close).map_or(lower.len(), |at| body + at);
        found.push(&html[body..end]);
        from = end;
    }
    found.into_iter()
}

/// The strings that a script passes to functions that show a message.
fn arguments(script: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in script.match_indices('(') {
        let name = script[..at].rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        let name = name.to_ascii_lowercase();
        if !FUNCTIONS.iter().any(|it| name.contains(it)) {
            continue;
        }
        let mut rest = &script[at + 1..];
        while let Some((text, after)) = string_literal(rest) {
            found.extend(Some(text).filter(|text| text.chars().any(char::is_alphabetic)));
            let Some(next) = after.trim_start().strip_prefix(',') else { break };
            rest = next;
        }
    }
    found
}

/// A string literal at the start of a script, and what follows it.
fn string_literal(script: &str) -> Option<(String, &str)> {
    let script = script.trim_start();
    let quote = script.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let mut text = String::new();
    let mut chars = script.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            _ if text.len() > MAX_LEN => return None,
            c if c == quote => return Some((text, &script[at + 1..])),
            '\\' => match chars.next()?.1 {
                'n' | 'r' | 't' => text.push(' '),
                'u' => {
                    let digits: String = chars.by_ref().take(4).map(|(_, digit)| digit).collect();
                    text.extend(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32));
                }
                other => text.push(other),
            },
            c => text.push(c),
        }
    }
    None
}

fn without_tags(html: &str) -> String {
    let mut is_tag = false;
    let keep = |c: &char| {
        match c {
            '<' => is_tag = true,
            '>' => {
                is_tag = false;
                return false;
            }
            _ => {}
        }
        !is_tag
    };
    html.chars().filter(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_of_calls_that_show_a_message_are_found() {
        for (html, expected) in [
            (
                "<script>alert('비밀번호가 틀렸습니다'); history.back()</script>",
                vec!["비밀번호가 틀렸습니다"],
            ),
            ("<SCRIPT>toastr.error(\"It\\'s wrong\", 'Oops')</SCRIPT>", vec!["It's wrong", "Oops"]),
            ("<script>alert('\\uD2C0\\uB9BC')</script>", vec!["틀림"]),
            ("<script>load('/app.js'); alert(text)</script>", vec![]),
            ("<noscript><p>Wrong name</p></noscript>", vec!["Wrong name"]),
            ("<script>alert('never closed", vec![]),
        ] {
            assert_eq!(in_html(html), expected, "{html}");
        }
    }
}
