//! The tour for people: each step with what it sent, what that changed, and why.

mod closeup;
mod closing;
mod sides;

use std::time::Duration;

use url::Url;

use super::Output;
use super::sequence::{Part, grown};
use super::style::{Role, paint, sanitize};
use super::text_layout::{hanging, width, wrapped};
use crate::texts::Texts;
use crate::tour::{Event, Step, StepKey};

/// No wider, however wide the terminal is; where nobody says how wide it is; and no narrower.
const WIDEST: usize = 76;
const NARROWEST: usize = 30;

/// Below this width what could stand side by side stands one under the other.
const ROOMY: usize = 60;

/// How the tour looks: in which language, how wide.
struct Look<'a> {
    texts: &'a Texts,
    width: usize,
    color: bool,
    reveal: bool,
}

impl Look<'_> {
    /// A heading, with a rule behind it.
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

    /// What follows, named, and then that.
    fn labelled(&self, label: &str, lines: impl IntoIterator<Item = String>) -> Vec<String> {
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

    fn event(&self, event: &Event) -> String {
        match event {
            Event::Deleted(name) => {
                let name = sanitize(name, false);
                self.texts.say_with("tour-event-deleted", &[("name", name.as_ref().into())])
            }
            Event::Replayed(session) => {
                self.texts.say_with("tour-event-replayed", &[("session", (*session).into())])
            }
            Event::Waited(pause) => {
                let pause = self.duration(*pause);
                self.texts.say_with("tour-event-waited", &[("pause", pause.as_str().into())])
            }
        }
    }

    fn part<'s>(&self, step: &'s Step) -> Part<'s> {
        let events = step.events.iter().map(|(at, event)| (*at, self.event(event))).collect();
        let change = sides::summary(step);
        Part { number: step.key.number(), exchanges: &step.exchanges, events, change }
    }

    /// The commands to type, under a label.
    fn commands(&self, label: &str, commands: &[&str]) -> Vec<String> {
        let lines = commands.iter().flat_map(|command| hanging("  $ ", command, self.width));
        self.labelled(label, lines)
    }
}

impl Output {
    fn look<'a>(&self, texts: &'a Texts) -> Look<'a> {
        let width = self.terminal.width.unwrap_or(WIDEST).clamp(NARROWEST, WIDEST);
        Look { texts, width, color: self.terminal.stdout.color, reveal: self.reveal }
    }

    fn paragraphs(&mut self, paragraphs: Vec<Vec<String>>) {
        let shown: Vec<String> =
            paragraphs.into_iter().filter(|lines| !lines.is_empty()).map(|lines| lines.join("\n")).collect();
        self.answer_styled(&format!("{}\n\n", shown.join("\n\n")));
    }

    /// What a session is, and what the tour will do.
    pub(crate) fn tour_begins(&mut self, texts: &Texts, server: &Url) {
        let look = self.look(texts);
        let server = server[..url::Position::AfterPort].to_owned();
        let paragraphs = vec![
            look.heading(&texts.say("tour-title")),
            look.paragraph(&texts.say("tour-intro")),
            look.paragraph(&texts.say_with("tour-server", &[("url", server.as_str().into())])),
            look.paragraph(&texts.say("tour-signs")),
            look.commands(&texts.say("tour-try-server"), &["sessctl serve --time-travel"]),
        ];
        self.paragraphs(paragraphs);
    }

    /// The last of these steps; those before it as far as the diagram tells them.
    pub(crate) fn tour_step(&mut self, texts: &Texts, steps: &[Step]) {
        let (look, verbose) = (self.look(texts), self.verbose);
        let Some(step) = steps.last() else { return };
        let name = step.key.name();
        let parts: Vec<Part<'_>> = steps.iter().map(|step| look.part(step)).collect();
        let title = texts.say(&format!("tour-{name}-title"));
        let heading = [
            ("number", step.key.number().into()),
            ("last", StepKey::ALL.len().into()),
            ("title", title.as_str().into()),
        ];
        let diagram = grown(&parts, look.width, look.reveal, look.color);
        let mut diagram: Vec<String> = diagram.lines().map(str::to_owned).collect();
        if step.compared > 0 {
            let compared = texts.say_with("tour-probes", &[("count", step.compared.into())]);
            diagram.extend(
                hanging("    ", &compared, look.width)
                    .iter()
                    .map(|line| paint(Role::Quiet, line, look.color)),
            );
        }
        let mut paragraphs = vec![
            look.heading(&texts.say_with("tour-heading", &heading)),
            look.paragraph(&texts.say(&format!("tour-{name}-text"))),
            diagram,
        ];
        if verbose {
            paragraphs.extend(step.exchanges.iter().map(|exchange| self.whole(exchange, &look)));
        }
        paragraphs.extend(step.closeups.iter().map(|closeup| self.closeup(step, closeup, &look)));
        paragraphs.push(sides::beside(step, &look));
        paragraphs.push(look.commands(&texts.say("tour-try-step"), step.key.commands()));
        self.paragraphs(paragraphs);
    }

    /// Asks whether to go on to the step of this number.
    pub(crate) fn tour_prompt(&mut self, texts: &Texts, next: usize) {
        let values = [("next", next.into()), ("last", StepKey::ALL.len().into())];
        let prompt =
            paint(Role::Notable, &texts.say_with("tour-prompt", &values), self.terminal.stdout.color);
        self.answer_styled(&format!("{prompt} "));
    }

    /// Leaves the line of a prompt that nobody answered.
    pub(crate) fn tour_broken_off(&mut self) {
        self.answer_styled("\n");
    }
}
