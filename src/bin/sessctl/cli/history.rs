//! Arguments of the commands that look back.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

use super::values;

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("drawing").args(["har", "diagram", "mermaid", "svg", "clear"]))]
pub(crate) struct HistoryArgs {
    /// Only these, by their numbers
    #[arg(value_name = "NUMBER", conflicts_with = "last")]
    pub(crate) numbers: Vec<u64>,
    /// Only the last so many [default: 10; of a diagram 1; of a HAR all]
    #[arg(long, short = 'n', value_name = "N")]
    pub(crate) last: Option<usize>,
    /// As HAR 1.2, for network panels of browsers
    #[arg(long)]
    pub(crate) har: bool,
    /// As a sequence diagram
    #[arg(long)]
    pub(crate) diagram: bool,
    /// As a sequence diagram in Mermaid
    #[arg(long)]
    pub(crate) mermaid: bool,
    /// As a sequence diagram in SVG, into this file; - is stdout
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
    /// Forget all of it
    #[arg(long, conflicts_with_all = ["numbers", "last"])]
    pub(crate) clear: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ProfilesArgs {
    #[command(subcommand)]
    pub(crate) action: Option<ProfileAction>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProfileAction {
    /// List all profiles (as without a word)
    List,
    /// Show one: its server, its last login, its cookies
    Show {
        /// Its name
        #[arg(value_parser = values::profile)]
        name: String,
    },
    /// Copy one: its cookies, its last login, its history
    Copy {
        /// The name of the one to copy
        #[arg(value_parser = values::profile)]
        from: String,
        /// The name of the copy
        #[arg(value_parser = values::profile)]
        to: String,
    },
    /// Remove one from this machine; servers hear nothing of it
    Remove {
        /// Its name
        #[arg(value_parser = values::profile)]
        name: String,
    },
}
