//! The language of what people read, for commands that speak more than one.

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct LanguageArgs {
    /// The language of the text [default: that of the locale, else English]
    #[arg(long, value_name = "LANGUAGE")]
    pub(crate) lang: Option<LanguageChoice>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LanguageChoice {
    En,
    Ko,
}
