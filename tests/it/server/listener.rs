//! The listener over plain HTTP: it enforces limits on clients, and its shutdown drops no request.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use sessctl::server::{Limits, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use warp::Filter;

/// No test takes longer than this: a limit that does not work fails the test instead of blocking it.
const HANG_TIMEOUT: Duration = Duration::from_secs(30);

/// A body that sends a word every 100 ms for two seconds.
struct Drip(tokio::time::Interval, usize);

impl warp::Stream for Drip {
    type Item = Result<&'static str, std::convert::Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.1 == 0 {
            return Poll::Ready(None);
        }
        ready!(self.0.poll_tick(cx));
        self.1 -= 1;
        Poll::Ready(Some(Ok(if self.1 == 0 { "the small" } else { "drop" })))
    }
}

struct PlainServer {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

impl PlainServer {
    async fn start(limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let small = warp::path::end().map(|| "small");
        let large = warp::path!("large").map(|| "x".repeat(64 << 20));
        let slow = warp::path!("slow").then(|| async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            "slow"
        });
        let hard = warp::path!("hard").map(|| {
            // Blocks the thread, so that no other task runs on it.
            std::thread::sleep(Duration::from_micros(300));
            "small"
        });
        let drip = warp::path!("drip")
            .map(|| warp::reply::stream(Drip(tokio::time::interval(Duration::from_millis(100)), 20)));
        let (stop, stopped) = oneshot::channel();
        let service = warp::service(small.or(large).or(slow).or(hard).or(drip).boxed());
        let ended = tokio::spawn(serve(listener, service, limits, async { drop(stopped.await) }));
        PlainServer { address, stop, ended }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("a connection")
    }
}

async fn send_request(stream: &mut TcpStream, path: &str) -> std::io::Result<()> {
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).await
}

async fn response(stream: &mut TcpStream, path: &str) -> Option<String> {
    send_request(stream, path).await.ok()?;
    read_response(stream).await
}

async fn read_response(stream: &mut TcpStream) -> Option<String> {
    let mut text = Vec::new();
    while !text.ends_with(b"small") && !text.ends_with(b"slow") {
        let read = tokio::time::timeout(HANG_TIMEOUT, stream.read_buf(&mut text)).await;
        if read.expect("a response in time").ok()? == 0 {
            return None;
        }
    }
    String::from_utf8(text).ok()
}

/// Reads until the server closes the connection.
async fn read_to_end(mut stream: TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    let _ = tokio::time::timeout(HANG_TIMEOUT, stream.read_to_end(&mut rest)).await.expect("an end in time");
    rest
}

