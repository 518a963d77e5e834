//! [`RedisServer`]: a server of a URL, and how to connect to it.

use std::io;
use std::sync::Arc;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, ProtocolVersion, RedisError};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// A server, with the user, the password, the database and the TLS settings of its connections.
#[derive(Debug, Clone)]
pub(super) struct RedisServer {
    client: Client,
    /// `None` for connections without TLS. The `redis` crate is not asked to use TLS: it takes the default provider of the
    /// process, and panics without one.
    tls: Option<Arc<ClientConfig>>,
}

impl RedisServer {
    pub(super) fn new(info: ConnectionInfo, tls: Option<Arc<ClientConfig>>) -> Result<Self, RedisError> {
        Ok(RedisServer { client: Client::open(info)?, tls })
    }

    /// The server of an application's client.
    pub(super) fn of_client(client: &Client) -> Result<Self, RedisError> {
        Self::new(with_resp3(client.get_connection_info().clone()), None)
    }

    /// Another server with the same settings.
    pub(super) fn at(&self, host: &str, port: u16) -> Result<Self, RedisError> {
        let info = self.client.get_connection_info().clone();
        let host = host.to_owned();
        let address = match info.addr() {
            // A client of the application whose own `redis` crate uses TLS.
            ConnectionAddr::TcpTls { insecure, tls_params, .. } => {
                let (insecure, tls_params) = (*insecure, tls_params.clone());
                ConnectionAddr::TcpTls { host, port, insecure, tls_params }
            }
            _ => ConnectionAddr::Tcp(host, port),
        };
        Self::new(info.set_addr(address), self.tls.clone())
    }

    /// Its host and port, or the path of its socket.
    pub(super) fn name(&self) -> String {
        self.client.get_connection_info().addr().to_string()
    }

    pub(super) async fn connect(
        &self,
        config: &AsyncConnectionConfig,
    ) -> Result<MultiplexedConnection, RedisError> {
        let info = self.client.get_connection_info();
        let (Some(tls), ConnectionAddr::Tcp(host, port)) = (&self.tls, info.addr()) else {
            return self.client.get_multiplexed_async_connection_with_config(config).await;
        };
        let stream = TcpStream::connect((host.as_str(), *port)).await?;
        stream.set_nodelay(info.tcp_settings().nodelay())?;
        let name = ServerName::try_from(host.clone()).map_err(io::Error::other)?;
        let stream = TlsConnector::from(Arc::clone(tls)).connect(name, stream).await?;
        let settings = info.redis_settings();
        let (connection, driver) =
            MultiplexedConnection::new_with_config(settings, stream, config.clone()).await?;
        // It ends with the last clone of the connection.
        tokio::spawn(driver);
        Ok(connection)
    }
}

/// The same settings with RESP3, in which the server reports that it closes a connection.
pub(super) fn with_resp3(info: ConnectionInfo) -> ConnectionInfo {
    let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    let tcp = info.tcp_settings().clone().set_nodelay(true);
    info.set_redis_settings(settings).set_tcp_settings(tcp)
}
