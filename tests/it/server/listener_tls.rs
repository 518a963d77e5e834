//! The listener over TLS: handshakes, many requests on a connection, clients that misbehave.

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

/// Longer than this nothing here takes.
const HANGS: Duration = Duration::from_secs(30);

/// A server of the library's, behind TLS.
struct Listening {
    address: std::net::SocketAddr,
    authority: Authority,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

impl Listening {
    async fn with(limits: Limits) -> Self {
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
        Listening { address, authority, stop, ended }
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

    /// An HTTP/2 client, and what becomes of its connection.
    async fn http2(&self) -> (h2::client::SendRequest<Bytes>, JoinHandle<Result<(), h2::Error>>) {
        self.http2_with_window(65_535).await
    }

    /// One that takes so much of an answer before it says that it takes more.
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

fn asking(path: &str) -> Request<()> {
    Request::get(format!("https://localhost{path}")).body(()).unwrap()
}

async fn in_time<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(HANGS, future).await.expect("an end in time")
}

#[tokio::test]
async fn a_handshake_takes_no_longer_than_a_head_may() {
    let head_time = Duration::from_millis(200);
    let server = Listening::with(Limits { head_time, ..Limits::default() }).await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    let mut half = TcpStream::connect(server.address).await.unwrap();
    half.write_all(&[22, 3, 1, 2]).await.unwrap();
    for stream in [&mut silent, &mut half] {
        let mut rest = Vec::new();
        let _ = in_time(stream.read_to_end(&mut rest)).await;
    }
    let (mut client, connection) = server.http2().await;
    let (response, _) = client.send_request(asking("/"), true).unwrap();
    assert_eq!(in_time(response).await.unwrap().status(), 200);
    // It lies idle, and is told to go.
    let _ = in_time(connection).await;
}

#[tokio::test]
async fn a_handshake_does_not_hold_up_the_stop() {
    let server = Listening::with(Limits::default()).await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    silent.write_all(&[22]).await.unwrap();
    // Another one is served, so that this one has been accepted before.
    let (mut client, _connection) = server.http2().await;
    in_time(client.send_request(asking("/"), true).unwrap().0).await.unwrap();
    let started = Instant::now();
    let _ = server.stop.send(());
    in_time(server.ended).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(8), "it waited for a handshake");
}

#[tokio::test]
async fn told_to_stop_it_ends_what_runs_over_http2() {
    let server = Listening::with(Limits::default()).await;
    let (mut client, connection) = server.http2().await;
    let (response, _) = client.send_request(asking("/slow"), true).unwrap();
    // Its answer shows that the one before has been begun.
    in_time(client.send_request(asking("/"), true).unwrap().0).await.unwrap();
    let _ = server.stop.send(());
    let response = in_time(response).await.expect("an answer");
    let body = in_time(response.into_body().data()).await.unwrap().unwrap();
    assert_eq!(body, "slow");
    let _ = in_time(connection).await;
    in_time(server.ended).await.unwrap();
}

#[tokio::test]
async fn many_requests_share_a_connection_up_to_a_limit() {
    let server = Listening::with(Limits { streams: 4, ..Limits::default() }).await;
    let (mut client, _connection) = server.http2().await;
    // With the first answer it knows of the limit.
    in_time(client.send_request(asking("/"), true).unwrap().0).await.unwrap();
    assert_eq!(client.current_max_send_streams(), 4);
    let mut answers = Vec::new();
    for _ in 0..40 {
        let mut ready = in_time(client.clone().ready()).await.unwrap();
        let response = ready.send_request(asking("/slow"), true).unwrap().0;
        answers.push(tokio::spawn(response));
    }
    for answer in answers {
        assert_eq!(in_time(answer).await.unwrap().unwrap().status(), 200);
    }
}

#[tokio::test]
async fn headers_over_the_limit_are_refused_and_the_connection_goes_on() {
    let server = Listening::with(Limits { head_octets: 8 * 1024, ..Limits::default() }).await;
    let (mut client, _connection) = server.http2().await;
    let large = Request::get("https://localhost/").header("x-large", "x".repeat(12 * 1024)).body(()).unwrap();
    match client.send_request(large, true) {
        Ok((response, _)) => match in_time(response).await {
            Ok(response) => assert_eq!(response.status(), 431),
            Err(error) => assert!(error.is_reset() || error.is_go_away(), "{error}"),
        },
        Err(error) => panic!("{error}"),
    }
    let mut next = in_time(client.ready()).await.expect("a connection that goes on");
    assert_eq!(in_time(next.send_request(asking("/"), true).unwrap().0).await.unwrap().status(), 200);
}

/// How much of the body comes before its end, and whether that is a whole one.
async fn taken_of(mut body: h2::RecvStream) -> (usize, bool) {
    let mut taken = 0;
    loop {
        match in_time(body.data()).await {
            Some(Ok(octets)) => taken += octets.len(),
            Some(Err(_)) => return (taken, false),
            None => return (taken, true),
        }
    }
}

#[tokio::test]
async fn a_client_that_opens_no_window_is_reset_and_told_to_go() {
    for window in [0, 1, 1 << 16] {
        let request_time = Duration::from_millis(100);
        let server = Listening::with(Limits { request_time, ..Limits::default() }).await;
        let (mut client, connection) = server.http2_with_window(window).await;
        let response = in_time(client.send_request(asking("/large"), true).unwrap().0).await.unwrap();
        // It gives nothing of its window back.
        let (taken, whole) = taken_of(response.into_body()).await;
        assert!(taken <= window as usize && !whole, "{taken} octets came through a window of {window}");
        let _ = in_time(connection).await;
    }
}

#[tokio::test]
async fn a_client_that_reads_slowly_gets_all_also_when_the_server_stops() {
    let head_time = Duration::from_millis(200);
    let server = Listening::with(Limits { head_time, ..Limits::default() }).await;
    let (mut client, _connection) = server.http2().await;
    let response = in_time(client.send_request(asking("/large"), true).unwrap().0).await.unwrap();
    let (mut body, mut taken, mut stop) = (response.into_body(), 0, Some(server.stop));
    while let Some(octets) = in_time(body.data()).await {
        let octets = octets.expect("no end half way").len();
        // Once for longer than a connection may lie idle, and a client may stay without a word.
        let pause = if (1 << 19..(1 << 19) + octets).contains(&taken) { 1500 } else { 5 };
        taken += octets;
        if taken > 1 << 19 {
            let _ = stop.take().map(|stop| stop.send(()));
        }
        tokio::time::sleep(Duration::from_millis(pause)).await;
        body.flow_control().release_capacity(octets).unwrap();
    }
    assert_eq!(taken, 1 << 20);
    in_time(server.ended).await.unwrap();
}

#[tokio::test]
async fn pings_keep_no_connection_that_asks_nothing() {
    let head_time = Duration::from_millis(300);
    let server = Listening::with(Limits { head_time, ..Limits::default() }).await;
    let mut stream = server.handshake(b"h2").await;
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let pings = [&b"\0\0\x08\x06\0\0\0\0\0"[..], &[7; 8]].concat().repeat(8);
    let end = Instant::now() + HANGS;
    let mut answers = [0; 4096];
    loop {
        assert!(Instant::now() < end, "it stays for ever");
        // All in one piece, as often as it can answer.
        if stream.write_all(&pings).await.is_err() {
            break;
        }
        let answered = tokio::time::timeout(Duration::from_millis(50), stream.read(&mut answers)).await;
        if matches!(answered, Ok(Ok(0) | Err(_))) {
            break;
        }
    }
}

#[tokio::test]
async fn over_tls_a_client_that_does_not_read_is_cut_off_though_it_goes_on_asking() {
    let request_time = Duration::from_millis(300);
    let server = Listening::with(Limits { request_time, ..Limits::default() }).await;
    let mut stream = server.handshake(b"http/1.1").await;
    let ask = "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let end = Instant::now() + HANGS;
    // It never reads; what it sends is what keeps it from being merely silent.
    while stream.write_all(ask.as_bytes()).await.is_ok() && stream.flush().await.is_ok() {
        assert!(Instant::now() < end, "it stays for ever");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn uploads_of_a_connection_share_its_room() {
    let server = Listening::with(Limits::default()).await;
    let (client, _connection) = server.http2().await;
    let mut answers = Vec::new();
    // 40 bodies of 60,000 octets that all stay open.
    let mut open = Vec::new();
    for _ in 0..40 {
        let mut ready = in_time(client.clone().ready()).await.unwrap();
        let request = Request::post("https://localhost/upload").body(()).unwrap();
        let (response, mut body) = ready.send_request(request, false).unwrap();
        body.send_data(Bytes::from(vec![0; 60_000]), false).unwrap();
        answers.push(tokio::spawn(response));
        open.push(body);
    }
    // Some are refused at once, with the others still open.
    let refused = first_of(&mut answers).await;
    assert_eq!(refused, 503);
}

/// The status of the first of these that has one.
async fn first_of(answers: &mut [JoinHandle<Result<http::Response<h2::RecvStream>, h2::Error>>]) -> u16 {
    let end = Instant::now() + HANGS;
    loop {
        if let Some(answer) = answers.iter_mut().find(|answer| answer.is_finished()) {
            return answer.await.unwrap().unwrap().status().as_u16();
        }
        assert!(Instant::now() < end, "none is refused");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_request_names_one_host() {
    let server = Listening::with(Limits::default()).await;
    let (mut client, _connection) = server.http2().await;
    for (host, status) in [("localhost", 200), ("LOCALHOST", 200), ("evil.example", 400)] {
        let request = Request::get("https://localhost/").header("host", host).body(()).unwrap();
        let response = in_time(client.send_request(request, true).unwrap().0).await.unwrap();
        assert_eq!(response.status(), status, "{host}");
    }
}

#[tokio::test]
async fn a_slow_answer_over_http2_is_given_up() {
    let request_time = Duration::from_millis(200);
    let server = Listening::with(Limits { request_time, ..Limits::default() }).await;
    let (mut client, _connection) = server.http2().await;
    let response = in_time(client.send_request(asking("/never"), true).unwrap().0).await.unwrap();
    assert_eq!(response.status(), 408);
}

#[tokio::test]
async fn clients_that_do_not_go_make_room_for_others() {
    let server = Listening::with(Limits { connections: 4, ..Limits::default() }).await;
    // Four that say they speak HTTP/2, and hear nothing.
    let mut deaf = Vec::new();
    for _ in 0..4 {
        let mut stream = server.handshake(b"h2").await;
        stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
        deaf.push(stream);
    }
    let (mut client, _connection) = in_time(server.http2()).await;
    let response = in_time(client.send_request(asking("/"), true).unwrap().0).await.unwrap();
    assert_eq!(response.status(), 200);
}
