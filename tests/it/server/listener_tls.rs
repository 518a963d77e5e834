//! The listener over TLS: handshakes, concurrent HTTP/2 requests, clients that misbehave.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use sessctl::server::{Limits, Listener, Tls, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use warp::Filter;

use crate::support::Authority;

/// No test takes longer than this.
const HANG_TIMEOUT: Duration = Duration::from_secs(30);

/// The library's server with TLS.
struct TlsServer {
    address: std::net::SocketAddr,
    authority: Authority,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

impl TlsServer {
    async fn start(limits: Limits) -> Self {
        let authority = Authority::new();
        let tls = Tls::load(authority.path("server.pem"), authority.path("server-key.pem")).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let small = warp::path::end().map(|| "small");
        let large = warp::path!("large").map(|| "x".repeat(1 << 20));
        let slow = warp::path!("slow").then(|| async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            "slow"
        });
        let never = warp::path!("never").then(std::future::pending::<&'static str>);
        let upload = warp::path!("upload").and(warp::body::bytes()).map(|_| "kept");
        let upload = upload.recover(|_: warp::Rejection| async {
            Ok::<_, std::convert::Infallible>(warp::http::StatusCode::SERVICE_UNAVAILABLE)
        });
        let (stop, stopped) = oneshot::channel();
        let service = warp::service(small.or(large).or(slow).or(never).or(upload).boxed());
        let listener = Listener::over_tls(listener, tls);
        let ended = tokio::spawn(serve(listener, service, limits, async { drop(stopped.await) }));
        TlsServer { address, authority, stop, ended }
    }

    async fn handshake(&self, protocol: &[u8]) -> TlsStream<TcpStream> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(self.authority.path("ca.pem")).unwrap()).unwrap();
        let builder = rustls::ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap();
        let mut config = builder.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![protocol.to_vec()];
        let stream = TcpStream::connect(self.address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
    }

    /// An HTTP/2 client, and the task of its connection.
    async fn http2(&self) -> (h2::client::SendRequest<Bytes>, JoinHandle<Result<(), h2::Error>>) {
        self.http2_with_window(65_535).await
    }

    /// The same, with this flow-control window for each stream.
    async fn http2_with_window(
        &self,
        window: u32,
    ) -> (h2::client::SendRequest<Bytes>, JoinHandle<Result<(), h2::Error>>) {
        let stream = self.handshake(b"h2").await;
        let builder = h2::client::Builder::new().initial_window_size(window).to_owned();
        let (client, connection) = builder.handshake(stream).await.unwrap();
        (client, tokio::spawn(connection))
    }
}

fn get(path: &str) -> Request<()> {
    Request::get(format!("https://localhost{path}")).body(()).unwrap()
}

async fn in_time<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(HANG_TIMEOUT, future).await.expect("an end in time")
}

#[tokio::test]
async fn the_head_timeout_includes_the_handshake() {
    let head_timeout = Duration::from_millis(200);
    let server = TlsServer::start(Limits::default().with_head_timeout(head_timeout)).await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    let mut half = TcpStream::connect(server.address).await.unwrap();
    half.write_all(&[22, 3, 1, 2]).await.unwrap();
    for stream in [&mut silent, &mut half] {
        let mut rest = Vec::new();
        let _ = in_time(stream.read_to_end(&mut rest)).await;
    }
    let (mut client, connection) = server.http2().await;
    let (response, _) = client.send_request(get("/"), true).unwrap();
    assert_eq!(in_time(response).await.unwrap().status(), 200);
    // The idle connection gets GOAWAY.
    let _ = in_time(connection).await;
}

#[tokio::test]
async fn an_incomplete_handshake_does_not_delay_the_shutdown() {
    let server = TlsServer::start(Limits::default()).await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    silent.write_all(&[22]).await.unwrap();
    // This connection is served, so the silent one was accepted before it.
    let (mut client, _connection) = server.http2().await;
    in_time(client.send_request(get("/"), true).unwrap().0).await.unwrap();
    let started = Instant::now();
    let _ = server.stop.send(());
    in_time(server.ended).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(8), "the shutdown waited for a handshake");
}

