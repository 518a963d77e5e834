//! Connections that switch to another protocol: WebSockets in a browser, and the limits of such connections.

use std::convert::Infallible;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use http::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use sessctl::server::{Limits, RequestBody, serve};
use sessctl::session::{Session, SessionConfig, Sessions};
use sessctl::stores::MemoryStore;
use sessctl::web::{SessionLayer, session};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tower::service_fn;
use tower_layer::Layer;
use warp::Filter;
use warp::ws::{Message, WebSocket, Ws};

use crate::support::Browser;

/// No test takes longer than this: a limit that does not work fails the test instead of blocking it.
const HANG_TIMEOUT: Duration = Duration::from_secs(30);

struct EchoServer {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

/// Answers with what it reads, and says goodbye when the client or the server ends the connection.
async fn echo(mut request: Request<RequestBody>) {
    let Ok(upgraded) = hyper::upgrade::on(&mut request).await else { return };
    let mut io = TokioIo::new(upgraded);
    let mut buffer = [0; 64];
    while let Ok(count @ 1..) = io.read(&mut buffer).await {
        io.write_all(&buffer[..count]).await.expect("an open connection");
    }
    let _ = io.write_all(b"goodbye").await;
}

impl EchoServer {
    async fn start(limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = service_fn(|request: Request<RequestBody>| async {
            if !request.headers().contains_key("upgrade") {
                return Ok::<_, Infallible>(Response::new("plain".to_owned()));
            }
            tokio::spawn(echo(request));
            let response = Response::builder().status(StatusCode::SWITCHING_PROTOCOLS);
            let response = response.header("connection", "upgrade").header("upgrade", "echo");
            Ok(response.body(String::new()).expect("a response"))
        });
        let (stop, stopped) = oneshot::channel();
        let ended = tokio::spawn(serve(listener, service, limits, async { drop(stopped.await) }));
        EchoServer { address, stop, ended }
    }

