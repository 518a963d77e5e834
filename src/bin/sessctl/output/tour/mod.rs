//! The tour: the text of each step, its exchanges, and the changes of state.

mod detail;
mod state_diff;
mod summary;

use std::time::Duration;

use url::Url;

use super::Output;
use super::sequence::{Part, grown};
use super::style::{Role, paint, sanitize};
use super::text_layout::{hanging, width, wrapped};
use crate::texts::Texts;
use crate::tour::{Step, StepKey, TourEvent};

/// The width if the terminal is wider, or its width is unknown.
const MAX_WIDTH: usize = 76;
const MIN_WIDTH: usize = 30;

/// Below this width there is only one column.
const TWO_COLUMNS_WIDTH: usize = 60;

struct Layout<'a> {
    texts: &'a Texts,
    width: usize,
    color: bool,
    reveal: bool,
}

impl Layout<'_> {
    /// A heading, followed by a horizontal line.
    fn heading(&self, text: &str) -> Vec<String> {
        let mut lines = hanging("── ", text, self.width);
        if let Some(last) = lines.last_mut() {
            last.push(' ');
            let rest = self.width.saturating_sub(width(last));
            last.push_str(&"─".repeat(rest));
        }
        lines.into_iter().map(|line| paint(Role::Key, &line, self.color)).collect()
    }

    fn paragraph(&self, text: &str) -> Vec<String> {
        wrapped(text, self.width)
    }

    fn labeled(&self, label: &str, lines: impl IntoIterator<Item = String>) -> Vec<String> {
        let label = wrapped(label, self.width).into_iter().map(|line| paint(Role::Quiet, &line, self.color));
        label.chain(lines).collect()
    }

    fn duration(&self, duration: Duration) -> String {
        let minutes = duration.as_secs() / 60;
        let (hours, rest) = (minutes / 60, minutes % 60);
        let values = [("hours", hours.into()), ("minutes", rest.into())];
        match (hours, rest) {
            (0, _) => self.texts.say_with("tour-minutes", &values),
            (_, 0) => self.texts.say_with("tour-hours", &values),
            _ => self.texts.say_with("tour-hours-and-minutes", &values),
        }
    }

    fn event(&self, event: &TourEvent) -> String {
        match event {
            TourEvent::Deleted(name) => {
                let name = sanitize(name, false);
                self.texts.say_with("tour-event-deleted", &[("name", name.as_ref().into())])
            }
            TourEvent::Replayed(session) => {
                self.texts.say_with("tour-event-replayed", &[("session", (*session).into())])
            }
            TourEvent::Waited(pause) => {
                let pause = self.duration(*pause);
                self.texts.say_with("tour-event-waited", &[("pause", pause.as_str().into())])
            }
        }
    }

    fn part<'s>(&self, step: &'s Step) -> Part<'s> {
        let events = step.events.iter().map(|(at, event)| (*at, self.event(event))).collect();
        let change = state_diff::cookie_changes(step);
        Part { number: step.key.number(), exchanges: &step.exchanges, events, change }
    }

    /// The commands to type, under a label.
    fn commands(&self, label: &str, commands: &[&str]) -> Vec<String> {
        let lines = commands.iter().flat_map(|command| hanging("  $ ", command, self.width));
        self.labeled(label, lines)
    }
}

impl Output {
    fn layout<'a>(&self, texts: &'a Texts) -> Layout<'a> {
        let width = self.terminal.width.unwrap_or(MAX_WIDTH).clamp(MIN_WIDTH, MAX_WIDTH);
        Layout { texts, width, color: self.terminal.stdout.color, reveal: self.reveal }
    }

    fn paragraphs(&mut self, paragraphs: Vec<Vec<String>>) {
        let shown: Vec<String> =
            paragraphs.into_iter().filter(|lines| !lines.is_empty()).map(|lines| lines.join("\n")).collect();
        self.answer_styled(&format!("{}\n\n", shown.join("\n\n")));
    }

    pub(crate) fn tour_begins(&mut self, texts: &Texts, server: &Url) {
        let layout = self.layout(texts);
        let server = server[..url::Position::AfterPort].to_owned();
        let paragraphs = vec![
            layout.heading(&texts.say("tour-title")),
            layout.paragraph(&texts.say("tour-intro")),
            layout.paragraph(&texts.say_with("tour-server", &[("url", server.as_str().into())])),
            layout.paragraph(&texts.say("tour-signs")),
            layout.commands(&texts.say("tour-try-server"), &["sessctl serve --time-travel"]),
        ];
        self.paragraphs(paragraphs);
    }

    /// Renders the last step. The diagram also shows the steps before it.
    pub(crate) fn tour_step(&mut self, texts: &Texts, steps: &[Step]) {
        let (layout, verbose) = (self.layout(texts), self.verbose);
        let Some(step) = steps.last() else { return };
        let name = step.key.name();
        let parts: Vec<Part<'_>> = steps.iter().map(|step| layout.part(step)).collect();
        let title = texts.say(&format!("tour-{name}-title"));
        let heading = [
            ("number", step.key.number().into()),
            ("last", StepKey::ALL.len().into()),
            ("title", title.as_str().into()),
        ];
        let diagram = grown(&parts, layout.width, layout.reveal, layout.color);
        let mut diagram: Vec<String> = diagram.lines().map(str::to_owned).collect();
        if step.probes > 0 {
            let probes = texts.say_with("tour-probes", &[("count", step.probes.into())]);
            diagram.extend(
                hanging("    ", &probes, layout.width)
                    .iter()
                    .map(|line| paint(Role::Quiet, line, layout.color)),
            );
        }
        let mut paragraphs = vec![
            layout.heading(&texts.say_with("tour-heading", &heading)),
            layout.paragraph(&texts.say(&format!("tour-{name}-text"))),
            diagram,
        ];
        if verbose {
            paragraphs.extend(step.exchanges.iter().map(|exchange| self.full_exchange(exchange, &layout)));
        }
        paragraphs.extend(step.details.iter().map(|detail| self.detail(step, detail, &layout)));
        paragraphs.push(state_diff::side_by_side(step, &layout));
        paragraphs.push(layout.commands(&texts.say("tour-try-step"), step.key.commands()));
        self.paragraphs(paragraphs);
    }

    /// Asks whether to continue with the step of this number.
    pub(crate) fn tour_prompt(&mut self, texts: &Texts, next: usize) {
        let values = [("next", next.into()), ("last", StepKey::ALL.len().into())];
        let prompt =
            paint(Role::Notable, &texts.say_with("tour-prompt", &values), self.terminal.stdout.color);
        self.answer_styled(&format!("{prompt} "));
    }

    /// Ends the line of the prompt after the end of the input.
    pub(crate) fn tour_input_ended(&mut self) {
        self.answer_styled("\n");
    }
}
