//! A sequence as Mermaid, which many Markdown renderers draw.

use super::sequence::{CLIENT, Item, Sequence};

/// The whole diagram.
pub(super) fn write(sequence: &Sequence) -> String {
    let mut lines = vec!["sequenceDiagram".to_owned(), format!("    participant c as {CLIENT}")];
    for (number, server) in sequence.servers.iter().enumerate() {
        lines.push(format!("    participant s{number} as {}", escaped(server)));
    }
    let last = sequence.servers.len().checked_sub(1).map_or("c".to_owned(), |last| format!("c,s{last}"));
    for item in &sequence.items {
        lines.push(match item {
            Item::Heading(text) => format!("    Note over {last}: {}", escaped(text)),
            Item::Request { server, text, cookies } if cookies.is_empty() => {
                format!("    c->>s{server}: {}", escaped(text))
            }
            Item::Request { server, text, cookies } => {
                format!("    c->>s{server}: {}<br/>{}", escaped(text), escaped(cookies))
            }
            Item::Response { server, text, well: true } => format!("    s{server}-->>c: {}", escaped(text)),
            Item::Response { server, text, well: false } => format!("    s{server}--xc: {}", escaped(text)),
            Item::Note(text) => format!("    Note left of c: {}", escaped(text)),
        });
    }
    lines.join("\n") + "\n"
}

/// Escapes characters that have a meaning in Mermaid or in the HTML that it generates.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() || " /.,=?()_…-+~!>".contains(c) && c != '>' {
            safe.push(c);
        } else {
            safe.push_str(&format!("#{};", u32::from(c)));
        }
    }
    safe
}
