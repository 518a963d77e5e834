//! The configuration files, and `config`, which shows what applies and trusts the file of a project.

mod file;
mod key;
pub(super) mod remember;
pub(super) mod settings;
pub(super) mod template;
mod trust;

use clap::{Args, Subcommand};

use super::command::{Command, Context, Group};
use super::failure::{Failure, Outcome};
use crate::output::{ConfigValue, Output};
use crate::texts::Message;
use file::{ConfigFile, PROJECT_FILE};
use settings::{Setting, SettingValue, Settings, named};
use trust::TrustFile;

/// What the configuration files say about a profile.
///
/// # Errors
/// [`Failure`], if a file is wrong, or if a value of the project's file needs trust.
pub(super) fn load(profile: &str) -> Result<Settings, Failure> {
    let settings = read(profile)?;
    settings.check_trust(profile)?;
    Ok(settings)
}

fn read(profile: &str) -> Result<Settings, Failure> {
    let files = [ConfigFile::project()?, ConfigFile::user()?];
    Ok(Settings::of(files.into_iter().flatten().map(|file| file.settings), profile))
}

#[derive(Debug, Args)]
pub(super) struct ConfigArgs {
    #[command(subcommand)]
    action: Option<ConfigAction>,
}

#[derive(Debug, Subcommand)]
enum ConfigAction {
    /// Show each value of the profile and its source (the default)
    Show,
    /// Let the .sessctl.toml of this folder send passwords and run commands
    Trust,
}

impl Command for ConfigArgs {
    const NAME: &'static str = "config";
    const GROUP: Group = Group::History;
    const ABOUT: &'static str = "Show the settings and their sources, or trust a file";
    const DETAILS: Option<&'static str> = Some(
        "Show the settings of the profile and where each comes from: an option, an environment variable, .sessctl.toml of \
         the folder or of one above, or ~/.config/sessctl/config.toml.",
    );
    const EXAMPLES: &'static str = "  \
  sessctl config                                 what applies, and its source
  sessctl config --profile staging --json
  sessctl config trust                           after reading .sessctl.toml";
    const SHARED_OPTIONS: &'static [&'static str] =
        &["json", "quiet", "reveal", "color", "lang", "profile", "jar", "base"];

    fn run(self, context: &Context, output: &mut Output) -> Outcome {
        match self.action.unwrap_or(ConfigAction::Show) {
            ConfigAction::Show => {
                let settings = read(&context.client.profile)?;
                let mut values = given(context);
                let has = |values: &[ConfigValue], key: &str| values.iter().any(|value| value.key == key);
                for setting in &settings.0 {
                    if !has(&values, &setting.name()) {
                        values.push(shown(setting));
                    }
                }
                output.print(&values[..]);
            }
            ConfigAction::Trust => trust(output)?,
        }
        Ok(())
    }
}

/// The values of options and environment variables.
fn given(context: &Context) -> Vec<ConfigValue> {
    let source = |variable: &str, option: &str, value: &str| {
        let is_set = std::env::var(variable).is_ok_and(|set| !set.is_empty() && value.starts_with(&set));
        if is_set { variable.to_owned() } else { option.to_owned() }
    };
    let client = &context.client;
    let default = if client.profile == "default" { "default" } else { "--profile" };
    let profile = source("SESSCTL_PROFILE", default, &client.profile);
    let mut values = vec![ConfigValue::new("profile", &client.profile, profile)];
    if let Some(url) = client.base() {
        values.push(ConfigValue::new("url", url.as_str(), source("SESSCTL_URL", "--url", url.as_str())));
    }
    if let Some(path) = &client.cacert {
        values.push(ConfigValue::new("cacert", &path.display().to_string(), "--cacert".to_owned()));
    }
    values
}

fn shown(setting: &Setting) -> ConfigValue {
    let value = match &setting.value {
        SettingValue::Flag(flag) => flag.to_string(),
        SettingValue::Texts(texts) => texts.join(", "),
    };
    let is_trusted = if setting.is_trusted { "" } else { " (not trusted)" };
    let source = format!("{}:{}{is_trusted}", setting.path.display(), setting.line);
    ConfigValue::new(&setting.name(), &value, source)
}

/// Trusts the project's file, and says what it may do now.
fn trust(output: &mut Output) -> Outcome {
    let Some(file) = ConfigFile::project()? else {
        let message =
            format!("there is no {PROJECT_FILE} in this folder or above; sessctl profiles init writes one");
        return Err(Failure::failed(Message::new("error-config-none", message).with("name", PROJECT_FILE)));
    };
    TrustFile::of_user()?.trust(&file.path, &file.content)?;
    let sensitive: Vec<&Setting> =
        file.settings.iter().map(|(_, setting)| setting).filter(|setting| setting.key.needs_trust).collect();
    let keys = if sensitive.is_empty() { "nothing that needs it".to_owned() } else { named(&sensitive) };
    output.info(&format!("trusted {} as it is now: it sets {keys}", file.path.display()));
    Ok(())
}
