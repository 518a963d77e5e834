//! `profiles`: the client identities of this user.

use sessctl::client::Profile;
use sessctl::clock::SystemClock;

use super::exit::{Failure, Outcome};
use super::profile;
use crate::cli::{ProfileAction, ProfilesArgs};
use crate::output::{Output, ProfileSummary};

pub(super) fn run(args: ProfilesArgs, output: &mut Output) -> Outcome {
    let profiles = profile::profiles()?;
    match args.action.unwrap_or(ProfileAction::List) {
        ProfileAction::List => {
            // One that cannot be read must not hide the others.
            let summary = |profile: &Profile| match summary_of(profile) {
                Ok(summary) => Some(summary),
                Err(failure) => {
                    output.warn(&failure.message);
                    None
                }
            };
            let summaries: Vec<ProfileSummary> = profiles.all()?.iter().filter_map(summary).collect();
            output.profiles(&summaries);
        }
        ProfileAction::Show { name } => {
            let profile = profiles.existing(&name)?;
            output.profile(&summary_of(&profile)?);
        }
        ProfileAction::Copy { from, to } => {
            profiles.copy(&from, &to)?;
            output.info(&format!("{to} is a copy of {from}"));
        }
        ProfileAction::Remove { name } => {
            profiles.remove(&name)?;
            output.info(&format!(
                "{name} is removed from this machine; its sessions live on at their servers until they end"
            ));
        }
    }
    Ok(())
}

fn summary_of(profile: &Profile) -> Result<ProfileSummary, Failure> {
    let (jar, last_login) = profile.jar().load(SystemClock)?;
    let history = profile.history().read(false)?;
    Ok(ProfileSummary {
        name: profile.name.clone(),
        last_login,
        cookies: jar.cookies(),
        records: history.len(),
        last_used: history.last().map(|(_, record)| record.at),
        now: jar.now(),
    })
}
