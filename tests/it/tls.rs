//! TLS of the server and of the client: both protocols, certificates that are renewed, clients that misbehave.

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

use crate::support::{Authority, Home, Ran, Serve, get, post};

/// Longer than this nothing here takes.
const HANGS: Duration = Duration::from_secs(30);

fn serving(home: &Home, authority: &Authority) -> Serve {
    let options = authority.options();
    Serve::with(home, &options.each_ref().map(String::as_str))
}

fn curl(authority: &Authority, args: &[&str]) -> Ran {
    let ca = authority.path("ca.pem");
    let mut command = std::process::Command::new("curl");
    command.args(["-sS", "-i", "--noproxy", "*", "--cacert"]).arg(ca).args(args);
    Ran::from(command.output().expect("curl: scripts/test installs it"))
}

#[test]
fn a_session_over_tls_from_login_to_logout() {
    let (home, authority) = (Home::new(), Authority::new());
    let server = serving(&home, &authority);
    assert!(server.url().starts_with("https://"), "{}", server.url());
    let (url, ca) = (server.url(), authority.path("ca.pem"));
    let trusting = ["--cacert", &ca.to_string_lossy(), "--url", &url].map(str::to_owned);
    let run = |args: &[&str]| home.run(trusting.iter().map(String::as_str).chain(args.iter().copied()));
    run(&["login", "--user", "alice"]).exits(0);
    let cookie = run(&["show-cookies", "--json"]).exits(0).json()["cookies"][0].clone();
    assert_eq!(cookie["name"], "__Host-sessionid");
    assert_eq!((&cookie["secure"], &cookie["host_only"]), (&true.into(), &true.into()), "{cookie}");
    run(&["visit"]).exits(0).answers("Welcome, alice!");
    run(&["visit", "-v"]).says("Strict-Transport-Security: max-age=31536000");
    run(&["logout"]).exits(0);
}

#[test]
fn the_client_trusts_whom_it_is_told_to_and_nobody_else() {
    let (home, authority, stranger) = (Home::new(), Authority::new(), Authority::new());
    let server = serving(&home, &authority);
    let url = server.url();
    home.run(["visit", &url]).exits(1).says("certificate");
    home.run(["visit", &url, "--cacert", &stranger.path("ca.pem").to_string_lossy()])
        .exits(1)
        .says("certificate");
    home.run(["visit", &url, "--cacert", &authority.path("ca.pem").to_string_lossy()]).exits(0);
    home.run(["visit", &url, "--insecure"]).exits(0);
    let mut by_environment = home.command(["visit", &url]);
    by_environment.env("SSL_CERT_FILE", authority.path("ca.pem"));
    Ran::from(by_environment.output().unwrap()).exits(0);
    home.run(["visit", &url, "--cacert", "missing.pem"]).exits(1).says("missing.pem");
    // The certificate is for localhost, not for this name.
    let port = url.rsplit_once(':').unwrap().1;
    let resolve = format!("shop.example:{port}:127.0.0.1");
    let ca = authority.path("ca.pem");
    let other = ["visit", &format!("https://shop.example:{port}/"), "--resolve", &resolve, "--cacert"]
        .map(str::to_owned);
    home.run(other.iter().map(String::as_str).chain([&*ca.to_string_lossy()])).exits(1).says("certificate");
}

#[test]
fn http2_is_spoken_to_those_who_can() {
    let (home, authority) = (Home::new(), Authority::new());
    let server = serving(&home, &authority);
    let (login, page) = (format!("{}/login", server.url()), server.url());
    let answer = curl(&authority, &["--http2", "-d", "username=alice", &login]).exits(0);
    assert!(answer.stdout.starts_with("HTTP/2 303"), "{}", answer.stdout);
    let line = answer.stdout.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("a cookie");
    assert!(line.starts_with("__Host-sessionid=") && line.contains("Secure"), "{line}");
    let cookie = line.split(';').next().unwrap_or_default();
    let page = curl(&authority, &["--http2", "-b", cookie, &page]).exits(0);
    assert!(
        page.stdout.starts_with("HTTP/2 200") && page.stdout.contains("Welcome, alice!"),
        "{}",
        page.stdout
    );
    let foreign = ["--http2", "-b", cookie, "-H", "Origin: https://evil.example", "-X", "POST", &login];
    curl(&authority, &foreign).exits(0).answers("HTTP/2 403");
    let elsewhere = ["--http2", "-H", "Host: evil.example", &server.url()];
    curl(&authority, &elsewhere).exits(0).answers("HTTP/2 421");
    curl(&authority, &["--http1.1", &server.url()]).exits(0).answers("HTTP/1.1 200");
}

