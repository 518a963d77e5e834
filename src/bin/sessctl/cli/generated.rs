//! What is made of the description of the arguments: completions and manual pages.

use clap::{Args, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use super::Cli;

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// The command to have the page of [default: sessctl itself]
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

impl CompletionsArgs {
    /// The script for the shell.
    pub(crate) fn script(&self) -> Vec<u8> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "sessctl", &mut script);
        script
    }
}

impl ManArgs {
    /// The page, in roff.
    ///
    /// # Errors
    /// The name, when there is no such command.
    pub(crate) fn page(&self) -> Result<Vec<u8>, String> {
        let mut cli = Cli::command();
        cli.build();
        let manual = match &self.command {
            None => Man::new(cli),
            Some(name) => {
                let found = cli.get_subcommands().find(|command| command.get_name() == name).cloned();
                let command = found.ok_or_else(|| format!("there is no command {name:?}"))?;
                Man::new(command).title(format!("sessctl-{name}"))
            }
        };
        let mut page = Vec::new();
        // Writing into memory does not fail.
        let _ = manual.render(&mut page);
        Ok(page)
    }
}
