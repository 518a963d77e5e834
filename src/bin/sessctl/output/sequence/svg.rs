//! A sequence as an SVG of 800 units in width, in the light or dark color scheme of its reader.

use askama::Template;
use unicode_width::UnicodeWidthChar;

use super::sequence::{CLIENT, Item, Sequence};

const WIDTH: usize = 800;
/// The positions of the client's lifeline and of the last server's.
const CLIENT_AT: usize = 60;
const LAST_AT: usize = 720;
/// The height of a line of text and the width of a character, with some reserve.
const LINE: usize = 20;
const CHARACTER: usize = 8;

#[derive(Template)]
#[template(path = "sequence.svg", config = "src/bin/sessctl/output/templates/askama.toml")]
struct SvgDrawing {
    width: usize,
    height: usize,
    lines: Vec<Lifeline>,
    top: usize,
    texts: Vec<Text>,
    arrows: Vec<Arrow>,
}

struct Lifeline {
    x: usize,
    name: String,
    /// Whether the `start`, `middle` or `end` of the name is at `x`.
    anchor: &'static str,
}

struct Text {
    x: usize,
    y: usize,
    class: &'static str,
    anchor: &'static str,
    text: String,
}

struct Arrow {
    from: usize,
    to: usize,
    y: usize,
    class: &'static str,
}

/// The whole drawing.
pub(super) fn write(sequence: &Sequence) -> String {
    let count = sequence.servers.len().max(1);
    let place = |server: usize| CLIENT_AT + (LAST_AT - CLIENT_AT) * (server + 1) / count;
    let top = 3 * LINE;
    let (mut y, mut texts, mut arrows) = (top + LINE, Vec::new(), Vec::new());
    for item in &sequence.items {
        let (x, room, class, anchor, text) = match item {
            Item::Heading(text) => {
                y += LINE;
                (CLIENT_AT + 10, WIDTH - CLIENT_AT - 20, "heading", "start", vec![text.clone()])
            }
            Item::Request { server, text, cookies } => {
                let text = [text, cookies].into_iter().filter(|text| !text.is_empty()).cloned().collect();
                (CLIENT_AT + 10, place(*server) - CLIENT_AT - 20, "request", "start", text)
            }
            Item::Response { server, text, well } => {
                let class = if *well { "response" } else { "failed" };
                (place(*server) - 10, place(*server) - CLIENT_AT - 20, class, "end", vec![text.clone()])
            }
            Item::Note(text) => (CLIENT_AT + 10, WIDTH - CLIENT_AT - 20, "note", "start", vec![text.clone()]),
        };
        for text in text.iter().flat_map(|text| wrapped(text, room / CHARACTER)) {
            texts.push(Text { x, y, class, anchor, text });
            y += LINE;
        }
        match item {
            Item::Request { server, .. } => {
                arrows.push(Arrow { from: CLIENT_AT, to: place(*server), y: y - LINE / 2, class: "request" });
                y += LINE;
            }
            Item::Response { server, well, .. } => {
                let class = if *well { "response" } else { "failed" };
                arrows.push(Arrow { from: place(*server), to: CLIENT_AT, y: y - LINE / 2, class });
                y += LINE;
            }
            Item::Heading(_) | Item::Note(_) => {}
        }
    }
    let mut lines = vec![Lifeline { x: CLIENT_AT, name: CLIENT.to_owned(), anchor: "middle" }];
    lines.extend(sequence.servers.iter().enumerate().map(|(number, name)| {
        let is_last = number + 1 == count;
        Lifeline { x: place(number), name: name.clone(), anchor: if is_last { "end" } else { "middle" } }
    }));
    let drawing = SvgDrawing { width: WIDTH, height: y + LINE, lines, top, texts, arrows };
    // Rendering fails only if the writer fails, and a string does not.
    drawing.render().unwrap_or_default()
}

/// Lines of at most `room` narrow characters.
fn wrapped(text: &str, room: usize) -> Vec<String> {
    let (mut lines, mut used) = (vec![String::new()], 0);
    for c in text.chars() {
        let width = c.width().unwrap_or(0);
        if used + width > room.max(2) {
            lines.push(String::new());
            used = 0;
        }
        used += width;
        if let Some(line) = lines.last_mut() {
            // XML does not allow these two characters.
            line.push(if matches!(c, '\u{FFFE}' | '\u{FFFF}') { '\u{FFFD}' } else { c });
        }
    }
    lines
}
