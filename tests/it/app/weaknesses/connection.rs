//! [`Connection`]: one connection for many requests, because a handshake for each takes long in a debug build.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::support::{Answer, Authority};

trait Stream: Read + Write + Send {}

impl<S: Read + Write + Send> Stream for S {}

pub struct Connection(BufReader<Box<dyn Stream>>);

impl Connection {
    /// Over TLS, if there is an authority.
    pub fn open(address: &str, authority: Option<&Authority>) -> Self {
        let tcp = TcpStream::connect(address).expect("a connection");
        tcp.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout");
        let Some(authority) = authority else { return Connection(BufReader::new(Box::new(tcp))) };
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(authority.path("ca.pem")).expect("a file")).expect("a root");
        let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().expect("versions");
        let config = Arc::new(builder.with_root_certificates(roots).with_no_client_auth());
        let name = ServerName::try_from("localhost").expect("a name");
        let tls = ClientConnection::new(config, name).expect("a client");
        Connection(BufReader::new(Box::new(StreamOwned::new(tls, tcp))))
    }

    /// Sends a request and reads its response.
    pub fn ask(&mut self, request: &str) -> Answer {
        let stream = self.0.get_mut();
        stream.write_all(request.as_bytes()).and_then(|()| stream.flush()).expect("an open connection");
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(self.0.read_line(&mut head).expect("a line"), 0, "{request} was not answered");
        }
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let mut answer = Answer { status, head, body: String::new() };
        let mut body = vec![0; answer.header("content-length").parse().unwrap_or(0)];
        self.0.read_exact(&mut body).expect("a body");
        answer.body = String::from_utf8(body).expect("text");
        answer
    }
}
