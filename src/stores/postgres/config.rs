//! The URL of a database: where it is, who asks, and whom to trust.

use std::path::PathBuf;
use std::str::FromStr as _;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

use super::PostgresOpenError;
use super::error::Name;

/// A server that does not answer one of several addresses must leave time for the next.
const CONNECTING: Duration = Duration::from_millis(1500);

/// A router that forgets a connection tells nobody: the system's two hours are too long to find out.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// What a URL says.
#[derive(Debug)]
pub(super) struct Address {
    pub(super) config: Config,
    pub(super) trust: Trust,
    pub(super) name: Name,
    /// How many connections to make at most, if it says so.
    pub(super) limit: Option<usize>,
}

/// Whose certificate is good enough. As libpq has it: whoever asks for secrecy alone (`require`) gets no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trust {
    /// Anybody's.
    Anyone,
    /// Those that an authority vouches for, whatever host they are for.
    Authorities(Authorities),
    /// Those that an authority vouches for, for this host.
    Host(Authorities),
}

/// Who vouches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Authorities {
    /// Those of the system, or of `SSL_CERT_FILE`.
    System,
    /// Those in this file.
    File(PathBuf),
}

impl Address {
    /// Reads a URL.
    pub(super) fn read(url: &str) -> Result<Self, PostgresOpenError> {
        if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err(bad("it does not begin with postgres://"));
        }
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut mode, mut authorities, mut limit, mut rest) = (None, None, None, Vec::new());
        for option in query.split('&').filter(|option| !option.is_empty()) {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            match name {
                "sslmode" => mode = Some(value),
                "sslrootcert" => authorities = Some(authorities_of(value)?),
                "connection_limit" => limit = Some(limit_of(value)?),
                _ => rest.push(option),
            }
        }
        // What the parser says is not passed on: with an `@`, `/` or `?` that is not encoded, it may hold the password.
        let mut config = Config::from_str(&format!("{base}?{}", rest.join("&")))
            .map_err(|_| bad("its host, port or one of its options is wrong or not known"))?;
        let (ssl_mode, trust) = trust_of(mode, authorities)?;
        config.ssl_mode(ssl_mode);
        set_defaults(&mut config);
        let name = Name {
            place: place_of(&config)?,
            user: config.get_user().unwrap_or("the user of this process").to_owned(),
            database: config.get_dbname().or(config.get_user()).unwrap_or("of this user's name").to_owned(),
        };
        Ok(Address { config, trust, name, limit })
    }
}

fn set_defaults(config: &mut Config) {
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECTING);
    }
    config.keepalives_idle(config.get_keepalives_idle().min(KEEPALIVE));
    if config.get_application_name().is_none() {
        config.application_name("sessctl");
    }
    // Of several hosts the one that takes writes, though the others answer: after a failover that is another one.
    if config.get_target_session_attrs() == TargetSessionAttrs::Any {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
}

fn trust_of(
    mode: Option<&str>,
    authorities: Option<Authorities>,
) -> Result<(SslMode, Trust), PostgresOpenError> {
    let of_system = || authorities.clone().unwrap_or(Authorities::System);
    let as_given = || authorities.clone().map_or(Trust::Anyone, Trust::Authorities);
    Ok(match mode {
        // Who names authorities wants them asked.
        None if authorities.is_some() => (SslMode::Require, Trust::Host(of_system())),
        Some("disable") => (SslMode::Disable, Trust::Anyone),
        None | Some("prefer") => (SslMode::Prefer, as_given()),
        Some("require") => (SslMode::Require, as_given()),
        Some("verify-ca") => (SslMode::Require, Trust::Authorities(of_system())),
        Some("verify-full") => (SslMode::Require, Trust::Host(of_system())),
        Some(_) => {
            return Err(bad("sslmode is one of disable, prefer, require, verify-ca and verify-full"));
        }
    })
}

fn limit_of(value: &str) -> Result<usize, PostgresOpenError> {
    let limit = value.parse().ok().filter(|limit| (1..=1000).contains(limit));
    limit.ok_or_else(|| bad("connection_limit is a number from 1 to 1000"))
}

fn authorities_of(value: &str) -> Result<Authorities, PostgresOpenError> {
    let path = percent_decode_str(value).decode_utf8().map_err(|_| bad("sslrootcert is not UTF-8"))?;
    Ok(if path == "system" { Authorities::System } else { Authorities::File(PathBuf::from(path.as_ref())) })
}

fn place_of(config: &Config) -> Result<String, PostgresOpenError> {
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
        return Err(bad("it names no host"));
    }
    // Else a piece of the password is taken for the host, and shown.
    if hosts.iter().any(|host| host.contains('@')) {
        return Err(bad("an @ in a name or password is written %40"));
    }
    Ok(hosts.join(", "))
}

fn bad(why: &str) -> PostgresOpenError {
    PostgresOpenError::BadUrl(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trust(query: &str) -> (SslMode, Trust) {
        let address = Address::read(&format!("postgres://u:p@h/d?{query}")).unwrap();
        (address.config.get_ssl_mode(), address.trust)
    }

    #[test]
    fn the_modes_of_tls_are_those_of_libpq() {
        let file = || Authorities::File("/ca file".into());
        for (query, mode, expected) in [
            ("", SslMode::Prefer, Trust::Anyone),
            ("sslmode=disable", SslMode::Disable, Trust::Anyone),
            ("sslmode=require", SslMode::Require, Trust::Anyone),
            ("sslmode=require&sslrootcert=/ca%20file", SslMode::Require, Trust::Authorities(file())),
            ("sslmode=verify-ca", SslMode::Require, Trust::Authorities(Authorities::System)),
            ("sslmode=verify-full", SslMode::Require, Trust::Host(Authorities::System)),
            ("sslrootcert=/ca%20file", SslMode::Require, Trust::Host(file())),
        ] {
            assert_eq!(trust(query), (mode, expected), "{query}");
        }
    }

    #[test]
    fn a_place_is_named_without_its_password() {
        let address = Address::read("postgres://me:s3cret@[::1]:5433,h/base?application_name=x").unwrap();
        let shown = format!("{address:?}");
        assert!(shown.contains("[::1]:5433, h:5432") && !shown.contains("s3cret"), "{shown}");
        assert_eq!((address.name.user.as_str(), address.name.database.as_str()), ("me", "base"));
    }

    #[test]
    fn a_password_with_punctuation_is_not_taken_for_something_else() {
        for url in ["postgres://u:x?s3cret@h/d", "postgres://u:x/s3cret=1@h/d", "postgres://u:x?s3cret=1@h/d"]
        {
            let name = Address::read(url).unwrap().name;
            assert_eq!((name.place.as_str(), name.database.as_str()), ("h:5432", "d"));
        }
    }

    #[test]
    fn a_wrong_url_is_refused_and_its_password_not_shown() {
        for url in [
            "redis://u:s3cret@h",
            "postgres://u:s3cret@",
            "postgres://u:s3cret@h:port/d",
            "postgres://u:x@s3cret@h/d",
            "postgres://u:s3cret@h/d?sslmode=sometimes",
            "postgres://u:s3cret@h/d?frobnicate=1",
            "postgres://u:s3cret@h/d?connection_limit=0",
        ] {
            let error = Address::read(url).map(|address| address.name).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{url}: {error}");
        }
    }
}
