//! [`Output`]: the only code that writes to stdout and stderr.

use std::borrow::Cow;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::process::ExitCode;

use http::header::CONTENT_TYPE;
use serde::Serialize;

use sessctl::client::Response;
use sessctl::internal::{Masking, Redactor};

use super::json_text::indented;
use super::style::{self, Role, Style, paint, sanitize};
use super::terminal::{ColorChoice, Terminal};
use super::view::View;
use crate::texts::{Message, Texts};

/// The columns of a terminal whose width is unknown.
const DEFAULT_WIDTH: usize = 100;

/// Writes results to stdout and messages to stderr.
#[derive(Debug)]
pub(crate) struct Output {
    /// In the language of the user.
    pub(crate) texts: Texts,
    pub(super) terminal: Terminal,
    pub(super) json: bool,
    pub(super) verbose: bool,
    pub(super) quiet: bool,
    pub(super) reveal: bool,
    /// Knows the secrets of this command.
    pub(super) redactor: Redactor,
    /// Whether a JSON document was written.
    pub(super) answered: bool,
    /// The exit code of another program, which this one returns.
    pub(super) exit: Option<u8>,
    /// Why stdout could not be written.
    pub(super) broken: Option<io::Error>,
}

impl Output {
    pub(crate) fn new(
        texts: Texts,
        color: ColorChoice,
        json: bool,
        verbose: bool,
        quiet: bool,
        reveal: bool,
    ) -> Self {
        let terminal = Terminal::probe(color);
        // The crate has one switch for the process. `Terminal` decides for each stream.
        colored::control::set_override(true);
        let redactor = Redactor::new(Masking::for_people(reveal));
        let (answered, exit, broken) = (false, None, None);
        Output { texts, terminal, json, verbose, quiet, reveal, redactor, answered, exit, broken }
    }

    /// Whether the result is printed as JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether a JSON document is expected and was not printed yet.
    pub(crate) fn owes_json(&self) -> bool {
        self.json && !self.answered
    }