    /// Asks for an upgrade. Returns the connection and the status.
    async fn upgrade(&self) -> (TcpStream, u16) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(tokio::time::timeout(HANG_TIMEOUT, stream.read_u8()).await.unwrap().unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        (stream, head[9..12].parse().unwrap())
    }
}

async fn echoes(stream: &mut TcpStream) {
    stream.write_all(b"hello").await.unwrap();
    let mut answer = [0; 5];
    tokio::time::timeout(HANG_TIMEOUT, stream.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(&answer, b"hello");
}

async fn rest(stream: &mut TcpStream) -> String {
    let mut rest = Vec::new();
    let _ = tokio::time::timeout(HANG_TIMEOUT, stream.read_to_end(&mut rest)).await.expect("an end");
    String::from_utf8(rest).unwrap()
}

#[tokio::test]
async fn an_upgraded_connection_lives_until_the_server_stops() {
    // A head timeout does not apply after the upgrade.
    let limits = Limits::default().with_head_timeout(Duration::from_millis(50));
    let server = EchoServer::start(limits.with_drain_timeout(HANG_TIMEOUT)).await;
    let (mut stream, status) = server.upgrade().await;
    assert_eq!(status, 101);
    echoes(&mut stream).await;
    // The server closes an idle connection after the head timeout, but not this one.
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    assert_eq!(rest(&mut idle).await, "");
    echoes(&mut stream).await;
    // The application reads the end of the stream and can still write.
    server.stop.send(()).unwrap();
    assert_eq!(rest(&mut stream).await, "goodbye");
    tokio::time::timeout(HANG_TIMEOUT, server.ended).await.expect("the server ends").unwrap();
}

#[tokio::test]
async fn an_application_that_keeps_its_connection_delays_the_stop_until_the_deadline() {
    let server = EchoServer::start(Limits::default().with_drain_timeout(Duration::from_millis(50))).await;
    let (mut stream, _) = server.upgrade().await;
    // A client that does not read blocks the application in a write.
    let (mut reader, mut writer) = stream.split();
    let flood = vec![b'x'; 1 << 16];
    while let Ok(Ok(())) = tokio::time::timeout(Duration::from_millis(500), writer.write_all(&flood)).await {}
    server.stop.send(()).unwrap();
    tokio::time::timeout(HANG_TIMEOUT, server.ended).await.expect("the server ends").unwrap();
    let mut received = Vec::new();
    let _ = tokio::time::timeout(HANG_TIMEOUT, reader.read_to_end(&mut received)).await.expect("an end");
}

#[tokio::test]
async fn upgraded_connections_have_limits_of_their_own() {
    let limits = Limits::default().with_max_upgraded_connections(1);
    let server = EchoServer::start(limits).await;
    let (mut first, status) = server.upgrade().await;
    assert_eq!(status, 101);
    let (mut second, status) = server.upgrade().await;
    assert_eq!(status, 503);
    assert!(rest(&mut second).await.contains("too many upgraded connections"));
    echoes(&mut first).await;
    drop(first);
    let deadline = tokio::time::Instant::now() + HANG_TIMEOUT;
    while server.upgrade().await.1 != 101 {
        assert!(tokio::time::Instant::now() < deadline, "the place of a closed connection stays taken");
    }
}

#[tokio::test]
async fn a_silent_upgraded_connection_is_closed() {
    let limits = Limits::default().with_upgrade_idle_timeout(Duration::from_millis(100));
    let server = EchoServer::start(limits).await;
    let (mut stream, status) = server.upgrade().await;
    assert_eq!(status, 101);
    rest(&mut stream).await;
}

/// Answers each message with the user of the session, as the store has it now.
async fn tell_user(mut socket: WebSocket, session: Session) {
    while let Some(Ok(message)) = socket.next().await {
        if !message.is_text() {
            continue;
        }
        let record = session.reload().await.expect("the memory store does not fail");
        let user = record.and_then(|record| record.user.clone());
        let text = user.map_or_else(|| "ended".to_owned(), |user| user.to_string());
        if socket.send(Message::text(text)).await.is_err() {
            break;
        }
    }
}

/// Sends a message, and returns the answer.
const ASK: &str = "window.socket.send('who'); \
    return new Promise(done => { window.socket.onmessage = event => done(event.data); })";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browsers_websocket_learns_that_its_session_ended() {
    let sessions = Sessions::new(MemoryStore::new(), SessionConfig::development()).unwrap();
    let page = || warp::reply::html("<title>page</title>");
    let login = warp::path!("login").and(session()).then(move |session: Session| async move {
        session.login("alice").await.expect("a login");
        page()
    });
    let rotate = warp::path!("rotate").and(session()).then(|session: Session| async move {
        session.cycle_id().await.expect("a rotation");
        "rotated"
    });
    let logout = warp::path!("logout").and(session()).then(|session: Session| async move {
        session.end().await.expect("a logout");
        "ended"
    });
    let socket = warp::path!("socket")
        .and(warp::ws())
        .and(session())
        .map(|ws: Ws, session: Session| ws.on_upgrade(|socket| tell_user(socket, session)));
    let routes = login.or(rotate).or(logout).or(socket).boxed();
    let service = SessionLayer::new(sessions).layer(warp::service(routes));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(serve(listener, service, Limits::default(), std::future::pending()));
    tokio::task::spawn_blocking(move || {
        let browser = Browser::start();
        browser.open(&format!("{url}/login"));
        let opened = "window.socket = new WebSocket('ws://' + location.host + '/socket'); \
            return new Promise(done => { \
                window.socket.onopen = () => done('open'); window.socket.onclose = () => done('closed'); })";
        assert_eq!(browser.promise(opened), "open");
        assert_eq!(browser.promise(ASK), "alice");
        browser.promise("return fetch('/rotate').then(answer => answer.text())");
        assert_eq!(browser.promise(ASK), "alice", "a rotation is not the end of the session");
        browser.promise("return fetch('/logout').then(answer => answer.text())");
        assert_eq!(browser.promise(ASK), "ended");
    })
    .await
    .unwrap();
    server.abort();
}

#[tokio::test]
async fn a_websocket_of_axum_works() {
    let greet = async |socket: axum::extract::ws::WebSocketUpgrade| {
        socket.on_upgrade(async |mut socket| {
            let _ = socket.send("hello".into()).await;
        })
    };
    let routes = axum::Router::new().route("/", axum::routing::any(greet));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, routes, Limits::default(), std::future::pending()));
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\
                   Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(HANG_TIMEOUT, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
    assert!(answer.contains("hello"), "{answer}");
}
