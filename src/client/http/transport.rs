//! The HTTP connections of the user agent: reqwest without redirects, retries and headers of its own.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use reqwest::redirect::Policy;
use reqwest::{Client, Proxy};
use url::Url;

use super::error::{ClientError, innermost};
use super::in_process::InProcess;
#[cfg(feature = "client-tls")]
use super::tls::{with_tls, without_tls};
use crate::cookies::is_secure;

/// A response with more headers is invalid. hyper's default is 100.
const MAX_HEADERS: usize = 1000;

/// How to connect to servers.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct TransportConfig {
    /// A PEM file with certificate authorities to trust in addition to the system's.
    pub ca_file: Option<PathBuf>,
    /// A PEM file with the certificate that identifies this client.
    pub cert_file: Option<PathBuf>,
    /// A PEM file with its private key, if the file of the certificate does not contain it.
    pub key_file: Option<PathBuf>,
    /// Trust any certificate.
    pub insecure: bool,
    /// The proxy for all requests, instead of the proxies in the environment.
    pub proxy: Option<Url>,
    /// Use no proxy, whatever the environment says.
    pub direct: bool,
    /// Addresses for hosts and ports.
    pub resolve: Vec<Resolve>,
}

/// Connects to this address for `host:port`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resolve {
    /// The host of a URL.
    pub host: String,
    /// The port of a URL.
    pub port: u16,
    /// The address to connect to.
    pub address: IpAddr,
}

impl Resolve {
    /// Connects to `address` for this host and port.
    ///
    /// ```
    /// use sessctl::client::{AgentConfig, http::Resolve};
    ///
    /// let mut config = AgentConfig::default();
    /// config.transport.resolve.push(Resolve::new("app.example", 443, "127.0.0.1".parse()?));
    /// # Ok::<(), std::net::AddrParseError>(())
    /// ```
    #[must_use]
    pub fn new(host: impl Into<String>, port: u16, address: IpAddr) -> Self {
        Resolve { host: host.into(), port, address }
    }
}

/// HTTP clients, created when first needed: a client without TLS takes a tenth of the time.
#[derive(Debug, Clone)]
pub(crate) struct Transport {
    config: TransportConfig,
    clients: HashMap<ClientKey, Client>,
    /// Answers all requests instead of servers.
    pub(super) service: Option<InProcess>,
}

/// The settings in which the clients differ.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct ClientKey {
    tls: bool,
    /// Use no proxy.
    direct: bool,
    resolve: Option<(String, Vec<SocketAddr>)>,
}

impl Transport {
    pub(crate) fn new(config: TransportConfig) -> Self {
        Transport { config, clients: HashMap::new(), service: None }
    }

    /// Closes all connections.
    pub(crate) fn disconnect(&mut self) {
        self.clients.clear();
    }

    /// The client for requests to `url`. `None` if a service answers them.
    pub(crate) fn client_for(&mut self, url: &Url) -> Result<Option<Client>, ClientError> {
        if self.service.is_some() {
            return Ok(None);
        }
        let host = url.host_str().unwrap_or_default();
        let resolve = self.config.resolve.iter().find(|rule| {
            rule.host.eq_ignore_ascii_case(host) && url.port_or_known_default() == Some(rule.port)
        });
        let mut addresses = resolve.map(|rule| vec![rule.address]).unwrap_or_default();
        if addresses.is_empty() && host.to_ascii_lowercase().ends_with(".localhost") {
            // Names below `localhost` are this machine (RFC 6761 §6.3). Not every resolver knows that.
            addresses = vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        }
        let port = url.port_or_known_default().unwrap_or_default();
        let addresses: Vec<SocketAddr> = addresses.into_iter().map(|it| SocketAddr::new(it, port)).collect();
        let resolve = (!addresses.is_empty()).then(|| (host.to_owned(), addresses));
        // Plain HTTP to this machine carries `Secure` cookies and passwords, so it must not leave it, as in browsers.
        let direct = self.config.direct || url.scheme() == "http" && is_secure(url);
        let uses_tls = url.scheme() == "https" || !direct && self.proxy_uses_tls();
        let key = ClientKey { tls: uses_tls, direct, resolve };
        if let Some(client) = self.clients.get(&key) {
            return Ok(Some(client.clone()));
        }
        let client = self.build(&key)?;
        self.clients.insert(key, client.clone());
        Ok(Some(client))
    }

    /// Whether the connection to the proxy uses TLS.
    fn proxy_uses_tls(&self) -> bool {
        let named = |name: &str| std::env::var(name).is_ok_and(|value| value.starts_with("https:"));
        match &self.config.proxy {
            Some(proxy) => proxy.scheme() == "https",
            None => ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"].into_iter().any(named),
        }
    }

    fn build(&self, key: &ClientKey) -> Result<Client, ClientError> {
        // The flow must show exactly what is sent, so reqwest adds nothing: no redirects, retries or headers.
        let mut builder = Client::builder()
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .http1_only()
            .http1_title_case_headers()
            .http1_max_headers(MAX_HEADERS)
            .http1_ignore_invalid_headers_in_responses(true)
            .http1_allow_spaces_after_header_name_in_responses(true);
        if let Some((host, addresses)) = &key.resolve {
            builder = builder.resolve_to_addrs(host, addresses);
        }
        if key.direct {
            builder = builder.no_proxy();
        } else if let Some(proxy) = &self.config.proxy {
            builder = builder.proxy(Proxy::all(proxy.as_str()).map_err(|error| set_up(&error))?);
        }
        let builder = if key.tls { with_tls(builder, &self.config)? } else { without_tls(builder)? };
        builder.build().map_err(|error| set_up(&error))
    }
}

#[cfg(not(feature = "client-tls"))]
fn with_tls(_: reqwest::ClientBuilder, _: &TransportConfig) -> Result<reqwest::ClientBuilder, ClientError> {
    let why = "it uses TLS; enable the feature `client-tls` of the crate `sessctl`";
    Err(ClientError::SetUp(why.to_owned()))
}

#[cfg(not(feature = "client-tls"))]
fn without_tls(builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, ClientError> {
    Ok(builder)
}

fn set_up(error: &reqwest::Error) -> ClientError {
    ClientError::SetUp(innermost(error).to_string())
}
