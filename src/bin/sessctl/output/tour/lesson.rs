//! A lesson: what attacker, victim and server send and keep in each step, and what makes the difference.

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderName, HeaderValue, StatusCode};
use url::Url;

use sessctl::client::Exchange;
use sessctl::internal::{Masking, Redactor};

use super::layout::Layout;
use super::lesson_list::check_of;
use super::lesson_state;
use super::state_diff::{DiffEntry, Mark};
use crate::output::exchange_view::{cookie_pair, header_value, title_case};
use crate::output::output::Output;
use crate::output::style::{Role, sanitize};
use crate::output::text_layout::{hanging, padded, width};
use crate::texts::Texts;
use crate::tour::{Lesson, LessonServer, Party, PlayedStep, Sent, StepProof, TourError};

/// How to add 1 to a number of `serve`, and of another application.
const WRITE_OF_SERVE: &str = " --write 'POST /counter' --value /count";
const WRITE_OF_OTHERS: &str = " --write 'METHOD PATH' --value POINTER";

impl Output {
    pub(crate) fn lesson_begins(&mut self, texts: &Texts, lesson: &Lesson) {
        if lesson.shows_tokens {
            // The servers of these tokens end with the lesson.
            self.reveal = true;
            self.redactor = Redactor::new(Masking::for_people(true));
        }
        let layout = self.layout(texts);
        let say = |part: &str| texts.say(&format!("lesson-{}-{part}", lesson.name));
        self.paragraphs(vec![
            layout.heading(&say("title")),
            layout.paragraph(&say("text")),
            layout.paragraph(&texts.say("lesson-parties")),
            layout.paragraph(&texts.say("tour-signs")),
        ]);
    }

    /// Introduces the server of the next steps.
    pub(crate) fn lesson_server(&mut self, texts: &Texts, lesson: &Lesson, kind: LessonServer, url: &Url) {
        let layout = self.layout(texts);
        let url = url[..url::Position::AfterPort].to_owned();
        let text = match kind {
            LessonServer::Weakened => {
                let values = [("url", url.as_str().into()), ("weakness", lesson.weakness.into())];
                texts.say_with("lesson-begins-weakened", &values)
            }
            LessonServer::Sound => texts.say_with("lesson-begins-sound", &[("url", url.as_str().into())]),
        };
        self.paragraphs(vec![layout.paragraph(&text)]);
    }

    pub(crate) fn lesson_step(&mut self, texts: &Texts, lesson: &Lesson, played: &PlayedStep) {
        let layout = self.layout(texts);
        let (step, is_weakened) = (played.step, played.server == LessonServer::Weakened);
        let server = server_name(played.server, texts);
        let title = texts.say(&format!("lesson-step-{}-title", step.name));
        let number = 1 + lesson.steps.iter().position(|it| it.name == step.name).unwrap_or_default();
        let heading = [
            ("server", server.as_str().into()),
            ("number", number.into()),
            ("last", lesson.steps.len().into()),
            ("title", title.as_str().into()),
        ];
        let mut paragraphs = vec![layout.heading(&texts.say_with("lesson-heading", &heading))];
        if is_weakened {
            paragraphs.push(layout.paragraph(&texts.say(&format!("lesson-step-{}-text", step.name))));
        }
        let (before, after) = (&played.before, &played.after);
        paragraphs.push(
            [
                party(
                    &texts.say("lesson-attacker"),
                    self.requests(Party::Attacker, lesson, played, &layout),
                    &lesson_state::cookies((&before.attacker, &after.attacker), &layout),
                    &layout,
                ),
                party(
                    &texts.say("lesson-victim"),
                    self.requests(Party::Victim, lesson, played, &layout),
                    &lesson_state::cookies((&before.victim, &after.victim), &layout),
                    &layout,
                ),
                party(
                    &texts.say("lesson-server"),
                    self.responses(played),
                    &lesson_state::sessions((&before.server, &after.server), &layout),
                    &layout,
                ),
            ]
            .concat(),
        );
        if self.verbose {
            paragraphs.extend(played.exchanges().map(|exchange| self.full_exchange(exchange, &layout)));
        }
        if let StepProof::Attack(_) = step.proof {
            let (result, role) = if is_weakened { ("succeeds", Role::Bad) } else { ("fails", Role::Good) };
            let result = layout.paragraph(&texts.say(&format!("lesson-{}-{result}", lesson.name)));
            paragraphs.push(result.iter().map(|line| layout.painted(Some(role), line)).collect());
        }
        self.paragraphs(paragraphs);
    }

