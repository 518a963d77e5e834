//! [`PostgresConfig`]: the settings in the URL of a database.

use std::path::PathBuf;
use std::str::FromStr as _;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

use super::open_error::{DatabaseName, PostgresOpenError};

/// The time limit of connecting to one address. If it does not answer, there is time left for another one.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(1500);

/// A router can drop an idle connection silently. The system's default of two hours would detect that too late.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);

/// The settings in a URL.
#[derive(Debug)]
pub(super) struct PostgresConfig {
    pub(super) config: Config,
    pub(super) verify: SslVerify,
    pub(super) name: DatabaseName,
    /// The maximum number of connections, if the URL sets it.
    pub(super) max_connections: Option<usize>,
    /// The schema that contains the tables, if the URL sets it.
    pub(super) schema: Option<String>,
}

/// How much of the server's certificate is verified, with the meaning that `sslmode` has in libpq.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SslVerify {
    /// Nothing (`require` and weaker modes without `sslrootcert`): the connection is encrypted at most.
    None,
    /// The signature of an authority (`verify-ca`), for any host.
    Ca(Roots),
    /// The signature of an authority, and the host (`verify-full`).
    Full(Roots),
}

/// The certificates of the trusted authorities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Roots {
    /// Those of the system, or of `SSL_CERT_FILE`.
    System,
    /// Those in this file.
    File(PathBuf),
}

impl PostgresConfig {
    /// Reads a URL.
    pub(super) fn parse(url: &str) -> Result<Self, PostgresOpenError> {
        if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err(invalid("it does not start with postgres://"));
        }
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut mode, mut roots, mut max_connections, mut schema) = (None, None, None, None);
        let mut rest = Vec::new();
        for option in query.split('&').filter(|option| !option.is_empty()) {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            match name {
                "sslmode" => mode = Some(value),
                "sslrootcert" => roots = Some(parse_roots(value)?),
                "connection_limit" => max_connections = Some(parse_limit(value)?),
                "schema" => schema = Some(value.to_owned()),
                _ => rest.push(option),
            }
        }
        // The parser's message is dropped: with an unencoded `@`, `/` or `?`, it may contain the password.
        let mut config = Config::from_str(&format!("{base}?{}", rest.join("&")))
            .map_err(|_| invalid("its host, its port or one of its options is wrong or unknown"))?;
        let (ssl_mode, verify) = parse_ssl_mode(mode, roots)?;
        config.ssl_mode(ssl_mode);
        set_defaults(&mut config);
        let name = DatabaseName {
            server: servers_of(&config)?,
            user: config.get_user().unwrap_or("the user of this process").to_owned(),
            database: config.get_dbname().or(config.get_user()).unwrap_or("named like the user").to_owned(),
        };
        Ok(PostgresConfig { config, verify, name, max_connections, schema })
    }
}

