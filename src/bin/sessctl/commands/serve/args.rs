//! [`ServeArgs`]: the arguments of `serve`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use url::Url;

use super::weaken::{self, Weaken};
use crate::commands::store_address::{self, StoreAddress};
use crate::commands::value_parsers;
use crate::output::LogFormat;

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Listen here
    ///
    /// Port 0 picks a free port.
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8000")]
    pub(super) bind: String,
    /// Answer probes and metrics here too
    ///
    /// /healthz, /readyz and /metrics, over plain HTTP and for any Host. Elsewhere they are only for requests from this
    /// machine that no proxy forwards.
    #[arg(long, value_name = "ADDR:PORT")]
    pub(super) admin_bind: Option<String>,
    /// Session store
    ///
    /// memory; sqlite:FILE, which keeps sessions across restarts; or a database that several servers share:
    /// redis://HOST, rediss://HOST (TLS), redis+sentinel://HOST/SERVICE, postgres://USER@HOST/DATABASE. Environment
    /// variable: SESSCTL_STORE, which keeps a password in the URL out of the process list.
    #[arg(long, env = "SESSCTL_STORE", hide_env = true, value_name = "STORE", default_value = "memory", value_parser = store_address::store)]
    pub(super) store: StoreAddress,
    /// Only accounts in this file can log in
    ///
    /// `sessctl users add` creates the file. Changes take effect at once. Without this option, anyone can log in with any
    /// name.
    #[arg(long, value_name = "FILE")]
    pub(super) users: Option<PathBuf>,
    /// Limit the sessions of a user
    ///
    /// A further login ends the oldest session of the user. 0: no limit.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(super) max_sessions_per_user: u32,
    /// Session cookie
    ///
    /// Over TLS, its name gets the prefix __Host-.
    #[arg(long, value_name = "NAME", default_value = "sessionid")]
    pub(super) cookie_name: String,
    /// Idle timeout
    ///
    /// A session that is not used for this long expires.
    #[arg(long, value_name = "TIME", default_value = "30m", value_parser = value_parsers::duration)]
    pub(super) idle_timeout: Duration,
    /// Absolute timeout
    ///
    /// A session expires this long after login.
    #[arg(long, value_name = "TIME", default_value = "12h", value_parser = value_parsers::duration)]
    pub(super) lifetime: Duration,
    /// Mark the session cookie Secure
    ///
    /// For a server behind a proxy that terminates TLS.
    #[arg(long)]
    pub(super) secure: bool,
    /// Serve HTTPS with this certificate
    ///
    /// The file contains the certificate and its chain (PEM). HTTP/2 is enabled. SIGHUP reloads the files.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(super) tls_cert: Option<PathBuf>,
    /// Private key of the certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(super) tls_key: Option<PathBuf>,
    /// Log on stderr, as text or json
    ///
    /// Logs requests, session events and failures.
    #[arg(long, value_name = "FORMAT", conflicts_with = "verbose", hide_possible_values = true)]
    pub(super) log: Option<LogFormat>,
    /// Trust proxies in these networks
    ///
    /// Their X-Forwarded-For, X-Forwarded-Proto and Forwarded headers are used. Plain HTTP is then redirected to HTTPS,
    /// and cookies are Secure.
    #[arg(long, value_name = "CIDR", value_delimiter = ',')]
    pub(super) trust_proxy: Vec<String>,
    /// Origin that browsers see: https://HOST
    #[arg(long, value_name = "URL", requires = "trust_proxy", value_parser = value_parsers::public_url)]
    pub(super) public_url: Option<Url>,
    /// Answer for this host name too
    ///
    /// Repeatable.
    #[arg(long = "host", value_name = "NAME", value_parser = value_parsers::host_name)]
    pub(super) hosts: Vec<String>,
    /// Let `clock advance` advance the clock
    ///
    /// Let `sessctl clock advance` advance this server's clock, so that tests of expiry need not wait.
    #[arg(long)]
    pub(super) time_travel: bool,
    /// Show the traffic live on a page
    ///
    /// The page is reachable only from this machine and only by its secret URL, which is printed on stderr. Above 50
    /// requests per second it shows a labeled sample.
    #[arg(long)]
    pub(super) inspect: bool,
    /// Give the server faults on purpose
    ///
    /// To learn and to test: a comma-separated list of weaknesses. `--weaken list` lists them, with --json too. Only on this
    /// machine.
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = weaken::weaken)]
    pub(super) weaken: Vec<Weaken>,
    /// Allow remote logins without --users
    ///
    /// Anyone who can reach the server can then log in with any name.
    #[arg(long)]
    pub(super) open_to_anyone: bool,
}
