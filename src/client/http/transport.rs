//! The connection below the user agent: reqwest, stripped of everything that it would do unseen.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, ClientBuilder, Proxy};
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use url::Url;

use super::error::{ClientError, innermost};

/// Headers beyond this many make a response invalid: ten times what hyper allows by itself.
const MOST_HEADERS: usize = 1000;

/// How to reach servers.
#[derive(Debug, Clone, Default)]
pub struct TransportConfig {
    /// A PEM file of certificate authorities to trust beside the system's.
    pub ca_file: Option<PathBuf>,
    /// Trust any certificate.
    pub insecure: bool,
    /// The proxy for all requests, instead of those that the environment names.
    pub proxy: Option<Url>,
    /// Through no proxy at all, whatever the environment says.
    pub direct: bool,
    /// Addresses that stand for the host and port of a URL.
    pub resolve: Vec<Resolve>,
}

/// `host:port` is reached at this address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolve {
    /// The host of a URL.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Where to connect to.
    pub address: IpAddr,
}

/// Connections, made when first needed: a client without TLS costs a tenth of one with it.
#[derive(Debug)]
pub(crate) struct Transport {
    config: TransportConfig,
    clients: HashMap<ClientKey, Client>,
}

/// What clients differ in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct ClientKey {
    tls: bool,
    resolve: Option<(String, SocketAddr)>,
}

impl Transport {
    pub(crate) fn new(config: TransportConfig) -> Self {
        Transport { config, clients: HashMap::new() }
    }

    /// Forgets all connections: after a long pause the server may have closed them.
    pub(crate) fn disconnect(&mut self) {
        self.clients.clear();
    }

    /// The client for requests to `url`.
    pub(crate) fn client_for(&mut self, url: &Url) -> Result<Client, ClientError> {
        let host = url.host_str().unwrap_or_default();
        let resolve = self.config.resolve.iter().find(|rule| {
            rule.host.eq_ignore_ascii_case(host) && url.port_or_known_default() == Some(rule.port)
        });
        let resolve = resolve.map(|rule| (host.to_owned(), SocketAddr::new(rule.address, rule.port)));
        let uses_tls = url.scheme() == "https" || self.proxy_uses_tls();
        let key = ClientKey { tls: uses_tls, resolve };
        if let Some(client) = self.clients.get(&key) {
            return Ok(client.clone());
        }
        let client = self.build(&key)?;
        self.clients.insert(key, client.clone());
        Ok(client)
    }

    /// Whether a proxy, ours or one of the environment, is spoken to over TLS itself.
    fn proxy_uses_tls(&self) -> bool {
        if self.config.direct {
            return false;
        }
        let named = |name: &str| std::env::var(name).is_ok_and(|value| value.starts_with("https:"));
        match &self.config.proxy {
            Some(proxy) => proxy.scheme() == "https",
            None => ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"].into_iter().any(named),
        }
    }

    fn build(&self, key: &ClientKey) -> Result<Client, ClientError> {
        // What is shown is what is sent: no redirects, no retries, no headers of the client's own.
        let mut builder = Client::builder()
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .http1_only()
            .http1_title_case_headers()
            .http1_max_headers(MOST_HEADERS)
            .http1_ignore_invalid_headers_in_responses(true)
            .http1_allow_spaces_after_header_name_in_responses(true);
        if let Some((host, address)) = &key.resolve {
            builder = builder.resolve(host, *address);
        }
        if self.config.direct {
            builder = builder.no_proxy();
        } else if let Some(proxy) = &self.config.proxy {
            builder = builder.proxy(Proxy::all(proxy.as_str()).map_err(|error| set_up(&error))?);
        }
        builder = if key.tls { self.with_tls(builder)? } else { without_tls(builder)? };
        builder.build().map_err(|error| set_up(&error))
    }

    fn with_tls(&self, mut builder: ClientBuilder) -> Result<ClientBuilder, ClientError> {
        // An error says that it is installed already.
        let _ = ring::default_provider().install_default();
        if let Some(file) = &self.config.ca_file {
            let fail = |why: &dyn std::fmt::Display| {
                ClientError::SetUp(format!("cannot use {} as certificate authorities: {why}", file.display()))
            };
            let pem = std::fs::read(file).map_err(|error| fail(&error))?;
            let certificates = Certificate::from_pem_bundle(&pem).map_err(|error| fail(innermost(&error)))?;
            if certificates.is_empty() {
                return Err(fail(&"there is no certificate in it"));
            }
            builder = builder.tls_certs_merge(certificates);
        }
        Ok(builder.tls_danger_accept_invalid_certs(self.config.insecure))
    }
}

/// reqwest sets TLS up in any case; with nothing to trust that costs next to nothing.
fn without_tls(builder: ClientBuilder) -> Result<ClientBuilder, ClientError> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| ClientError::SetUp(error.to_string()))?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    Ok(builder.tls_backend_preconfigured(config))
}

fn set_up(error: &reqwest::Error) -> ClientError {
    ClientError::SetUp(innermost(error).to_string())
}