    pub(crate) fn lesson_ends(
        &mut self,
        texts: &Texts,
        lesson: &Lesson,
        played: &[PlayedStep],
    ) -> Result<(), TourError> {
        let layout = self.layout(texts);
        let mut paragraphs = vec![
            layout.heading(&texts.say("lesson-difference")),
            layout.paragraph(&texts.say(&format!("lesson-{}-fix", lesson.name))),
        ];
        if let Some(header) = lesson.header {
            for step in played.iter().filter(|it| it.step.name == header.step) {
                let server = server_name(step.server, texts);
                let label = texts.say_with("lesson-seen", &[("server", server.as_str().into())]);
                let exchange = step.exchanges().next();
                let lines = exchange.map(|it| self.decisive_lines(it, header.name)).unwrap_or_default();
                let lines = lines.iter().flat_map(|(side, line)| hanging(side, line, layout.width));
                paragraphs.push(layout.labeled(&label, lines));
            }
        }
        for (kind, code) in &lesson.code {
            let server = server_name(*kind, texts);
            let values = [("server", server.as_str().into()), ("file", code.file.into())];
            let label = texts.say_with("lesson-code", &values);
            paragraphs.push(layout.labeled(&label, hanging("    ", code.text()?, layout.width)));
        }
        let check = check_of(lesson);
        let (write, others_write) = if lesson.writes { (WRITE_OF_SERVE, WRITE_OF_OTHERS) } else { ("", "") };
        let serve = format!("sessctl serve --weaken {}", lesson.weakness);
        let audit = format!("sessctl audit http://127.0.0.1:8000 --user alice --only {check}{write}");
        let own = format!("sessctl audit URL --user NAME --only {check}{others_write}");
        paragraphs.push(layout.commands(&texts.say("lesson-find-fault"), &[&serve, &audit]));
        paragraphs.push(layout.commands(&texts.say("lesson-test-own"), &[&own]));
        self.paragraphs(paragraphs);
        Ok(())
    }

    /// What an attacker or a victim sends.
    fn requests(
        &self,
        party: Party,
        lesson: &Lesson,
        played: &PlayedStep,
        layout: &Layout<'_>,
    ) -> Vec<String> {
        let is_shown =
            |name: &HeaderName| *name == COOKIE || lesson.header.is_some_and(|header| header.name == *name);
        let mut lines = Vec::new();
        for sent in &played.sent {
            match sent {
                Sent::Cookie(line) if party == Party::Attacker => {
                    let line = self.style().redactor.header("set-cookie", line).into_owned();
                    let line = format!("Set-Cookie: {line}");
                    lines.push(to_victim(&line, layout));
                }
                Sent::Page { origin, form } if party == Party::Attacker => {
                    let values = [("origin", origin.as_str().into()), ("form", form.as_str().into())];
                    let page = layout.texts.say_with("lesson-page", &values);
                    lines.push(to_victim(&page, layout));
                }
                Sent::ReadCookies(pairs) if party == Party::Victim => {
                    let read = format!("document.cookie = \"{}\"", cookie_pair(pairs, layout.reveal));
                    let read = sanitize(&read, false);
                    lines
                        .push(layout.texts.say_with("lesson-to-attacker", &[("what", read.as_ref().into())]));
                }
                Sent::Request { by, times, body, exchange, .. } if *by == party => {
                    let times = if *times > 1 { format!("{times} × ") } else { String::new() };
                    lines.push(format!("{times}{} {body}", request_line(exchange)).trim_end().to_owned());
                    let headers = exchange.request.headers.iter().filter(|(name, _)| is_shown(name));
                    lines.extend(headers.map(|(name, value)| self.header_line(name, value)));
                    for decision in &exchange.cookies {
                        let Some(reason) = decision.withheld else { continue };
                        let (name, reason) = (decision.name.to_text(), reason.to_string());
                        let values = [("name", (&*name).into()), ("reason", reason.as_str().into())];
                        lines.push(layout.texts.say_with("lesson-withheld", &values));
                    }
                }
                _ => {}
            }
        }
        lines
    }

