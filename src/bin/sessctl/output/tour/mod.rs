//! The tour: the text of each step, its exchanges, and the changes of state.

mod detail;
mod layout;
mod lesson;
mod lesson_list;
mod lesson_state;
mod state_diff;
mod summary;

use url::Url;

use super::output::Output;
use super::sequence::{Part, grown};
use super::style::{Role, paint, sanitize};
use super::text_layout::hanging;
use crate::texts::Texts;
use crate::tour::{Step, StepKey, StepPlan, TourEvent};

use layout::{Layout, MAX_WIDTH, MIN_WIDTH};

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
        let StepPlan { name, commands, .. } = step.key.plan();
        let parts: Vec<Part<'_>> = steps.iter().map(|step| part(step, &layout)).collect();
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
            let probes = hanging("    ", &probes, layout.width);
            diagram.extend(probes.iter().map(|line| layout.painted(Some(Role::Quiet), line)));
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
        paragraphs.push(layout.commands(&texts.say("tour-try-step"), commands));
        self.paragraphs(paragraphs);
    }

    /// Asks whether to continue with the step of this number.
    pub(crate) fn tour_prompt(&mut self, texts: &Texts, next: usize, last: usize) {
        let values = [("next", next.into()), ("last", last.into())];
        let prompt =
            paint(Role::Notable, &texts.say_with("tour-prompt", &values), self.terminal.stdout.color);
        self.answer_styled(&format!("{prompt} "));
    }

    /// Ends the line of the prompt after the end of the input.
    pub(crate) fn tour_input_ended(&mut self) {
        self.answer_styled("\n");
    }
}

fn event_line(event: &TourEvent, layout: &Layout<'_>) -> String {
    match event {
        TourEvent::Deleted(name) => {
            let name = sanitize(name, false);
            layout.texts.say_with("tour-event-deleted", &[("name", name.as_ref().into())])
        }
        TourEvent::Replayed(session) => {
            layout.texts.say_with("tour-event-replayed", &[("session", (*session).into())])
        }
        TourEvent::Waited(pause) => {
            let pause = layout.duration(*pause);
            layout.texts.say_with("tour-event-waited", &[("pause", pause.as_str().into())])
        }
    }
}

fn part<'s>(step: &'s Step, layout: &Layout<'_>) -> Part<'s> {
    let events = step.events.iter().map(|(at, event)| (*at, event_line(event, layout))).collect();
    let change = state_diff::change_of_cookies(step);
    Part { number: step.key.number(), exchanges: &step.exchanges, events, change }
}