#[tokio::test]
async fn silent_and_slow_clients_are_disconnected() {
    let head_timeout = Duration::from_millis(200);
    let server = PlainServer::start(Limits::default().with_head_timeout(head_timeout)).await;
    let started = Instant::now();
    let (silent, mut half, mut idle) =
        (server.connect().await, server.connect().await, server.connect().await);
    half.write_all(b"GET / HTTP/1.1\r\nHost: lo").await.expect("a writable connection");
    assert!(response(&mut idle, "/").await.is_some());
    read_to_end(silent).await;
    read_to_end(half).await;
    read_to_end(idle).await;
    assert!(started.elapsed() >= head_timeout, "closed before the timeout");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_disconnected() {
    let request_timeout = Duration::from_millis(200);
    let server = PlainServer::start(Limits::default().with_request_timeout(request_timeout)).await;
    let mut stream = server.connect().await;
    send_request(&mut stream, "/large").await.expect("a writable connection");
    // The client does not read. Its writes fail once the server has closed the connection.
    while stream.write_all(b" ").await.is_ok() {
        tokio::task::yield_now().await;
    }
    let received = read_to_end(stream).await.len();
    assert!(received < 64 << 20, "{received} bytes");
}

#[tokio::test]
async fn too_many_unread_responses_close_the_connection_that_holds_them() {
    let server = PlainServer::start(Limits::default().with_max_queued_len(100 * 1024)).await;
    let mut unread = server.connect().await;
    send_request(&mut unread, "/large").await.expect("to be sent");
    assert!(response(&mut server.connect().await, "/").await.is_some_and(|text| text.ends_with("small")));
    // Not before the first client has read nothing for half a second.
    let whole = async {
        loop {
            let mut second = server.connect().await;
            let request = b"GET /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            second.write_all(request).await.expect("to be sent");
            let read = read_to_end(second).await;
            if read.starts_with(b"HTTP/1.1 200") {
                return read.len();
            }
            assert!(read.starts_with(b"HTTP/1.1 503"), "{}", String::from_utf8_lossy(&read));
        }
    };
    assert!(tokio::time::timeout(HANG_TIMEOUT, whole).await.expect("to be served") > 64 << 20);
    assert!(read_to_end(unread).await.len() < 64 << 20, "the first response was cut off");
    let server = PlainServer::start(Limits::default().with_max_queued_len(0)).await;
    let refused = read_to_end({
        let mut stream = server.connect().await;
        send_request(&mut stream, "/").await.expect("to be sent");
        stream
    });
    assert!(refused.await.starts_with(b"HTTP/1.1 503"));
}

#[tokio::test]
async fn a_response_that_makes_progress_has_no_time_limit() {
    let limits = Limits::default().with_request_timeout(Duration::from_secs(1));
    let server = PlainServer::start(limits).await;
    let mut stream = server.connect().await;
    let request = b"GET /drip HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.expect("a writable connection");
    let text = String::from_utf8(read_to_end(stream).await).expect("text");
    assert_eq!((text.matches("drop").count(), text.matches("the small").count()), (19, 1), "{text}");
}

#[tokio::test]
async fn a_request_that_takes_too_long_gets_408() {
    let request_timeout = Duration::from_millis(50);
    let server = PlainServer::start(Limits::default().with_request_timeout(request_timeout)).await;
    let mut stream = server.connect().await;
    send_request(&mut stream, "/slow").await.expect("a writable connection");
    assert!(read_to_end(stream).await.starts_with(b"HTTP/1.1 408 "));
}

#[tokio::test]
async fn at_the_connection_limit_the_longest_idle_connection_is_closed() {
    let server = PlainServer::start(Limits::default().with_max_connections(2)).await;
    let oldest = server.connect().await;
    let mut younger = server.connect().await;
    assert!(response(&mut younger, "/").await.is_some());
    let mut newest = server.connect().await;
    assert!(response(&mut newest, "/").await.is_some(), "it replaces the oldest");
    assert_eq!(read_to_end(oldest).await, b"");
    assert!(response(&mut younger, "/").await.is_some(), "the other stays open");
}

#[tokio::test]
async fn with_a_limit_of_one_connection_clients_are_served_in_turn() {
    let server = PlainServer::start(Limits::default().with_max_connections(1)).await;
    for _ in 0..3 {
        let mut stream = server.connect().await;
        assert!(response(&mut stream, "/").await.is_some());
    }
}

#[tokio::test]
async fn at_the_connection_limit_a_running_download_is_not_closed() {
    let server = PlainServer::start(Limits::default().with_max_connections(1)).await;
    let mut reader = server.connect().await;
    send_request(&mut reader, "/large").await.expect("a writable connection");
    let mut newest = server.connect().await;
    send_request(&mut newest, "/").await.expect("a writable connection");
    let mut received = 0;
    let mut buffer = vec![0; 1 << 20];
    while received < 64 << 20 {
        let length = reader.read(&mut buffer).await.expect("no reset");
        assert!(length > 0, "closed after {received} bytes");
        received += length;
    }
    drop(reader);
    assert!(half_close_and_read(newest).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn a_client_that_closes_its_sending_side_still_gets_a_response() {
    let server = PlainServer::start(Limits::default()).await;
    for path in ["/", "/slow"] {
        let mut stream = server.connect().await;
        send_request(&mut stream, path).await.expect("a writable connection");
        assert!(half_close_and_read(stream).await.starts_with("HTTP/1.1 200 "), "{path}");
    }
}

/// Closes the sending side, and reads until the server closes the connection.
async fn half_close_and_read(mut stream: TcpStream) -> String {
    stream.shutdown().await.expect("a connection");
    String::from_utf8_lossy(&read_to_end(stream).await).into_owned()
}

#[tokio::test]
async fn an_incomplete_request_does_not_delay_the_shutdown() {
    let server = PlainServer::start(Limits::default().with_drain_timeout(HANG_TIMEOUT * 10)).await;
    let mut half = server.connect().await;
    half.write_all(b"GET / HTTP/1.1\r\nX").await.expect("a writable connection");
    assert!(
        response(&mut server.connect().await, "/").await.is_some(),
        "the incomplete one was accepted before this one"
    );
    server.stop.send(()).expect("a server");
    tokio::time::timeout(HANG_TIMEOUT, server.ended).await.expect("an end in time").expect("no panic");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_overloaded_server_answers_every_request_before_it_stops() {
    let server = PlainServer::start(Limits::default()).await;
    let mut connections = Vec::new();
    for _ in 0..300 {
        connections.push(server.connect().await);
    }
    let (answered, stopping) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let clients: Vec<JoinHandle<()>> = connections
        .into_iter()
        .map(|mut stream| {
            let (answered, stopping) = (Arc::clone(&answered), Arc::clone(&stopping));
            tokio::spawn(async move {
                loop {
                    let sent = send_request(&mut stream, "/hard").await.is_ok();
                    // The server may close a connection on which the next request arrives only after the stop.
                    let was_before_stop = !stopping.load(Ordering::SeqCst);
                    let text = if sent { read_response(&mut stream).await } else { None };
                    let Some(text) = text else {
                        assert!(!was_before_stop, "every request from before the stop gets a response");
                        return;
                    };
                    answered.fetch_add(1, Ordering::Relaxed);
                    if text.to_ascii_lowercase().contains("connection: close") {
                        return;
                    }
                }
            })
        })
        .collect();
    while answered.load(Ordering::Relaxed) < 1000 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    stopping.store(true, Ordering::SeqCst);
    server.stop.send(()).expect("a server");
    for client in clients {
        client.await.expect("no panic");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_shutdown_drops_no_request_of_a_busy_client() {
    let server = PlainServer::start(Limits::default()).await;
    let answered = Arc::new(AtomicUsize::new(0));
    let clients: Vec<JoinHandle<usize>> = (0..20)
        .map(|_| {
            let (address, answered) = (server.address, Arc::clone(&answered));
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(address).await.expect("a connection");
                for served in 1.. {
                    let text = response(&mut stream, "/").await.expect("a response to every request");
                    answered.fetch_add(1, Ordering::Relaxed);
                    if text.to_ascii_lowercase().contains("connection: close") {
                        return served;
                    }
                }
                0
            })
        })
        .collect();
    let mut busy = server.connect().await;
    let slow = tokio::spawn(async move { response(&mut busy, "/slow").await });
    while answered.load(Ordering::Relaxed) < 1000 {
        tokio::task::yield_now().await;
    }
    server.stop.send(()).expect("a server");
    for client in clients {
        assert!(client.await.expect("no panic") > 0);
    }
    assert!(slow.await.expect("no panic").is_some(), "an active request finishes");
    server.ended.await.expect("no panic");
    assert!(TcpStream::connect(server.address).await.is_err(), "the port is closed");
}
