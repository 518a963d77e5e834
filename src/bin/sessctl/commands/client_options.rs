//! [`ClientArgs`]: whose cookies, which server, and how to reach it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{ArgAction, Args};
use url::Url;

use sessctl::client::http::Resolve;

use super::value_parsers::{self, BaseUrl};

/// The ids of the options that select a jar, for commands that read it.
pub(super) const JAR: &[&str] = &["profile", "jar", "base"];

/// The ids of all options, for commands that send requests.
pub(super) const NETWORK: &[&str] =
    &["profile", "jar", "base", "timeout", "wait", "max_body", "cacert", "insecure", "proxy", "resolve"];

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
    /// Default: the server of the last login, else http://127.0.0.1:8000. Environment variable: SESSCTL_URL.
    #[arg(long = "url", id = "base", global = true, env = "SESSCTL_URL", hide_env = true, value_name = "BASE", value_parser = value_parsers::base_url)]
    base: Option<BaseUrl>,
    /// Time limit for the command
    ///
    /// From the first connection to the end. Prompts and --wait do not count.
    #[arg(long, global = true, value_name = "TIME", default_value = "30s", value_parser = value_parsers::duration)]
    pub(super) timeout: Duration,
    /// Retry while the connection is refused
    ///
    /// For example while a server starts.
    #[arg(long, global = true, value_name = "TIME", value_parser = value_parsers::duration)]
    pub(super) wait: Option<Duration>,
    /// Largest accepted body
    #[arg(long, global = true, value_name = "SIZE", default_value = "64MiB", value_parser = value_parsers::size)]
    pub(super) max_body: u64,
    /// Trust these authorities too (PEM)
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) cacert: Option<PathBuf>,
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
}

impl ClientArgs {
    /// The base URL that was given.
    pub(super) fn base(&self) -> Option<&Url> {
        self.base.as_ref().and_then(|base| base.0.as_ref())
    }

    /// The jar that was given. An empty environment variable counts as unset.
    pub(super) fn jar(&self) -> Option<&Path> {
        self.jar.as_deref().filter(|path| !path.as_os_str().is_empty())
    }
}
