//! `exec`: runs a command that uses the session, through files that only this user can read.

mod changes;
mod child;
mod session_folder;

use std::ffi::OsString;
use std::time::Instant;

use clap::Args;

use sessctl::clock::SystemClock;

use super::client::block_on;
use super::command::{Command, Context, Group};
use super::failure::Outcome;
use super::signals::ForwardedSignals;
use crate::output::Output;
use session_folder::SessionFolder;

#[derive(Debug, Args)]
pub(super) struct ExecArgs {
    /// Save cookies that the command changed
    ///
    /// In the files of curl, wget and Python, and in the storage state. A cookie that curl or wget deleted is deleted
    /// from the jar too.
    #[arg(long)]
    save: bool,
    /// The command and its arguments
    #[arg(value_name = "COMMAND", required = true, num_args = 1.., trailing_var_arg = true)]
    command: Vec<OsString>,
}

impl Command for ExecArgs {
    const NAME: &'static str = "exec";
    const GROUP: Group = Group::Application;
    const ABOUT: &'static str = "Run a command with the session: curl, wget, Python, Playwright";
    const DETAILS: Option<&'static str> = Some(
        "Run a command with the session, and return its exit code. curl and wget send the cookies by themselves; other \
         programs read a file: SESSCTL_COOKIES is a cookies.txt, SESSCTL_COOKIES_PYTHON one for Python's \
         MozillaCookieJar, SESSCTL_STORAGE_STATE a storage state for Playwright. The files are deleted when the \
         command ends.",
    );
    const EXAMPLES: &'static str = "  \
  sessctl exec -- curl -s http://127.0.0.1:8000/session
  sessctl exec --save -- ./test.sh               keeps what the script changed
  sessctl exec -- sh -c 'node e2e.js --state=\"$SESSCTL_STORAGE_STATE\"'";
    const SHARED_OPTIONS: &'static [&'static str] = &["quiet", "color", "lang", "profile", "jar", "timeout"];

    fn run(self, context: &Context, output: &mut Output) -> Outcome {
        let file = context.client.jar_file()?;
        let (jar, _) = file.load(SystemClock)?;
        let (folder, code) = block_on(async {
            // A signal must not end this process while the folder exists.
            let signals = ForwardedSignals::register()?;
            let folder = SessionFolder::create(&jar.cookies())?;
            folder.warnings.iter().for_each(|line| output.warn(line));
            let code = child::run(&self.command, &folder, signals, output).await?;
            Ok((folder, code))
        })?;
        let saved = match self.save {
            true => changes::merge(&folder, &jar, output)
                .and_then(|()| Ok(file.save(&jar, None, Instant::now() + context.client.timeout)?)),
            false => Ok(()),
        };
        folder.remove(output);
        output.exit_with(code);
        match saved {
            // The code of a command that failed says more.
            Err(failure) if code != 0 => output.warn(&failure.message.said(output.texts)),
            saved => return saved,
        }
        Ok(())
    }
}
