//! `tour`: walks through a whole session, or through an attack, with servers on free ports.

mod lesson;
mod tour_server;

use std::io::BufRead;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::command::{Command, Context, Group};
use super::failure::{Failure, Outcome};
use crate::output::Output;
use crate::texts::Texts;
use crate::tour::{LESSONS, StepKey, Tour};
use tour_server::TourServer;

/// The keys that end the tour: q, and the letter on the same key of a Korean keyboard.
const QUIT_KEYS: [&str; 2] = ["q", "ㅂ"];

#[derive(Debug, Args)]
pub(super) struct TourArgs {
    /// Do not wait between steps
    #[arg(long)]
    auto: bool,
    /// Play an attack and its defense
    #[arg(long, value_name = "NAME", value_parser = lesson_names(), hide_possible_values = true)]
    lesson: Option<String>,
    /// List the lessons
    #[arg(long, conflicts_with = "lesson")]
    list: bool,
}

fn lesson_names() -> PossibleValuesParser {
    PossibleValuesParser::new(LESSONS.iter().map(|lesson| lesson.name))
}

impl Command for TourArgs {
    const NAME: &'static str = "tour";
    const GROUP: Group = Group::Start;
    const ABOUT: &'static str = "Learn how a session works, step by step";
    const DETAILS: Option<&'static str> = Some(
        "Learn how a session works, step by step. The tour starts a server on a free port and shows each request, each \
         response and what they change. Without a terminal, it does not wait between steps. A lesson shows an attack: it \
         succeeds on a server with a fault, and fails on the sound server.",
    );
    const EXAMPLES: &'static str = "  \
  sessctl tour                                   Enter continues, q quits
  sessctl tour --lang ko                         in Korean
  sessctl tour --auto > tour.txt                 all steps at once
  sessctl tour --lesson fixation                 an attack, and what prevents it";
    const SHARED_OPTIONS: &'static [&'static str] = &["reveal", "color", "lang"];

    fn run(self, _: &Context, output: &mut Output) -> Outcome {
        if self.list {
            output.print(&LESSONS[..]);
            return Ok(());
        }
        if output.is_json() {
            return Err(Failure::usage(
                "the tour has no JSON output; history --json prints what commands sent and received",
            ));
        }
        let texts = output.texts;
        let waits = !self.auto && output.is_conversation();
        if let Some(lesson) = self.lesson.and_then(|name| LESSONS.iter().find(|it| it.name == name)) {
            return lesson::teach(lesson, &texts, waits, output);
        }
        let server = TourServer::start(None)?;
        output.tour_begins(&texts, &server.url);
        let outcome = walk(&server, &texts, waits, output);
        server.stop();
        outcome
    }
}

fn walk(server: &TourServer, texts: &Texts, waits: bool, output: &mut Output) -> Outcome {
    let mut tour = Tour::new(server.url.clone(), server.sessions.clone(), server.clock.clone());
    let mut steps = Vec::new();
    for key in StepKey::ALL {
        if waits && !continues(key.number(), StepKey::ALL.len(), texts, output)? {
            return Ok(());
        }
        steps.push(server.runtime.block_on(tour.run(key))?);
        output.tour_step(texts, &steps);
    }
    output.tour_ends(texts);
    Ok(())
}

/// Waits for Enter. The end of the input ends the tour.
fn continues(next: usize, last: usize, texts: &Texts, output: &mut Output) -> Result<bool, Failure> {
    output.tour_prompt(texts, next, last);
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    if read.map_err(Failure::cannot("read standard input"))? == 0 {
        output.tour_input_ended();
        return Ok(false);
    }
    let word = line.trim().to_lowercase();
    Ok(!QUIT_KEYS.contains(&word.as_str()))
}
