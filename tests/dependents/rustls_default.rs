//! A program with TLS of its own, by the default provider of rustls.

use sessctl as _;

fn main() {
    let config = rustls::ClientConfig::builder()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    println!("alpn: {:?}", config.alpn_protocols);
}
