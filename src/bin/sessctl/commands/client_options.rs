//! [`ClientArgs`]: whose cookies, which server, and how to reach it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{ArgAction, Args};
use url::Url;

use sessctl::client::http::Resolve;
use sessctl::client::profile::history::HistoryFile;
use sessctl::client::profile::{PendingLoginFile, Profiles, TokenFile};
use sessctl::cookies::{JarFile, LastLogin};

use super::config::settings::Settings;
use super::failure::Failure;
use super::state_folder::state_folder;
use super::value_parsers::{self, BaseUrl};

/// The base URL without `--url` and without a login: that of `sessctl serve`.
const DEFAULT_BASE: &str = "http://127.0.0.1:8000/";

#[derive(Debug, Args)]
#[command(next_help_heading = "Client options")]
pub(super) struct ClientArgs {
    /// Client identity
    ///
    /// A profile has its own cookie jar, last login and history. Environment variable: SESSCTL_PROFILE.
    #[arg(long, global = true, env = "SESSCTL_PROFILE", hide_env = true, value_name = "NAME", default_value = "default",
          value_parser = value_parsers::profile)]
    pub(super) profile: String,
    /// Cookie jar, instead of the profile's
    ///
    /// No history is recorded then. Environment variable: SESSCTL_JAR.
    #[arg(long, global = true, env = "SESSCTL_JAR", hide_env = true, value_name = "FILE")]
    jar: Option<PathBuf>,
    /// Server that paths refer to
    ///
    /// Default: the `url` of the profile in a configuration file, else the server of the last login, else
    /// http://127.0.0.1:8000. Environment variable: SESSCTL_URL.
    #[arg(long = "url", id = "base", global = true, env = "SESSCTL_URL", hide_env = true, value_name = "BASE", value_parser = value_parsers::base_url)]
    base: Option<BaseUrl>,
    /// Time limit for the command
    ///
    /// From the first connection to the end. Prompts and --wait do not count.
    #[arg(long, global = true, value_name = "TIME", default_value = "30s", value_parser = value_parsers::duration)]
    pub(super) timeout: Duration,
    /// Retry while the server starts
    ///
    /// The connection is refused or reset, the name does not resolve, or the answer is 502, 503 or 504. If Retry-After
    /// asks for a delay that fits into this time, it is obeyed, also for a 429. `serve` waits this long for a store that it
    /// cannot reach.
    #[arg(long, global = true, value_name = "TIME", value_parser = value_parsers::duration)]
    pub(super) wait: Option<Duration>,
    /// Wait before each form is sent
    ///
    /// For applications that refuse a form which is returned at once.
    #[arg(long, global = true, value_name = "TIME", value_parser = value_parsers::duration)]
    pub(super) delay: Option<Duration>,
    /// Largest accepted body
    #[arg(long, global = true, value_name = "SIZE", default_value = "64MiB", value_parser = value_parsers::size)]
    pub(super) max_body: u64,
    /// Trust these authorities too (PEM)
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) cacert: Option<PathBuf>,
    /// Client certificate (PEM)
    ///
    /// It identifies you to servers that demand one. The file may contain its private key.
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) cert: Option<PathBuf>,
    /// Private key of --cert (PEM)
    #[arg(long, global = true, value_name = "FILE", requires = "cert")]
    pub(super) key: Option<PathBuf>,
    /// Accept any certificate (curl's -k)
    ///
    /// An attacker on the network can then read and change everything.
    #[arg(long, global = true)]
    pub(super) insecure: bool,
    /// Send all requests through this proxy
    ///
    /// Default: as http_proxy, https_proxy, all_proxy and no_proxy say.
    #[arg(long, global = true, value_name = "URL", value_parser = value_parsers::web_address)]
    pub(super) proxy: Option<Url>,
    /// Connect to ADDR for HOST:PORT
    ///
    /// The host name is not looked up. Repeatable.
    #[arg(long, global = true, value_name = "HOST:PORT:ADDR", action = ArgAction::Append, value_parser = value_parsers::resolve)]
    pub(super) resolve: Vec<Resolve>,
    /// The `url` of the profile in a configuration file.
    #[arg(skip)]
    configured_url: Option<Url>,
}

impl ClientArgs {
    /// Adds what the configuration says, where no option does.
    pub(super) fn configure(&mut self, settings: &Settings) {
        self.configured_url = settings.url();
        self.cacert = self.cacert.take().or_else(|| settings.path("cacert"));
        self.delay = self.delay.or_else(|| settings.delay());
    }

    /// The base URL that was given.
    pub(super) fn base(&self) -> Option<&Url> {
        self.base.as_ref().and_then(|base| base.0.as_ref())
    }

    /// The server that paths refer to: `--url`, else that of the configuration, of the last login, or the default.
    pub(super) fn base_url(&self, last_login: Option<&LastLogin>) -> Result<Url, Failure> {
        let last = || last_login.and_then(|login| login.page.join("/").ok());
        let base = self.base().or(self.configured_url.as_ref()).cloned().or_else(last);
        base.map_or_else(
            || Url::parse(DEFAULT_BASE).map_err(Failure::cannot("read the default base URL")),
            Ok,
        )
    }

    /// The jar that was given. An empty environment variable counts as unset.
    fn jar(&self) -> Option<&Path> {
        self.jar.as_deref().filter(|path| !path.as_os_str().is_empty())
    }

    /// The jar that the options select.
    pub(super) fn jar_file(&self) -> Result<JarFile, Failure> {
        match self.jar() {
            Some(path) => Ok(JarFile::new(path)),
            None => Ok(profiles()?.named(&self.profile).jar()),
        }
    }

    /// The login of the profile that waits for a further step. With `--jar`, none is kept.
    pub(super) fn pending_login_file(&self) -> Result<Option<PendingLoginFile>, Failure> {
        match self.jar() {
            Some(_) => Ok(None),
            None => Ok(Some(profiles()?.named(&self.profile).pending_login())),
        }
    }

    /// The token sessions of the profile. With `--jar`, none are kept.
    pub(super) fn token_file(&self) -> Result<Option<TokenFile>, Failure> {
        match self.jar() {
            Some(_) => Ok(None),
            None => Ok(Some(profiles()?.named(&self.profile).tokens())),
        }
    }

    /// The option that selects the profile in a further command, if that needs one.
    pub(super) fn profile_option(&self) -> String {
        let is_default = self.profile == "default";
        let is_set = std::env::var("SESSCTL_PROFILE").is_ok_and(|name| name == self.profile);
        if is_default || is_set { String::new() } else { format!(" --profile {}", self.profile) }
    }

    /// The history of the profile. With `--jar`, no history is kept.
    pub(super) fn history_file(&self) -> Result<Option<HistoryFile>, Failure> {
        match self.jar() {
            Some(_) => Ok(None),
            None => Ok(Some(profiles()?.named(&self.profile).history())),
        }
    }
}

/// All profiles of this user.
pub(super) fn profiles() -> Result<Profiles, Failure> {
    Ok(Profiles::new(state_folder()?))
}
