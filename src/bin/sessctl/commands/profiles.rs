//! `profiles`: lists, shows, copies and removes client identities.

use clap::{Args, Subcommand};

use sessctl::client::profile::Profile;
use sessctl::clock::SystemClock;

use super::command::{Command, Context, Group};
use super::config::template;
use super::failure::{Failure, Outcome};
use super::{client_options, value_parsers};
use crate::output::{CookieTable, Output, ProfileSummary};

#[derive(Debug, Args)]
pub(super) struct ProfilesArgs {
    #[command(subcommand)]
    action: Option<ProfilesAction>,
}

#[derive(Debug, Subcommand)]
enum ProfilesAction {
    /// List all profiles (the default)
    List,
    /// Show a profile: its server, last login and cookies
    Show {
        /// Profile
        #[arg(value_parser = value_parsers::profile)]
        name: String,
    },
    /// Write a commented .sessctl.toml to the current folder
    Init,
    /// Copy a profile: its cookies, last login and history
    Copy {
        /// Profile to copy
        #[arg(value_parser = value_parsers::profile)]
        from: String,
        /// Name of the copy
        #[arg(value_parser = value_parsers::profile)]
        to: String,
    },
    /// Remove a local profile; its sessions stay on the servers
    Remove {
        /// Profile
        #[arg(value_parser = value_parsers::profile)]
        name: String,
    },
}

impl Command for ProfilesArgs {
    const NAME: &'static str = "profiles";
    const GROUP: Group = Group::History;
    const ABOUT: &'static str = "List, show, copy and remove client identities";
    const EXAMPLES: &'static str = "  \
  sessctl profiles
  sessctl profiles copy alice alice-on-phone     two clients of one user
  sessctl profiles init                          a .sessctl.toml to fill in
  sessctl profiles remove alice                  its sessions stay on the server";
    const SHARED_OPTIONS: &'static [&'static str] = &["json", "quiet", "reveal", "color", "lang"];

    fn run(self, _: &Context, output: &mut Output) -> Outcome {
        if let Some(ProfilesAction::Init) = self.action {
            let path = template::write()?;
            output.info(&format!("wrote {}: remove the # of what you need", path.display()));
            return Ok(());
        }
        let profiles = client_options::profiles()?;
        match self.action.unwrap_or(ProfilesAction::List) {
            ProfilesAction::List => {
                // A profile that cannot be read does not hide the others.
                let summary = |profile: &Profile| match summary_of(profile) {
                    Ok(summary) => Some(summary),
                    Err(failure) => {
                        output.warn(&failure.message.said(output.texts));
                        None
                    }
                };
                let summaries: Vec<ProfileSummary> = profiles.all()?.iter().filter_map(summary).collect();
                output.print(&summaries[..]);
            }
            ProfilesAction::Init => {}
            ProfilesAction::Show { name } => output.print(&summary_of(&profiles.existing(&name)?)?),
            ProfilesAction::Copy { from, to } => {
                profiles.copy(&from, &to)?;
                output.info(&format!("copied {from} to {to}"));
            }
            ProfilesAction::Remove { name } => {
                profiles.remove(&name)?;
                output.info(&format!(
                    "removed {name} from this machine; its sessions stay on the servers until they expire"
                ));
            }
        }
        Ok(())
    }
}

fn summary_of(profile: &Profile) -> Result<ProfileSummary, Failure> {
    let (jar, last_login) = profile.jar().load(SystemClock)?;
    let history = profile.history().read(false)?;
    Ok(ProfileSummary {
        name: profile.name.clone(),
        last_login,
        cookies: CookieTable {
            cookies: jar.cookies(),
            tokens: profile.tokens().load()?,
            name: None,
            now: jar.now(),
        },
        records: history.len(),
        last_used: history.last().map(|(_, record)| record.at),
    })
}
