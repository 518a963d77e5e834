//! Everything that is written: the only owner of stdout and stderr, and of what they look like.

mod access_log;
mod cookie_table;
mod decision;
mod error_chain;
mod exchange_view;
mod forms;
mod har;
mod login_trace;
mod network_document;
mod profiles;
mod progress;
mod sequence;
mod server_log;
mod sessions;
mod style;
mod terminal;
mod text_layout;
mod timeline;
mod tour;
mod why;

use std::borrow::Cow;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::process::ExitCode;

use serde::Serialize;

use sessctl::internal::{Masking, Redactor};

pub(crate) use error_chain::error_chain;
pub(crate) use network_document::NetworkDocument;
pub(crate) use profiles::ProfileSummary;
pub(crate) use progress::Bar;
pub(crate) use sequence::Drawing;
pub(crate) use server_log::LogFormat;
use style::{Role, paint, sanitize};
pub(crate) use terminal::ColorChoice;
use terminal::Terminal;

/// Where answers and narration go.
#[derive(Debug)]
pub(crate) struct Output {
    terminal: Terminal,
    json: bool,
    verbose: bool,
    quiet: bool,
    reveal: bool,
    /// Knows the secrets of this command.
    redactor: Redactor,
    /// Whether a JSON document was written.
    answered: bool,
    /// What went wrong with stdout, if anything did.
    broken: Option<io::Error>,
}

impl Output {
    pub(crate) fn new(color: ColorChoice, json: bool, verbose: bool, quiet: bool, reveal: bool) -> Self {
        let terminal = Terminal::probe(color);
        // The crate's switch is one for the process; which stream takes colour is decided here.
        colored::control::set_override(true);
        let redactor = Redactor::new(Masking::for_people(reveal));
        Output { terminal, json, verbose, quiet, reveal, redactor, answered: false, broken: None }
    }

    /// Whether the answer is for machines.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether a machine waits for an answer that it did not get.
    pub(crate) fn owes_json(&self) -> bool {
        self.json && !self.answered
    }

    /// A secret as it may be shown.
    pub(crate) fn shortened<'a>(&self, secret: &'a str) -> Cow<'a, str> {
        style::shortened(secret, self.reveal)
    }

    /// Whether secrets are shown, and recorded, whole.
    pub(crate) fn reveals(&self) -> bool {
        self.reveal
    }

    pub(crate) fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// Whether a progress bar would be seen, and not be in the way.
    pub(crate) fn shows_progress(&self) -> bool {
        self.terminal.stderr.terminal && !self.quiet && !self.verbose
    }

    /// Whether somebody is there to answer a prompt.
    pub(crate) fn can_prompt(&self) -> bool {
        self.terminal.stderr.terminal && io::stdin().is_terminal()
    }

    /// Whether somebody reads the answer as it comes, and can say that it may go on.
    pub(crate) fn is_conversation(&self) -> bool {
        self.terminal.stdout.terminal && io::stdin().is_terminal()
    }

    /// A line of the answer.
    pub(crate) fn answer(&mut self, line: &str) {
        let line = self.shown(line);
        self.write_out(format!("{line}\n").as_bytes());
    }

    /// A text with its secrets masked, unless `--reveal` is set.
    pub(crate) fn masked<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.redactor.text(text)
    }

    /// A line for a terminal: without secrets and control characters.
    fn shown(&self, line: &str) -> String {
        sanitize(&self.masked(line), false).into_owned()
    }

    /// A line of the answer that says that something went well.
    pub(crate) fn success(&mut self, line: &str) {
        let line = paint(Role::Good, &self.shown(line), self.terminal.stdout.color);
        self.write_out(format!("{line}\n").as_bytes());
    }

    /// The answer as it is, for a script; harmless where a person would see it.
    pub(crate) fn answer_raw(&mut self, octets: &[u8]) {
        if self.terminal.stdout.terminal {
            let text = String::from_utf8_lossy(octets);
            self.write_out(sanitize(&text, true).as_bytes());
        } else {
            self.write_out(octets);
        }
    }

    /// Lines that were made harmless, and then coloured.
    fn answer_styled(&mut self, lines: &str) {
        self.write_out(lines.as_bytes());
    }

    /// The answer as a JSON document.
    pub(crate) fn answer_json(&mut self, document: &impl Serialize) {
        self.answered = true;
        match serde_json::to_string_pretty(document) {
            Ok(text) if self.terminal.stdout.terminal => {
                self.write_out(format!("{}\n", style::sanitize_json(&text)).as_bytes());
            }
            Ok(text) => self.write_out(format!("{text}\n").as_bytes()),
            Err(error) => self.broken = Some(error.into()),
        }
    }

    /// The body of a response: as it is on a pipe, harmless on a terminal.
    pub(crate) fn body(&mut self, body: &[u8]) {
        if !self.terminal.stdout.terminal {
            self.write_out(body);
        } else if body.contains(&0) {
            self.info(&format!("(a binary body of {} octets: -o FILE keeps it)", body.len()));
        } else {
            let text = String::from_utf8_lossy(body);
            let mut shown = sanitize(&text, true).into_owned();
            if !shown.is_empty() && !shown.ends_with('\n') {
                shown.push('\n');
            }
            self.write_out(shown.as_bytes());
        }
    }

    /// A line beside the answer, for a person.
    pub(crate) fn info(&self, line: &str) {
        if !self.quiet {
            let line = paint(Role::Quiet, &self.shown(line), self.terminal.stderr.color);
            write_err(&line);
        }
    }

    /// The evidence for a verdict.
    pub(crate) fn evidence(&self, lines: &[String]) {
        for line in lines {
            self.info(&format!("  {line}"));
        }
    }

    /// A warning: shown even to those who want to hear nothing else.
    pub(crate) fn warn(&self, line: &str) {
        let label = paint(Role::Notable, "warning:", self.terminal.stderr.color);
        write_err(&format!("{label} {}", self.shown(line)));
    }

    /// What went wrong, with advice.
    pub(crate) fn error(&self, message: &str, hint: Option<&str>) {
        let label = paint(Role::Bad, "error:", self.terminal.stderr.color);
        write_err(&format!("{label} {}", self.shown(message)));
        if let Some(hint) = hint {
            let label = paint(Role::Key, "hint:", self.terminal.stderr.color);
            write_err(&format!("{label} {}", sanitize(hint, false)));
        }
    }

    /// The code to exit with, once all is written: `code`, unless it could not be written.
    pub(crate) fn finish(mut self, code: u8) -> ExitCode {
        if let Err(error) = io::stdout().flush() {
            self.broken.get_or_insert(error);
        }
        match &self.broken {
            None => ExitCode::from(code),
            // Who reads no further has read enough; the verdict stands.
            Some(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::from(code),
            Some(error) => {
                self.error(&format!("cannot write to standard output: {error}"), None);
                ExitCode::FAILURE
            }
        }
    }

    fn write_out(&mut self, octets: &[u8]) {
        if self.broken.is_none() {
            let mut stdout = io::stdout().lock();
            self.broken = stdout.write_all(octets).and_then(|()| stdout.flush()).err();
        }
    }
}

/// Nobody can be told that stderr is broken.
fn write_err(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
