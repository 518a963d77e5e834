//! `show-token`: prints the token sessions of the profile, or one token for a script.

use clap::Args;
use url::Url;

use sessctl::clock::{Clock, SystemClock};
use sessctl::cookies::TokenSession;

use super::command::{Command, Context, Group};
use super::failure::{Failure, Outcome};
use super::value_parsers;
use crate::output::{Output, TokenTable};

#[derive(Debug, Args)]
pub(super) struct ShowTokenArgs {
    /// Only the token for this server
    #[arg(long, value_name = "URL", value_parser = value_parsers::web_address)]
    origin: Option<Url>,
    /// Only the value
    ///
    /// In full, for scripts.
    #[arg(long)]
    value: bool,
}

impl Command for ShowTokenArgs {
    const NAME: &'static str = "show-token";
    const GROUP: Group = Group::Cookies;
    const ABOUT: &'static str = "Show the tokens of sessions without cookies";
    const DETAILS: Option<&'static str> = Some(
        "Show the tokens of sessions without cookies. login --as-json keeps the token of an answer in the profile. It is sent \
         to its server only: the scheme, the host and the port.",
    );
    const EXAMPLES: &'static str = "  \
  sessctl show-token
  sessctl show-token --origin https://api.test --value   for a script";
    const SHARED_OPTIONS: &'static [&'static str] =
        &["json", "quiet", "reveal", "color", "lang", "profile", "jar"];

    fn run(self, context: &Context, output: &mut Output) -> Outcome {
        let file = context.client.token_file()?;
        let mut sessions = file.map_or(Ok(Vec::new()), |file| file.load())?;
        sessions.retain(|session| self.origin.as_ref().is_none_or(|url| session.is_for(url)));
        if self.value {
            let session = the_one(&sessions)?;
            output.answer_raw(format!("{}\n", session.access_token).as_bytes());
        } else {
            output.print(&TokenTable { sessions, now: SystemClock.now() });
        }
        Ok(())
    }
}

fn the_one(sessions: &[TokenSession]) -> Result<&TokenSession, Failure> {
    match sessions {
        [] => Err(Failure::failed("cannot print the token: the profile has none; login --as-json gets one")),
        [only] => Ok(only),
        several => {
            let origin = |session: &TokenSession| session.origin.origin().ascii_serialization();
            let origins: Vec<String> = several.iter().map(origin).collect();
            Err(Failure::failed(format!(
                "cannot print the token: the profile has several (for {}); select one with --origin URL",
                origins.join(", ")
            )))
        }
    }
}
