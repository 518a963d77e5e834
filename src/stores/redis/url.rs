//! [`RedisUrl`]: the servers and the options in the URL of a store.

use percent_encoding::percent_decode_str;
use redis::{ConnectionInfo, IntoConnectionInfo, ProtocolVersion, RedisError};

use super::endpoint::Sentinels;
use super::open_error::RedisOpenError;
use super::server::{RedisServer, with_resp3};
use super::tls::RedisTls;

/// The port of a Sentinel without a port.
const DEFAULT_SENTINEL_PORT: &str = ":26379";

/// A URL.
#[derive(Debug)]
pub(super) struct RedisUrl {
    /// The servers, which the URL separates by commas. The rest of the URL applies to each of them.
    pub(super) servers: Vec<RedisServer>,
    /// The prefix of all keys, if the URL sets it.
    pub(super) prefix: Option<String>,
    /// The servers are Sentinels. This is the name of their service, and the settings of its primary.
    pub(super) service: Option<(String, RedisServer)>,
}

/// The options of a URL. None of them is decoded yet.
#[derive(Default)]
struct UrlOptions<'a> {
    prefix: Option<&'a str>,
    root_certificates: Option<&'a str>,
    client_certificate: Option<&'a str>,
    client_key: Option<&'a str>,
    sentinel_user: &'a str,
    sentinel_password: &'a str,
    /// Those of a socket, which the `redis` crate reads: the database, the user and the password.
    of_socket: Vec<&'a str>,
}

impl RedisUrl {
    /// Reads a URL, and the certificates that it names.
    pub(super) fn parse(url: &str) -> Result<Self, RedisOpenError> {
        if url.contains('#') {
            return Err(invalid(
                "it contains a #; write %23 for one in a password, and use sslrootcert=FILE to trust a private authority",
            ));
        }
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let (scheme, rest) = base.split_once("://").unwrap_or(("", base));
        let (scheme, is_sentinel) = match scheme.strip_suffix("+sentinel") {
            Some(scheme) => (scheme, true),
            None => (scheme, false),
        };
        let options = UrlOptions::parse(query, scheme.contains("unix"), is_sentinel)?;
        let (scheme, tls) = match (scheme, options.tls()?) {
            ("rediss", files) => ("redis", Some(files.unwrap_or_default().client_config()?)),
            ("valkeys", files) => ("valkey", Some(files.unwrap_or_default().client_config()?)),
            (_, Some(_)) => {
                return Err(invalid("sslrootcert, sslcert and sslkey are only valid with rediss://"));
            }
            (scheme, None) => (scheme, None),
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (user, hosts) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
        let query = options.of_socket.join("&");
        let info = |user: &str, host: &str, path: &str| {
            let text = format!("{scheme}://{user}{host}{path}?{query}");
            connection_info(&text).map_err(RedisOpenError::invalid_url)
        };
        let server = |info| RedisServer::new(info, tls.clone()).map_err(RedisOpenError::invalid_url);
        let prefix = options.prefix.map(|prefix| decode("prefix", prefix)).transpose()?;
        if !is_sentinel {
            let servers =
                hosts.split(',').map(|host| server(info(user, host, path)?)).collect::<Result<_, _>>()?;
            return Ok(RedisUrl { servers, prefix, service: None });
        }
        let path = path.trim_start_matches('/');
        let (service, database) = path.split_at(path.find('/').unwrap_or(path.len()));
        let service = decode("the service after the Sentinels", service)?;
        let login = options.sentinel_login();
        let sentinel = |host: &str| {
            let port = if has_port(host) { "" } else { DEFAULT_SENTINEL_PORT };
            let info = info(&login, &format!("{host}{port}"), "")?;
            // Sentinel supports RESP3 only since Redis 7.
            let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP2);
            server(info.set_redis_settings(settings))
        };
        let servers = hosts.split(',').map(sentinel).collect::<Result<_, RedisOpenError>>()?;
        let primary = server(info(user, "localhost", database)?)?;
        Ok(RedisUrl { servers, prefix, service: Some((service, primary)) })
    }

    /// The Sentinels, if the servers are some.
    pub(super) fn sentinels(&self) -> Option<Sentinels> {
        let (service, primary) = self.service.clone()?;
        Some(Sentinels { sentinels: self.servers.clone(), service, primary })
    }
}

/// The settings of a URL that has only one server and no TLS.
fn connection_info(url: &str) -> Result<ConnectionInfo, RedisError> {
    url.into_connection_info().map(with_resp3)
}

/// Whether a host is followed by a port. An IPv6 address is in brackets.
fn has_port(host: &str) -> bool {
    host.rsplit(']').next().is_some_and(|rest| rest.contains(':'))
}

impl<'a> UrlOptions<'a> {
    fn parse(query: &'a str, is_socket: bool, is_sentinel: bool) -> Result<Self, RedisOpenError> {
        let mut options = UrlOptions::default();
        for option in query.split('&').filter(|option| !option.is_empty()) {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            match name {
                "prefix" => options.prefix = Some(value),
                "sslrootcert" => options.root_certificates = Some(value),
                "sslcert" => options.client_certificate = Some(value),
                "sslkey" => options.client_key = Some(value),
                "sentinel_user" if is_sentinel => options.sentinel_user = value,
                "sentinel_password" if is_sentinel => options.sentinel_password = value,
                "db" | "user" | "pass" if is_socket => options.of_socket.push(option),
                // The option is not named: after an unencoded `?` in the password, it is a part of the password.
                _ if is_socket => {
                    return Err(invalid("it has an option other than db, user, pass and prefix"));
                }
                _ => {
                    return Err(invalid(
                        "it has an option other than prefix, sslrootcert, sslcert, sslkey and, with Sentinel, sentinel_user and sentinel_password (write %3F for a ? in the password)",
                    ));
                }
            }
        }
        Ok(options)
    }

    /// The user and the password of the Sentinels, as they are before a host.
    fn sentinel_login(&self) -> String {
        match (self.sentinel_user, self.sentinel_password) {
            ("", "") => String::new(),
            (user, password) => format!("{user}:{password}@"),
        }
    }

    /// The files of the TLS settings, if the URL has any of these options.
    fn tls(&self) -> Result<Option<RedisTls>, RedisOpenError> {
        let root_certificates = match self.root_certificates {
            None | Some("system") => None,
            Some(file) => Some(decode("sslrootcert", file)?),
        };
        let client = match (self.client_certificate, self.client_key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some((decode("sslcert", certificate)?, decode("sslkey", key)?)),
            _ => return Err(invalid("sslcert=FILE and sslkey=FILE are only valid together")),
        };
        let has_any = self.root_certificates.is_some() || client.is_some();
        Ok(has_any.then_some(RedisTls { root_certificates, client }))
    }
}

fn decode(option: &str, value: &str) -> Result<String, RedisOpenError> {
    match percent_decode_str(value).decode_utf8() {
        Ok(text) if !text.is_empty() => Ok(text.into_owned()),
        _ => Err(invalid(format!("the value of {option} is empty or not UTF-8"))),
    }
}

fn invalid(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> RedisOpenError {
    RedisOpenError::InvalidUrl { source: reason.into() }
}
