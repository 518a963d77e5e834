//! Arguments of `clock`.

use std::time::Duration;

use clap::{Args, Subcommand};

use super::values;

#[derive(Debug, Args)]
pub(crate) struct ClockArgs {
    #[command(subcommand)]
    pub(crate) action: ClockAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClockAction {
    /// Move it forward, and tell what it shows then
    Advance {
        /// By how much
        #[arg(value_name = "TIME", value_parser = values::duration)]
        by: Duration,
    },
}
