//! A sequence in a terminal: a line for each side, arrows between them.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{CLIENT, Item, Sequence};
use crate::output::style::{Role, paint};

/// Where nobody says how wide the terminal is.
pub(super) const DEFAULT_WIDTH: usize = 80;

/// Where the client's line stands, and how far apart lines are at least, for words to fit between them.
const CLIENT_AT: usize = 4;
const NARROWEST: usize = 30;

/// No wider, however wide the terminal is.
const WIDEST: usize = 76;

/// The whole diagram, no wider than `width` columns where that is at all possible.
pub(super) fn draw(sequence: &Sequence, width: usize, color: bool) -> String {
    let canvas = Canvas::of(sequence, width);
    let mut lines = Vec::new();
    for item in &sequence.items {
        match item {
            Item::Heading(text) => {
                if !lines.is_empty() {
                    lines.push(String::new());
                }
                lines.extend(
                    wrapped(text, canvas.width).into_iter().map(|line| paint(Role::Key, &line, color)),
                );
                lines.push(canvas.names(sequence));
                lines.push(canvas.with("", 0));
            }
            Item::Request { server, text, cookies } => {
                lines.extend(canvas.between(*server, &canvas.labelled(*server, text), false));
                lines.extend(canvas.between(*server, cookies, false));
                lines.push(canvas.arrow(*server, true));
            }
            Item::Response { server, text, well } => {
                let role = if *well { Role::Good } else { Role::Bad };
                let text = canvas.labelled(*server, text);
                lines.extend(canvas.between(*server, &text, true).map(|line| paint(role, &line, color)));
                lines.push(canvas.arrow(*server, false));
            }
            Item::Note(text) => {
                let room = canvas.width.saturating_sub(CLIENT_AT + 2);
                let note = wrapped(text, room);
                lines.extend(
                    note.iter().map(|line| canvas.with(&paint(Role::Notable, line, color), line.width())),
                );
            }
        }
    }
    let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    lines.join("\n") + "\n"
}

/// Where the lines of the servers stand.
struct Canvas {
    width: usize,
    places: Vec<usize>,
    /// The names of servers that have to share a line.
    shared: Vec<String>,
}

impl Canvas {
    fn of(sequence: &Sequence, width: usize) -> Canvas {
        let width = width.clamp(CLIENT_AT + NARROWEST, WIDEST);
        let count = sequence.servers.len().max(1);
        // The last name stands centred on its line: half of it needs room on the right.
        let right = sequence.servers.last().map_or(4, |name| name.width().div_ceil(2)).clamp(8, 12);
        let gap = (width - CLIENT_AT - right) / count;
        if gap < NARROWEST && count > 1 {
            return Canvas { width, places: vec![width - right; count], shared: sequence.servers.clone() };
        }
        let places = (1..=count).map(|number| CLIENT_AT + gap * number).collect();
        Canvas { width, places, shared: Vec::new() }
    }

    /// The names, each over its line.
    fn names(&self, sequence: &Sequence) -> String {
        let mut line = CLIENT.to_owned();
        let names: Vec<&str> = match self.shared[..] {
            [] => sequence.servers.iter().map(String::as_str).collect(),
            _ => vec!["the servers"],
        };
        for (name, place) in names.iter().zip(&self.places) {
            let name = cut(name, self.width - CLIENT.len() - 2);
            let start = place.saturating_sub(name.width() / 2).min(self.width.saturating_sub(name.width()));
            let gap = start.saturating_sub(line.width()).max(1);
            line.push_str(&" ".repeat(gap));
            line.push_str(&name);
        }
        line
    }

    /// A text that also names its server, where the line does not.
    fn labelled(&self, server: usize, text: &str) -> String {
        self.shared.get(server).map_or_else(|| text.to_owned(), |name| format!("{text} [{name}]"))
    }

    /// A text beside the client's line, over the lines of the servers as far as it is wide.
    fn with(&self, text: &str, text_width: usize) -> String {
        let mut line = " ".repeat(CLIENT_AT) + "│";
        let mut at = CLIENT_AT + 1;
        if text_width > 0 {
            line.push(' ');
            line.push_str(text);
            at += 1 + text_width;
        }
        self.go_on(&mut line, at);
        line
    }

    /// The servers' lines from column `at` on.
    fn go_on(&self, line: &mut String, mut at: usize) {
        for &place in &self.places {
            if place >= at {
                line.push_str(&" ".repeat(place - at));
                line.push('│');
                at = place + 1;
            }
        }
    }

    /// A text between the client and a server, on the left or on the right.
    fn between(&self, server: usize, text: &str, right: bool) -> impl Iterator<Item = String> {
        let room = self.places[server] - CLIENT_AT - 3;
        let lines = if text.is_empty() { Vec::new() } else { wrapped(text, room) };
        lines.into_iter().map(move |line| {
            let pad = if right { room - line.width() } else { 0 };
            let text = " ".repeat(pad) + &line;
            let width = text.width();
            self.with(&text, width)
        })
    }

    fn arrow(&self, server: usize, request: bool) -> String {
        let shaft = "─".repeat(self.places[server] - CLIENT_AT - 2);
        let (text, width) =
            (if request { shaft + "▶" } else { "◀".to_owned() + &shaft }, self.places[server]);
        let mut line = " ".repeat(CLIENT_AT) + "│" + &text;
        self.go_on(&mut line, width);
        line
    }
}

/// Lines no wider than `room` columns, broken between words where there are any.
fn wrapped(text: &str, room: usize) -> Vec<String> {
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
fn cut(text: &str, room: usize) -> String {
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
