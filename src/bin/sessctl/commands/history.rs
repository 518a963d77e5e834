//! `history`: shows the profile's flows as a timeline, a diagram, a HAR or a script.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};

use sessctl::client::profile::history::HistoryEntry;

use super::command::{Command, Context, Group};
use super::failure::{Failure, Outcome};
use crate::output::{Drawing, Output, ScriptFor, har, script};
use crate::texts::Message;

/// How many commands are shown by default.
const IN_TIMELINE: usize = 10;
const IN_DRAWING: usize = 1;

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("drawing").args(["har", "curl", "hurl", "diagram", "mermaid", "svg", "clear"]))]
pub(super) struct HistoryArgs {
    /// Numbers of the commands to show
    #[arg(value_name = "NUMBER", conflicts_with = "last")]
    numbers: Vec<u64>,
    /// Only the last N commands
    ///
    /// Default: 10; for a diagram or a script 1; for a HAR all.
    #[arg(long, short = 'n', value_name = "N")]
    last: Option<usize>,
    /// As HAR 1.2, for browsers' network panels
    #[arg(long)]
    har: bool,
    /// As a shell script that repeats it with curl
    ///
    /// Secrets, and bodies, which are not recorded, are variables. It checks the status of each response.
    #[arg(long)]
    curl: bool,
    /// As a file that repeats it with hurl
    ///
    /// Secrets, and bodies, which are not recorded, are variables. It checks the status of each response.
    #[arg(long)]
    hurl: bool,
    /// As a sequence diagram
    #[arg(long)]
    diagram: bool,
    /// As a sequence diagram in Mermaid
    #[arg(long)]
    mermaid: bool,
    /// As a sequence diagram in SVG (- for stdout)
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Delete the history
    #[arg(long, conflicts_with_all = ["numbers", "last"])]
    clear: bool,
}

impl Command for HistoryArgs {
    const NAME: &'static str = "history";
    const GROUP: Group = Group::History;
    const ABOUT: &'static str = "Show what the profile's commands sent and received";
    const DETAILS: Option<&'static str> = Some(
        "Show what the profile's commands sent and received, and what that changed in the jar. login, visit, submit, \
         logout and clock are recorded.",
    );
    const EXAMPLES: &'static str = "  \
  sessctl history                                the steps and what they changed
  sessctl history 12 -v                          command 12 with all headers
  sessctl history --last 3 --diagram             a sequence diagram
  sessctl history --har > network.har            for a browser's network panel
  sessctl history --last 3 --svg flow.svg
  sessctl history --last 2 --curl > flow.sh      a script that repeats it";
    const SHARED_OPTIONS: &'static [&'static str] =
        &["json", "verbose", "quiet", "reveal", "color", "lang", "profile", "jar"];

    fn run(self, context: &Context, output: &mut Output) -> Outcome {
        let Some(file) = context.client.history_file()? else {
            return Err(Failure::usage(Message::new(
                "error-history-of-jar",
                "cannot show the history of a jar given with --jar: only profiles have a history; use --profile NAME",
            )));
        };
        if self.clear {
            file.clear()?;
            output.info("the history is deleted; the cookies are unchanged");
            return Ok(());
        }
        let records = self.selected(file.read(output.reveals())?)?;
        if records.is_empty() && !output.is_json() {
            output.info("the history is empty: login, visit, submit and logout add to it");
        }
        if self.har {
            output.answer_json(&har(&records));
        } else if self.curl || self.hurl {
            let program = if self.curl { ScriptFor::Curl } else { ScriptFor::Hurl };
            output.answer_raw(script(&records, program).as_bytes());
        } else if self.diagram {
            output.answer_diagram(&records, Drawing::Terminal);
        } else if self.mermaid {
            output.answer_diagram(&records, Drawing::Mermaid);
        } else if let Some(path) = &self.svg {
            return write_svg(path, &records, output);
        } else {
            output.print(&records[..]);
        }
        Ok(())
    }
}

impl HistoryArgs {
    fn selected(&self, all: Vec<(u64, HistoryEntry)>) -> Result<Vec<(u64, HistoryEntry)>, Failure> {
        let is_missing = |wanted: &&u64| !all.iter().any(|(number, _)| number == *wanted);
        if let Some(missing) = self.numbers.iter().find(is_missing) {
            let range = match (all.first(), all.last()) {
                (Some((first, _)), Some((last, _))) => {
                    Message::new("error-entry-range", format!("it has {first} to {last}"))
                        .with("first", first.to_string())
                        .with("last", last.to_string())
                }
                _ => Message::new("error-history-empty", "it is empty"),
            };
            let english = format!("cannot show number {missing} of the history: {range}");
            let message = Message::new("error-no-such-entry", english).with("number", missing.to_string());
            return Err(Failure::failed(message.with("range", range)));
        }
        if !self.numbers.is_empty() {
            return Ok(all.into_iter().filter(|(number, _)| self.numbers.contains(number)).collect());
        }
        let by_default = if self.har {
            all.len()
        } else if self.diagram || self.mermaid || self.svg.is_some() || self.curl || self.hurl {
            IN_DRAWING
        } else {
            IN_TIMELINE
        };
        let skipped = all.len().saturating_sub(self.last.unwrap_or(by_default));
        Ok(all.into_iter().skip(skipped).collect())
    }
}

fn write_svg(path: &Path, records: &[(u64, HistoryEntry)], output: &mut Output) -> Outcome {
    if path == Path::new("-") {
        output.answer_diagram(records, Drawing::Svg);
        return Ok(());
    }
    let svg = output.diagram(records, Drawing::Svg);
    std::fs::write(path, svg).map_err(Failure::with_file("write", path))?;
    output.info(&format!("wrote {}", path.display()));
    Ok(())
}