    /// What the server sends.
    fn responses(&self, played: &PlayedStep) -> Vec<String> {
        let mut lines = Vec::new();
        let is_alone = played.exchanges().count() == 1;
        for sent in &played.sent {
            let Sent::Request { times, exchange, answer, .. } = sent else { continue };
            let Some(response) = &exchange.response else { continue };
            let times = if *times > 1 { format!("{times} × ") } else { String::new() };
            let request = if is_alone { String::new() } else { format!("{}: ", request_line(exchange)) };
            lines.push(format!("{times}{request}{}", status_line(response.status)));
            let cookies = response.headers.get_all(SET_COOKIE).iter();
            lines.extend(cookies.map(|value| self.header_line(&SET_COOKIE, value)));
            lines.extend(answer.clone());
        }
        lines
    }

    /// The header, and the status of the response.
    fn decisive_lines(&self, exchange: &Exchange, name: &str) -> Vec<(&'static str, String)> {
        let requested = exchange.request.headers.iter().filter(|(it, _)| it == name);
        let mut lines: Vec<_> =
            requested.map(|(name, value)| ("  > ", self.header_line(name, value))).collect();
        let Some(response) = &exchange.response else { return lines };
        lines.push(("  < ", status_line(response.status)));
        let received = response.headers.iter().filter(|(it, _)| *it == name);
        lines.extend(received.map(|(name, value)| ("  < ", self.header_line(name, value))));
        lines
    }

    fn header_line(&self, name: &HeaderName, value: &HeaderValue) -> String {
        format!("{}: {}", title_case(name.as_str()), header_value(name, value, &self.style()))
    }
}

fn server_name(server: LessonServer, texts: &Texts) -> String {
    match server {
        LessonServer::Weakened => texts.say("lesson-server-weakened"),
        LessonServer::Sound => texts.say("lesson-server-sound"),
    }
}

fn to_victim(what: &str, layout: &Layout<'_>) -> String {
    let what = sanitize(what, false);
    layout.texts.say_with("lesson-to-victim", &[("what", what.as_ref().into())])
}

fn request_line(exchange: &Exchange) -> String {
    format!("{} {}", exchange.request.method, exchange.request.url.path())
}

fn status_line(status: StatusCode) -> String {
    status.to_string()
}

/// The name, what the party sends, and what it keeps.
fn party(name: &str, sent: Vec<String>, kept: &[DiffEntry], layout: &Layout<'_>) -> Vec<String> {
    let nothing = || vec![layout.texts.say("tour-nothing")];
    let sent = if sent.is_empty() { nothing() } else { sent };
    let (sends, keeps) = (layout.texts.say("lesson-sends"), layout.texts.say("lesson-keeps"));
    let room = width(&sends).max(width(&keeps));
    let first = |label: &str, at: usize| {
        let label = if at == 0 { label } else { "" };
        format!("  {}  ", padded(label, room))
    };
    let mut lines = vec![layout.painted(Some(Role::Key), name)];
    for (at, line) in sent.iter().enumerate() {
        lines.extend(hanging(&first(&sends, at), line, layout.width));
    }
    for (at, entry) in kept.iter().enumerate() {
        let start = first(&keeps, at);
        let entry_lines = entry.lines(layout.width.saturating_sub(width(&start)));
        lines.extend(entry_lines.enumerate().map(|(row, (line, role))| {
            let start = if row == 0 { start.clone() } else { " ".repeat(width(&start)) };
            let line = if entry.mark == Mark::Same { line.trim_start().to_owned() } else { line };
            format!("{start}{}", layout.painted(role, &line))
        }));
    }
    lines
}