fn set_defaults(config: &mut Config) {
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    config.keepalives_idle(config.get_keepalives_idle().min(KEEPALIVE_IDLE));
    if config.get_application_name().is_none() {
        config.application_name("sessctl");
    }
    // Uses the one of several hosts that accepts writes. After a failover that is another one.
    if config.get_target_session_attrs() == TargetSessionAttrs::Any {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
}

fn parse_ssl_mode(
    mode: Option<&str>,
    roots: Option<Roots>,
) -> Result<(SslMode, SslVerify), PostgresOpenError> {
    let given = || roots.clone().map_or(SslVerify::None, SslVerify::Ca);
    let given_or_system = || roots.clone().unwrap_or(Roots::System);
    Ok(match mode {
        // `sslrootcert` alone means that certificates must be verified.
        None if roots.is_some() => (SslMode::Require, SslVerify::Full(given_or_system())),
        Some("disable") => (SslMode::Disable, SslVerify::None),
        None | Some("prefer") => (SslMode::Prefer, given()),
        Some("require") => (SslMode::Require, given()),
        Some("verify-ca") => (SslMode::Require, SslVerify::Ca(given_or_system())),
        Some("verify-full") => (SslMode::Require, SslVerify::Full(given_or_system())),
        Some(_) => {
            return Err(invalid("sslmode must be disable, prefer, require, verify-ca or verify-full"));
        }
    })
}

fn parse_limit(value: &str) -> Result<usize, PostgresOpenError> {
    let limit = value.parse().ok().filter(|limit| (1..=1000).contains(limit));
    limit.ok_or_else(|| invalid("connection_limit must be a number from 1 to 1000"))
}

fn parse_roots(value: &str) -> Result<Roots, PostgresOpenError> {
    let path = percent_decode_str(value).decode_utf8().map_err(|_| invalid("sslrootcert is not UTF-8"))?;
    Ok(if path == "system" { Roots::System } else { Roots::File(PathBuf::from(path.as_ref())) })
}

/// The hosts and ports, for messages.
fn servers_of(config: &Config) -> Result<String, PostgresOpenError> {
    let ports = config.get_ports();
    let port_of = |index: usize| ports.get(index).or(ports.first()).copied().unwrap_or(5432);
    let hosts: Vec<String> = config
        .get_hosts()
        .iter()
        .enumerate()
        .map(|(index, host)| match host {
            Host::Tcp(host) if host.contains(':') => format!("[{host}]:{}", port_of(index)),
            Host::Tcp(host) => format!("{host}:{}", port_of(index)),
            Host::Unix(path) => format!("{} port {}", path.display(), port_of(index)),
        })
        .collect();
    if hosts.is_empty() {
        return Err(invalid("it has no host"));
    }
    // Otherwise a part of the password would be used as the host, and shown.
    if hosts.iter().any(|host| host.contains('@')) {
        return Err(invalid("an @ in the user or password must be written as %40"));
    }
    Ok(hosts.join(", "))
}

fn invalid(reason: &str) -> PostgresOpenError {
    PostgresOpenError::InvalidUrl(reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ssl_of(query: &str) -> (SslMode, SslVerify) {
        let config = PostgresConfig::parse(&format!("postgres://u:p@h/d?{query}")).unwrap();
        (config.config.get_ssl_mode(), config.verify)
    }

    #[test]
    fn ssl_modes_have_the_meaning_of_libpq() {
        let file = || Roots::File("/ca file".into());
        for (query, mode, expected) in [
            ("", SslMode::Prefer, SslVerify::None),
            ("sslmode=disable", SslMode::Disable, SslVerify::None),
            ("sslmode=require", SslMode::Require, SslVerify::None),
            ("sslmode=require&sslrootcert=/ca%20file", SslMode::Require, SslVerify::Ca(file())),
            ("sslmode=verify-ca", SslMode::Require, SslVerify::Ca(Roots::System)),
            ("sslmode=verify-full", SslMode::Require, SslVerify::Full(Roots::System)),
            ("sslrootcert=/ca%20file", SslMode::Require, SslVerify::Full(file())),
        ] {
            assert_eq!(ssl_of(query), (mode, expected), "{query}");
        }
    }

    #[test]
    fn the_name_and_debug_output_contain_no_password() {
        let config =
            PostgresConfig::parse("postgres://me:s3cret@[::1]:5433,h/base?application_name=x").unwrap();
        let shown = format!("{config:?}");
        assert!(shown.contains("[::1]:5433, h:5432") && !shown.contains("s3cret"), "{shown}");
        assert_eq!((config.name.user.as_str(), config.name.database.as_str()), ("me", "base"));
    }

    #[test]
    fn punctuation_in_a_password_is_not_read_as_part_of_the_url() {
        for url in ["postgres://u:x?s3cret@h/d", "postgres://u:x/s3cret=1@h/d", "postgres://u:x?s3cret=1@h/d"]
        {
            let name = PostgresConfig::parse(url).unwrap().name;
            assert_eq!((name.server.as_str(), name.database.as_str()), ("h:5432", "d"));
        }
    }
}
