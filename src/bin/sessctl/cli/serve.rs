//! Arguments of `serve`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use url::Url;

use super::values::{self, StoreAddress};

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Address to listen on; port 0 picks a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8000")]
    pub(crate) bind: String,
    /// Where sessions live: memory, or sqlite:FILE, which outlives the server, or the URL of a server that many share:
    /// redis://HOST, rediss://HOST (with TLS), postgres://USER@HOST/DATABASE
    #[arg(long, env = "SESSCTL_STORE", hide_env_values = true, value_name = "STORE", default_value = "memory", value_parser = values::store)]
    pub(crate) store: StoreAddress,
    /// Let in only who has an account in this file, made by `users add`; changes of the file count at once
    #[arg(long, value_name = "FILE")]
    pub(crate) users: Option<PathBuf>,
    /// How many sessions a user may have: one more ends the oldest [default: any number]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_sessions_per_user: Option<u32>,
    /// Name of the session cookie; over TLS it gets the prefix __Host-
    #[arg(long, value_name = "NAME", default_value = "sessionid")]
    pub(crate) cookie_name: String,
    /// End a session when it was not used for this long
    #[arg(long, value_name = "TIME", default_value = "30m", value_parser = values::duration)]
    pub(crate) idle_timeout: Duration,
    /// End a session this long after its login
    #[arg(long, value_name = "TIME", default_value = "12h", value_parser = values::duration)]
    pub(crate) lifetime: Duration,
    /// Mark the cookie Secure: for a server that browsers reach over the TLS of something else
    #[arg(long)]
    pub(crate) secure: bool,
    /// Speak TLS, and HTTP/2 to those who can, with this certificate and its chain (PEM), read again on SIGHUP
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The private key of the certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Log requests and what happens to sessions on stderr, for whoever runs the server
    #[arg(long, value_name = "FORMAT", conflicts_with = "verbose")]
    pub(crate) log: Option<LogFormat>,
    /// Believe what proxies in these networks say of who asks and how: X-Forwarded-For, X-Forwarded-Proto, Forwarded.
    /// What came over plain HTTP is redirected, and cookies are Secure
    #[arg(long, value_name = "CIDR", value_delimiter = ',')]
    pub(crate) trust_proxy: Vec<String>,
    /// Where browsers reach the server: https://HOST
    #[arg(long, value_name = "URL", requires = "trust_proxy", value_parser = values::public_url)]
    pub(crate) public_url: Option<Url>,
    /// Answer for this host name too; may be given again
    #[arg(long = "host", value_name = "NAME", value_parser = values::host_name)]
    pub(crate) hosts: Vec<String>,
    /// Let `clock advance` move this server's clock: expiry without waiting
    #[arg(long)]
    pub(crate) time_travel: bool,
    /// Show live, on a page for this machine alone, what passes and which sessions there are; its address is on stderr
    #[arg(long)]
    pub(crate) inspect: bool,
    /// Listen beyond this machine although anybody can log in as anybody
    #[arg(long)]
    pub(crate) open_to_anyone: bool,
}

/// How a log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}