#[test]
fn what_comes_in_the_clear_is_sent_to_tls_and_gets_no_session() {
    let (home, authority) = (Home::new(), Authority::new());
    let server = serving(&home, &authority);
    let page = get(&server.address, "/session?x=1", &[("Host", "localhost:8443")]);
    assert_eq!((page.status, page.header("location")), (308, "https://localhost:8443/session?x=1"));
    let login = post(&server.address, "/login", &[], "username=alice");
    assert_eq!((login.status, login.header("set-cookie")), (403, ""));
}

#[test]
fn a_renewed_certificate_is_read_when_the_server_is_told() {
    let (home, authority) = (Home::new(), Authority::new());
    let server = serving(&home, &authority);
    let shown = || {
        let port = server.address.rsplit_once(':').unwrap().1;
        let mut openssl = std::process::Command::new("openssl");
        openssl
            .args(["s_client", "-connect", &format!("127.0.0.1:{port}")])
            .stdin(std::process::Stdio::null());
        let said = Ran::from(openssl.output().expect("openssl: scripts/test installs it")).stdout;
        let start = said.find("-----BEGIN").expect("a certificate");
        said[start..].split_inclusive("-----END CERTIFICATE-----").next().unwrap_or_default().to_owned()
    };
    let first = shown();
    authority.sign("server");
    assert_eq!(shown(), first, "nobody has told it");
    server.signal("HUP");
    let deadline = Instant::now() + HANGS;
    while shown() == first {
        assert!(Instant::now() < deadline, "the new certificate is not shown");
    }
    let second = shown();
    std::fs::write(authority.path("server.pem"), "no certificate").unwrap();
    server.signal("HUP");
    home.run(["visit", &server.url(), "--insecure"]).exits(0);
    let (status, said) = server.stop();
    assert!(status.success());
    assert!(said.contains("there is no certificate in") && said.contains("goes on with"), "{said}");
    assert_ne!(first, second);
}

#[test]
fn a_server_without_a_usable_certificate_does_not_start() {
    let (home, authority) = (Home::new(), Authority::new());
    authority.sign("other");
    let [.., key] = authority.options();
    let start = |certificate: &str, key: &str| {
        let certificate = authority.path(certificate).to_string_lossy().into_owned();
        home.run(["serve", "--bind", "127.0.0.1:0", "--tls-cert", &certificate, "--tls-key", key])
    };
    start("missing.pem", &key).exits(1).says("cannot read").says("missing.pem").says("No such file");
    start("server-key.pem", &key).exits(1).says("there is no certificate in");
    start("other.pem", &key).exits(1).says("cannot be used together");
    home.run(["serve", "--tls-cert", "x"]).exits(2).says("--tls-key");
}

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
        let (stop, stopped) = oneshot::channel();
        let service = warp::service(small.or(large).or(slow).or(never).boxed());
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
        let stream = self.handshake(b"h2").await;
        let (client, connection) = h2::client::handshake(stream).await.unwrap();
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

#[tokio::test]
async fn a_client_that_opens_no_window_is_cut_off() {
    let head_time = Duration::from_millis(200);
    let server = Listening::with(Limits { head_time, ..Limits::default() }).await;
    let (mut client, _connection) = server.http2().await;
    let response = in_time(client.send_request(asking("/large"), true).unwrap().0).await.unwrap();
    let mut body = response.into_body();
    // It takes what fits into the first window, and gives none of it back.
    let mut taken = 0;
    while let Some(Ok(octets)) = in_time(body.data()).await {
        taken += octets.len();
    }
    assert!((1..1 << 20).contains(&taken), "{taken} octets came");
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
        taken += octets;
        body.flow_control().release_capacity(octets).unwrap();
        // Longer in all than a connection may lie idle.
        tokio::time::sleep(Duration::from_millis(10)).await;
        if taken > 1 << 19 {
            let _ = stop.take().map(|stop| stop.send(()));
        }
    }
    assert_eq!(taken, 1 << 20);
    in_time(server.ended).await.unwrap();
}

#[tokio::test]
async fn a_slow_answer_over_http2_is_given_up() {
    let request_time = Duration::from_millis(200);
    let server = Listening::with(Limits { request_time, ..Limits::default() }).await;
    let (mut client, _connection) = server.http2().await;
    let response = in_time(client.send_request(asking("/never"), true).unwrap().0).await.unwrap();
    assert_eq!(response.status(), 408);
}