#[tokio::test]
async fn the_shutdown_finishes_active_http2_requests() {
    let server = TlsServer::start(Limits::default()).await;
    let (mut client, connection) = server.http2().await;
    let (response, _) = client.send_request(get("/slow"), true).unwrap();
    // This response shows that the previous request is active.
    in_time(client.send_request(get("/"), true).unwrap().0).await.unwrap();
    let _ = server.stop.send(());
    let response = in_time(response).await.expect("a response");
    let body = in_time(response.into_body().data()).await.unwrap().unwrap();
    assert_eq!(body, "slow");
    let _ = in_time(connection).await;
    in_time(server.ended).await.unwrap();
}

#[tokio::test]
async fn concurrent_requests_share_a_connection_up_to_the_limit() {
    let server = TlsServer::start(Limits::default().with_max_concurrent_streams(4)).await;
    let (mut client, _connection) = server.http2().await;
    // The client learns the limit with the first response.
    in_time(client.send_request(get("/"), true).unwrap().0).await.unwrap();
    assert_eq!(client.current_max_send_streams(), 4);
    let mut responses = Vec::new();
    for _ in 0..40 {
        let mut ready = in_time(client.clone().ready()).await.unwrap();
        let response = ready.send_request(get("/slow"), true).unwrap().0;
        responses.push(tokio::spawn(response));
    }
    for response in responses {
        assert_eq!(in_time(response).await.unwrap().unwrap().status(), 200);
    }
}

#[tokio::test]
async fn a_head_over_the_limit_is_refused_and_the_connection_stays_open() {
    let server = TlsServer::start(Limits::default().with_max_head_len(8 * 1024)).await;
    let (mut client, _connection) = server.http2().await;
    let large = Request::get("https://localhost/").header("x-large", "x".repeat(12 * 1024)).body(()).unwrap();
    match client.send_request(large, true) {
        Ok((response, _)) => match in_time(response).await {
            Ok(response) => assert_eq!(response.status(), 431),
            Err(error) => assert!(error.is_reset() || error.is_go_away(), "{error}"),
        },
        Err(error) => panic!("{error}"),
    }
    let mut next = in_time(client.ready()).await.expect("an open connection");
    assert_eq!(in_time(next.send_request(get("/"), true).unwrap().0).await.unwrap().status(), 200);
}

/// How many bytes of the body arrive, and whether it is complete.
async fn received_of(mut body: h2::RecvStream) -> (usize, bool) {
    let mut received = 0;
    loop {
        match in_time(body.data()).await {
            Some(Ok(bytes)) => received += bytes.len(),
            Some(Err(_)) => return (received, false),
            None => return (received, true),
        }
    }
}

#[tokio::test]
async fn a_stream_whose_window_stays_closed_is_reset_and_its_client_gets_goaway() {
    for window in [0, 1, 1 << 16] {
        let request_timeout = Duration::from_millis(100);
        let server = TlsServer::start(Limits::default().with_request_timeout(request_timeout)).await;
        let (mut client, connection) = server.http2_with_window(window).await;
        let response = in_time(client.send_request(get("/large"), true).unwrap().0).await.unwrap();
        // The client never sends WINDOW_UPDATE.
        let (received, is_complete) = received_of(response.into_body()).await;
        assert!(received <= window as usize && !is_complete, "{received} bytes, window of {window}");
        let _ = in_time(connection).await;
    }
}

#[tokio::test]
async fn a_client_that_reads_slowly_gets_the_whole_response_also_during_shutdown() {
    let head_timeout = Duration::from_millis(200);
    let server = TlsServer::start(Limits::default().with_head_timeout(head_timeout)).await;
    let (mut client, _connection) = server.http2().await;
    let response = in_time(client.send_request(get("/large"), true).unwrap().0).await.unwrap();
    let (mut body, mut received, mut stop) = (response.into_body(), 0, Some(server.stop));
    while let Some(bytes) = in_time(body.data()).await {
        let length = bytes.expect("a complete response").len();
        // One pause is longer than `head_timeout` and than the time that a client may stay after GOAWAY.
        let pause = if (1 << 19..(1 << 19) + length).contains(&received) { 1500 } else { 5 };
        received += length;
        if received > 1 << 19 {
            let _ = stop.take().map(|stop| stop.send(()));
        }
        tokio::time::sleep(Duration::from_millis(pause)).await;
        body.flow_control().release_capacity(length).unwrap();
    }
    assert_eq!(received, 1 << 20);
    in_time(server.ended).await.unwrap();
}

