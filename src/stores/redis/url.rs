//! [`RedisUrl`]: the servers and the options in the URL of a store.

use percent_encoding::percent_decode_str;
use redis::{
    Client, ClientTlsConfig, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, ProtocolVersion, RedisError,
    TlsCertificates,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::endpoint::Sentinels;
use super::open_error::RedisOpenError;

/// The port of a Sentinel without a port.
const DEFAULT_SENTINEL_PORT: &str = ":26379";

/// A URL.
#[derive(Debug)]
pub(super) struct RedisUrl {
    /// The servers, which the URL separates by commas. The rest of the URL applies to each of them.
    pub(super) servers: Vec<ConnectionInfo>,
    /// The prefix of all keys, if the URL sets it.
    pub(super) prefix: Option<String>,
    /// The servers are Sentinels. This is the name of their service, and the settings of its primary.
    pub(super) service: Option<(String, ConnectionInfo)>,
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
        let certificates = options.certificates()?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (user, hosts) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
        let query = options.of_socket.join("&");
        let server = |user: &str, host: &str, path: &str| {
            let text = format!("{scheme}://{user}{host}{path}?{query}");
            server_at(&text, certificates.as_ref()).map_err(RedisOpenError::invalid_url)
        };
        let prefix = options.prefix.map(|prefix| decode("prefix", prefix)).transpose()?;
        if !is_sentinel {
            let servers = hosts.split(',').map(|host| server(user, host, path)).collect::<Result<_, _>>()?;
            return Ok(RedisUrl { servers, prefix, service: None });
        }
        let path = path.trim_start_matches('/');
        let (service, database) = path.split_at(path.find('/').unwrap_or(path.len()));
        let service = decode("the service after the Sentinels", service)?;
        let login = options.sentinel_login();
        let sentinel = |host: &str| {
            let port = if has_port(host) { "" } else { DEFAULT_SENTINEL_PORT };
            let info = server(&login, &format!("{host}{port}"), "")?;
            // Sentinel supports RESP3 only since Redis 7.
            let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP2);
            Ok(info.set_redis_settings(settings))
        };
        let servers = hosts.split(',').map(sentinel).collect::<Result<_, RedisOpenError>>()?;
        let primary = server(user, "localhost", database)?;
        Ok(RedisUrl { servers, prefix, service: Some((service, primary)) })
    }

    /// The Sentinels, if the servers are some.
    pub(super) fn sentinels(&self) -> Result<Option<Sentinels>, RedisOpenError> {
        let Some((service, primary)) = self.service.clone() else { return Ok(None) };
        let sentinels = self.servers.iter().cloned().map(Client::open).collect::<Result<_, _>>();
        let sentinels = sentinels.map_err(RedisOpenError::invalid_url)?;
        Ok(Some(Sentinels { sentinels, service, primary }))
    }

    pub(super) fn uses_tls(&self) -> bool {
        self.servers.iter().any(|server| matches!(server.addr(), ConnectionAddr::TcpTls { .. }))
    }
}

/// The server of a URL that has only one.
fn server_at(url: &str, certificates: Option<&TlsCertificates>) -> Result<ConnectionInfo, RedisError> {
    let info = url.into_connection_info()?;
    // In RESP3, the server reports that it closes a connection.
    let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    let tcp = info.tcp_settings().clone().set_nodelay(true);
    let info = info.set_redis_settings(settings).set_tcp_settings(tcp);
    match certificates {
        Some(certificates) => {
            let client = Client::build_with_tls(info, certificates.clone())?;
            Ok(client.get_connection_info().clone())
        }
        None => Ok(info),
    }
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

    /// The certificates, if the URL names any.
    fn certificates(&self) -> Result<Option<TlsCertificates>, RedisOpenError> {
        let root_cert = match self.root_certificates {
            None | Some("system") => None,
            Some(file) => Some(read("sslrootcert", file)?),
        };
        let client_tls = match (self.client_certificate, self.client_key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some(ClientTlsConfig {
                client_cert: read("sslcert", certificate)?,
                client_key: read("sslkey", key)?,
            }),
            _ => return Err(invalid("sslcert=FILE and sslkey=FILE are only valid together")),
        };
        let has_any = self.root_certificates.is_some() || client_tls.is_some();
        Ok(has_any.then_some(TlsCertificates { client_tls, root_cert }))
    }
}

/// Reads a file in PEM format that an option names.
fn read(option: &'static str, value: &str) -> Result<Vec<u8>, RedisOpenError> {
    let file = decode(option, value)?;
    let unusable = |reason: String| RedisOpenError::Certificates { option, file: file.clone(), reason };
    let content = std::fs::read(&file).map_err(|error| unusable(error.to_string()))?;
    if option != "sslkey" && CertificateDer::from_pem_slice(&content).is_err() {
        return Err(unusable("it contains no certificate in PEM format".to_owned()));
    }
    Ok(content)
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
