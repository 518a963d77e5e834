//! [`Terminal`]: what stdout and stderr can show. It is determined once, at the start.

use std::io::IsTerminal;

use clap::ValueEnum;

/// When color is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    Auto,
    Always,
    Never,
}

/// What a stream can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Capability {
    /// It is a terminal.
    pub(crate) terminal: bool,
    /// It shows color.
    pub(crate) color: bool,
}

/// The properties of the terminal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terminal {
    pub(crate) stdout: Capability,
    pub(crate) stderr: Capability,
    /// In columns; `None` if unknown.
    pub(crate) width: Option<usize>,
}

impl Terminal {
    /// Inspects the streams and the environment.
    pub(crate) fn probe(choice: ColorChoice) -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let forced =
            set("CLICOLOR_FORCE") && std::env::var_os("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let capability = |terminal: bool| Capability {
            terminal,
            color: match choice {
                ColorChoice::Always => true,
                ColorChoice::Never => false,
                ColorChoice::Auto => !set("NO_COLOR") && (forced || (terminal && !dumb)),
            },
        };
        Terminal {
            stdout: capability(std::io::stdout().is_terminal()),
            stderr: capability(std::io::stderr().is_terminal()),
            width: terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)),
        }
    }
}