#[tokio::test]
async fn pings_do_not_keep_an_idle_connection_open() {
    let head_timeout = Duration::from_millis(300);
    let server = TlsServer::start(Limits::default().with_head_timeout(head_timeout)).await;
    let mut stream = server.handshake(b"h2").await;
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let pings = [&b"\0\0\x08\x06\0\0\0\0\0"[..], &[7; 8]].concat().repeat(8);
    let end = Instant::now() + HANG_TIMEOUT;
    let mut buffer = [0; 4096];
    loop {
        assert!(Instant::now() < end, "the connection stays open");
        // One write for all pings, as often as the server can answer.
        if stream.write_all(&pings).await.is_err() {
            break;
        }
        let answered = tokio::time::timeout(Duration::from_millis(50), stream.read(&mut buffer)).await;
        if matches!(answered, Ok(Ok(0) | Err(_))) {
            break;
        }
    }
}

#[tokio::test]
async fn over_tls_a_client_that_sends_requests_but_does_not_read_is_disconnected() {
    let request_timeout = Duration::from_millis(300);
    let server = TlsServer::start(Limits::default().with_request_timeout(request_timeout)).await;
    let mut stream = server.handshake(b"http/1.1").await;
    let request = "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let end = Instant::now() + HANG_TIMEOUT;
    // The client sends requests, so it is not idle, but never reads.
    while stream.write_all(request.as_bytes()).await.is_ok() && stream.flush().await.is_ok() {
        assert!(Instant::now() < end, "the connection stays open");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn uploads_of_a_connection_share_a_quota() {
    let server = TlsServer::start(Limits::default()).await;
    let (client, _connection) = server.http2().await;
    let mut responses = Vec::new();
    // 40 bodies of 60,000 bytes that all stay open.
    let mut open = Vec::new();
    for _ in 0..40 {
        let mut ready = in_time(client.clone().ready()).await.unwrap();
        let request = Request::post("https://localhost/upload").body(()).unwrap();
        let (response, mut body) = ready.send_request(request, false).unwrap();
        body.send_data(Bytes::from(vec![0; 60_000]), false).unwrap();
        responses.push(tokio::spawn(response));
        open.push(body);
    }
    // Some are refused while the others are still open.
    let refused = first_of(&mut responses).await;
    assert_eq!(refused, 503);
}

/// The status of the first of these responses that arrives.
async fn first_of(responses: &mut [JoinHandle<Result<http::Response<h2::RecvStream>, h2::Error>>]) -> u16 {
    let end = Instant::now() + HANG_TIMEOUT;
    loop {
        if let Some(response) = responses.iter_mut().find(|response| response.is_finished()) {
            return response.await.unwrap().unwrap().status().as_u16();
        }
        assert!(Instant::now() < end, "no upload is refused");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_request_whose_host_differs_from_its_authority_gets_400() {
    let server = TlsServer::start(Limits::default()).await;
    let (mut client, _connection) = server.http2().await;
    for (host, status) in [("localhost", 200), ("LOCALHOST", 200), ("evil.example", 400)] {
        let request = Request::get("https://localhost/").header("host", host).body(()).unwrap();
        let response = in_time(client.send_request(request, true).unwrap().0).await.unwrap();
        assert_eq!(response.status(), status, "{host}");
    }
}

#[tokio::test]
async fn an_http2_request_that_takes_too_long_gets_408() {
    let request_timeout = Duration::from_millis(200);
    let server = TlsServer::start(Limits::default().with_request_timeout(request_timeout)).await;
    let (mut client, _connection) = server.http2().await;
    let response = in_time(client.send_request(get("/never"), true).unwrap().0).await.unwrap();
    assert_eq!(response.status(), 408);
}

#[tokio::test]
async fn at_the_connection_limit_http2_clients_that_ignore_goaway_are_closed() {
    let server = TlsServer::start(Limits::default().with_max_connections(4)).await;
    // Four clients that negotiate HTTP/2 and then ignore everything.
    let mut ignoring = Vec::new();
    for _ in 0..4 {
        let mut stream = server.handshake(b"h2").await;
        stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
        ignoring.push(stream);
    }
    let (mut client, _connection) = in_time(server.http2()).await;
    let response = in_time(client.send_request(get("/"), true).unwrap().0).await.unwrap();
    assert_eq!(response.status(), 200);
}