    /// The prefix of a secret.
    pub(crate) fn shortened<'a>(&self, secret: &'a str) -> Cow<'a, str> {
        style::shortened(secret, self.reveal)
    }

    /// Whether secrets are shown and recorded in full.
    pub(crate) fn reveals(&self) -> bool {
        self.reveal
    }

    pub(crate) fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// Whether a progress bar is shown.
    pub(crate) fn shows_progress(&self) -> bool {
        self.terminal.stderr.terminal && !self.quiet && !self.verbose
    }

    /// Whether a user can answer a prompt.
    pub(crate) fn can_prompt(&self) -> bool {
        self.terminal.stderr.terminal && io::stdin().is_terminal()
    }

    /// Whether a user reads the output and can press a key to continue.
    pub(crate) fn is_conversation(&self) -> bool {
        self.terminal.stdout.terminal && io::stdin().is_terminal()
    }

    /// How stdout shows text.
    pub(super) fn style(&self) -> Style<'_> {
        Style {
            color: self.terminal.stdout.color,
            width: self.terminal.stdout.terminal.then(|| self.terminal.width.unwrap_or(DEFAULT_WIDTH)),
            verbose: self.verbose,
            reveal: self.reveal,
            texts: self.texts,
            redactor: &self.redactor,
        }
    }

    /// Prints the result of a command: with `--json` as a document, else as text.
    pub(crate) fn print(&mut self, answer: &(impl View + ?Sized)) {
        if self.json {
            return self.answer_json(&answer.document());
        }
        answer.introduction().iter().for_each(|line| self.info(line));
        let text = answer.render(&self.style());
        self.write_out(text.as_bytes());
        answer.remark().iter().for_each(|line| self.info(line));
    }

    /// Prints a line of the result, unless a JSON document reports it.
    pub(crate) fn answer(&mut self, line: &str) {
        if !self.json {
            let line = self.shown(line);
            self.write_out(format!("{line}\n").as_bytes());
        }
    }

    /// A text with its secrets masked, unless `--reveal` is set.
    pub(crate) fn masked<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.redactor.text(text)
    }

    /// A line for a terminal: without secrets and control characters.
    pub(super) fn shown(&self, line: &str) -> String {
        sanitize(&self.masked(line), false).into_owned()
    }

    /// Prints a line of the result that reports success, unless a JSON document reports it.
    pub(crate) fn success(&mut self, message: &Message) {
        if !self.json {
            let line = self.shown(&message.said(self.texts));
            let line = paint(Role::Good, &line, self.terminal.stdout.color);
            self.write_out(format!("{line}\n").as_bytes());
        }
    }

    /// Prints the result unchanged on a pipe, and escaped on a terminal.
    pub(crate) fn answer_raw(&mut self, bytes: &[u8]) {
        if self.terminal.stdout.terminal {
            let text = String::from_utf8_lossy(bytes);
            self.write_out(sanitize(&text, true).as_bytes());
        } else {
            self.write_out(bytes);
        }
    }

    /// Prints lines that are already escaped and colored.
    pub(super) fn answer_styled(&mut self, lines: &str) {
        self.write_out(lines.as_bytes());
    }

    /// Prints the result as a JSON document.
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

    /// Prints the body of a response: unchanged on a pipe; on a terminal escaped, and JSON indented.
    pub(crate) fn body(&mut self, response: &Response) {
        let body = &response.body[..];
        if self.json {
            // The document has no bodies.
        } else if !self.terminal.stdout.terminal {
            self.write_out(body);
        } else if body.contains(&0) {
            self.info(&format!("(a binary body of {} bytes: save it with -o FILE)", body.len()));
        } else if is_json(response) {
            self.json_text(&String::from_utf8_lossy(body));
        } else {
            self.text(&String::from_utf8_lossy(body));
        }
    }

    /// Prints JSON: unchanged on a pipe; indented and colored on a terminal.
    pub(crate) fn json_text(&mut self, json: &str) {
        if !self.terminal.stdout.terminal {
            return self.write_out(format!("{json}\n").as_bytes());
        }
        match indented(&style::sanitize_json(json), self.terminal.stdout.color) {
            Some(shown) => self.write_out(format!("{shown}\n").as_bytes()),
            None => self.text(json),
        }
    }

    /// Prints text on a terminal: escaped, and with a line break at the end.
    fn text(&mut self, text: &str) {
        let mut shown = sanitize(text, true).into_owned();
        if !shown.is_empty() && !shown.ends_with('\n') {
            shown.push('\n');
        }
        self.write_out(shown.as_bytes());
    }

    /// Prints a message beside the result.
    pub(crate) fn info(&self, line: &str) {
        if !self.quiet {
            let line = paint(Role::Quiet, &self.shown(line), self.terminal.stderr.color);
            write_err(&line);
        }
    }

    /// The evidence for a verdict, unless a JSON document contains it.
    pub(crate) fn evidence(&self, evidence: &[Message]) {
        for message in evidence.iter().filter(|_| !self.json) {
            self.info(&format!("  {}", message.said(self.texts)));
        }
    }

    /// Prints a warning, even with `-q`.
    pub(crate) fn warn(&self, line: &str) {
        self.warnings()(&self.masked(line));
    }

    /// Prints warnings that contain no secrets.
    pub(crate) fn warnings(&self) -> impl Fn(&str) + Send + Sync + 'static {
        let label = self.texts.say_or("warning-label", &[], "warning:");
        let label = paint(Role::Notable, &label, self.terminal.stderr.color);
        move |line| write_err(&format!("{label} {}", sanitize(line, false)))
    }

    /// Prints notes that contain no secrets, also while a command runs.
    pub(crate) fn notes(&self) -> impl Fn(&str) + Send + Sync + 'static {
        move |line| write_err(&sanitize(line, false))
    }

    /// Prints an error and its hint.
    pub(crate) fn error(&self, message: &Message, hint: Option<&Message>) {
        let label = self.texts.say_or("error-label", &[], "error:");
        let label = paint(Role::Bad, &label, self.terminal.stderr.color);
        write_err(&format!("{label} {}", self.shown(&message.said(self.texts))));
        if let Some(hint) = hint {
            let label = self.texts.say_or("hint-label", &[], "hint:");
            let label = paint(Role::Key, &label, self.terminal.stderr.color);
            write_err(&format!("{label} {}", sanitize(&hint.said(self.texts), false)));
        }
    }

    /// Returns the exit code of another program, if nothing else fails.
    pub(crate) fn exit_with(&mut self, code: u8) {
        self.exit = Some(code);
    }

    /// The exit code: `code`, unless the result could not be written.
    pub(crate) fn finish(mut self, code: u8) -> ExitCode {
        let code = self.exit.filter(|_| code == 0).unwrap_or(code);
        if let Err(error) = io::stdout().flush() {
            self.broken.get_or_insert(error);
        }
        match &self.broken {
            None => ExitCode::from(code),
            // A reader that closes the pipe has read enough.
            Some(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::from(code),
            Some(error) => {
                self.error(&format!("cannot write to standard output: {error}").into(), None);
                ExitCode::FAILURE
            }
        }
    }

    pub(super) fn write_out(&mut self, bytes: &[u8]) {
        if self.broken.is_none() {
            let mut stdout = io::stdout().lock();
            self.broken = stdout.write_all(bytes).and_then(|()| stdout.flush()).err();
        }
    }
}

/// Whether the header says that the body is JSON (RFC 6839 §3.1 for the suffix).
fn is_json(response: &Response) -> bool {
    let kind = response.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.ends_with("/json") || essence.ends_with("+json")
}

/// Writes help or a usage error. A failure to write them cannot be reported.
pub(crate) fn write_usage(text: &str, is_error: bool) {
    let _ = match is_error {
        true => io::stderr().write_all(text.as_bytes()),
        false => io::stdout().write_all(text.as_bytes()),
    };
}

/// A failure to write to stderr cannot be reported.
pub(super) fn write_err(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
