//! [`Canvas`]: draws a sequence in a terminal, with lifelines and arrows.

use unicode_width::UnicodeWidthStr;

use super::sequence::{CLIENT, Item, Sequence};
use crate::output::style::{Role, paint};
use crate::output::text_layout::{cut, wrapped};

/// If the width of the terminal is unknown.
pub(super) const DEFAULT_WIDTH: usize = 80;

/// The column of the client's lifeline, and the least distance of lifelines, so that text fits between them.
const CLIENT_AT: usize = 4;
const MIN_GAP: usize = 30;

/// The greatest width of a diagram, however wide the terminal is.
const MAX_WIDTH: usize = 76;

/// The whole diagram, at most `width` columns wide if possible.
pub(super) fn draw(sequence: &Sequence, width: usize, color: bool) -> String {
    let canvas = Canvas::of(sequence, width);
    let mut lines = Vec::new();
    for item in &sequence.items {
        if matches!(item, Item::Heading(_)) && !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(canvas.lines_of(sequence, item, color));
    }
    joined(&lines)
}

/// Joins the lines, without spaces at their ends.
pub(super) fn joined(lines: &[String]) -> String {
    let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    lines.join("\n") + "\n"
}

/// The columns of the servers' lifelines: one place for each server of the sequence.
pub(super) struct Canvas {
    width: usize,
    places: Vec<usize>,
    /// The names of servers that share a lifeline.
    shared: Vec<String>,
}

impl Canvas {
    pub(super) fn of(sequence: &Sequence, width: usize) -> Canvas {
        let width = width.clamp(CLIENT_AT + MIN_GAP, MAX_WIDTH);
        let count = sequence.servers.len().max(1);
        // The last name is centered on its lifeline: half of it needs room on the right.
        let right = sequence.servers.last().map_or(4, |name| name.width().div_ceil(2)).clamp(8, 12);
        let gap = (width - CLIENT_AT - right) / count;
        if gap < MIN_GAP && count > 1 {
            return Canvas { width, places: vec![width - right; count], shared: sequence.servers.clone() };
        }
        let places = (1..=count).map(|number| CLIENT_AT + gap * number).collect();
        Canvas { width, places, shared: Vec::new() }
    }

    /// The lines of one item.
    pub(super) fn lines_of(&self, sequence: &Sequence, item: &Item, color: bool) -> Vec<String> {
        match item {
            Item::Heading(text) => {
                let text = wrapped(text, self.width);
                let mut lines: Vec<String> = text.iter().map(|line| paint(Role::Key, line, color)).collect();
                lines.extend(self.top(sequence));
                lines
            }
            Item::Request { server, text, cookies } => {
                let mut lines: Vec<String> =
                    self.between(*server, &self.labelled(*server, text), false).collect();
                lines.extend(self.between(*server, cookies, false));
                lines.push(self.arrow(*server, true));
                lines
            }
            Item::Response { server, text, well } => {
                let role = if *well { Role::Good } else { Role::Bad };
                let text = self.labelled(*server, text);
                let said = self.between(*server, &text, true).map(|line| paint(role, &line, color));
                said.chain([self.arrow(*server, false)]).collect()
            }
            Item::Note(text) => {
                let note = wrapped(text, self.width.saturating_sub(CLIENT_AT + 2));
                note.iter().map(|line| self.with(&paint(Role::Notable, line, color), line.width())).collect()
            }
        }
    }

    /// The names, and the start of the lifelines.
    pub(super) fn top(&self, sequence: &Sequence) -> [String; 2] {
        [self.names(sequence), self.gap()]
    }

    /// Lifelines without an item.
    pub(super) fn gap(&self) -> String {
        self.with("", 0)
    }

    /// A request and its response in one line, for an earlier step.
    pub(super) fn folded(&self, server: usize, asked: &str, answered: &str) -> String {
        let room = self.room_to(server);
        let answered = cut(answered, room / 2);
        // An arrow is three columns at least, with a space at either end.
        let asked = cut(asked, room.saturating_sub(answered.width() + 5));
        let shaft = room.saturating_sub(asked.width() + answered.width() + 3);
        let line = format!("{asked} {}▶ {answered}", "─".repeat(shaft));
        self.with(&line, line.width())
    }

    fn room_to(&self, server: usize) -> usize {
        self.places[server] - CLIENT_AT - 3
    }

    /// The names, each above its lifeline.
    fn names(&self, sequence: &Sequence) -> String {
        let mut line = CLIENT.to_owned();
        let one_name = ["the servers".to_owned()];
        let names = if self.shared.is_empty() { &sequence.servers[..] } else { &one_name };
        for (name, place) in names.iter().zip(&self.places) {
            let name = cut(name, self.width - CLIENT.len() - 2);
            let start = place.saturating_sub(name.width() / 2).min(self.width.saturating_sub(name.width()));
            let gap = start.saturating_sub(line.width()).max(1);
            line.push_str(&" ".repeat(gap));
            line.push_str(&name);
        }
        line
    }

    /// The text, with the name of the server if servers share a lifeline.
    fn labelled(&self, server: usize, text: &str) -> String {
        self.shared.get(server).map_or_else(|| text.to_owned(), |name| format!("{text} [{name}]"))
    }

    /// A text beside the client's lifeline. It covers the servers' lifelines as far as it is wide.
    fn with(&self, text: &str, text_width: usize) -> String {
        let mut line = " ".repeat(CLIENT_AT) + "│";
        let mut at = CLIENT_AT + 1;
        if text_width > 0 {
            line.push(' ');
            line.push_str(text);
            at += 1 + text_width;
        }
        self.extend_lifelines(&mut line, at);
        line
    }

    /// Appends the servers' lifelines from column `at`.
    fn extend_lifelines(&self, line: &mut String, mut at: usize) {
        for &place in &self.places {
            if place >= at {
                line.push_str(&" ".repeat(place - at));
                line.push('│');
                at = place + 1;
            }
        }
    }

    /// A text between the client and a server, on the left or on the right.
    pub(super) fn between(&self, server: usize, text: &str, right: bool) -> impl Iterator<Item = String> {
        let room = self.room_to(server);
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
        self.extend_lifelines(&mut line, width);
        line
    }
}
