//! `completions` and `man`: printed for whoever installs them.

use super::exit::{Failure, Outcome};
use crate::cli::{CompletionsArgs, ManArgs};
use crate::output::Output;

pub(super) fn completions(args: &CompletionsArgs, output: &mut Output) -> Outcome {
    output.answer_raw(&args.script());
    Ok(())
}

pub(super) fn man(args: &ManArgs, output: &mut Output) -> Outcome {
    output.answer_raw(&args.page().map_err(Failure::usage)?);
    Ok(())
}
