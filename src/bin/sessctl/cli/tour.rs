//! Arguments of `tour`.

use clap::Args;

use super::LanguageArgs;

#[derive(Debug, Args)]
pub(crate) struct TourArgs {
    /// Go from step to step without waiting, as where nobody is at a terminal
    #[arg(long)]
    pub(crate) auto: bool,
    #[command(flatten)]
    pub(crate) language: LanguageArgs,
}
