//! `completions`: completion scripts for shells.

use clap::Args;
use clap_complete::Shell;

use super::command::{Command, Context, Group};
use super::failure::Outcome;
use crate::output::Output;

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// Shell
    shell: Shell,
}

impl Command for CompletionsArgs {
    const NAME: &'static str = "completions";
    const GROUP: Group = Group::Program;
    const ABOUT: &'static str = "Print shell completions";
    const EXAMPLES: &'static str = "  \
  sessctl completions bash > ~/.local/share/bash-completion/completions/sessctl
  sessctl completions zsh > ~/.zfunc/_sessctl
  sessctl completions fish > ~/.config/fish/completions/sessctl.fish";
    const SHARED_OPTIONS: &'static [&'static str] = &[];

    fn run(self, context: &Context, output: &mut Output) -> Outcome {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut (context.describe)(), "sessctl", &mut script);
        output.answer_raw(&script);
        Ok(())
    }
}
