//! The listener of the library: limits that bad clients meet, and a stop that drops nothing.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use sessctl::server::{Limits, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use warp::Filter;

/// Longer than this nothing here takes: a limit that does not work is a failure, not a wait.
const HANGS: Duration = Duration::from_secs(30);

/// A body that goes on for two seconds, a word at a time.
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

struct Listening {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

impl Listening {
    async fn with(limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let small = warp::path::end().map(|| "small");
        let large = warp::path!("large").map(|| "x".repeat(64 << 20));
        let slow = warp::path!("slow").then(|| async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            "slow"
        });
        let hard = warp::path!("hard").map(|| {
            // Work that leaves no time for anybody else.
            std::thread::sleep(Duration::from_micros(300));
            "small"
        });
        let drip = warp::path!("drip")
            .map(|| warp::reply::stream(Drip(tokio::time::interval(Duration::from_millis(100)), 20)));
        let (stop, stopped) = oneshot::channel();
        let service = warp::service(small.or(large).or(slow).or(hard).or(drip).boxed());
        let ended = tokio::spawn(serve(listener, service, limits, async { drop(stopped.await) }));
        Listening { address, stop, ended }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("a connection")
    }
}

async fn ask(stream: &mut TcpStream, path: &str) -> std::io::Result<()> {
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).await
}

async fn answer(stream: &mut TcpStream, path: &str) -> Option<String> {
    ask(stream, path).await.ok()?;
    let mut text = Vec::new();
    while !text.ends_with(b"small") && !text.ends_with(b"slow") {
        if tokio::time::timeout(HANGS, stream.read_buf(&mut text)).await.expect("an answer in time").ok()?
            == 0
        {
            return None;
        }
    }
    String::from_utf8(text).ok()
}

/// Reads until the server closes.
async fn closed(mut stream: TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    let _ = tokio::time::timeout(HANGS, stream.read_to_end(&mut rest)).await.expect("an end in time");
    rest
}

#[tokio::test]
async fn silent_and_slow_clients_are_closed() {
    let head_time = Duration::from_millis(200);
    let server = Listening::with(Limits { head_time, ..Limits::default() }).await;
    let started = Instant::now();
    let (silent, mut half, mut idle) =
        (server.connect().await, server.connect().await, server.connect().await);
    half.write_all(b"GET / HTTP/1.1\r\nHost: lo").await.expect("to be read");
    assert!(answer(&mut idle, "/").await.is_some());
    closed(silent).await;
    closed(half).await;
    closed(idle).await;
    assert!(started.elapsed() >= head_time, "not before their time");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut_off() {
    let request_time = Duration::from_millis(200);
    let server = Listening::with(Limits { request_time, ..Limits::default() }).await;
    let mut stream = server.connect().await;
    ask(&mut stream, "/large").await.expect("to be read");
    // It reads nothing until the server has given up, and knows that by what it can no more send.
    while stream.write_all(b" ").await.is_ok() {
        tokio::task::yield_now().await;
    }
    let received = closed(stream).await.len();
    assert!(received < 64 << 20, "{received} octets");
}

#[tokio::test]
async fn an_answer_that_goes_on_and_is_read_has_no_end_to_keep() {
    let limits = Limits { request_time: Duration::from_secs(1), ..Limits::default() };
    let server = Listening::with(limits).await;
    let mut stream = server.connect().await;
    let request = b"GET /drip HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.expect("to be read");
    let text = String::from_utf8(closed(stream).await).expect("text");
    assert_eq!((text.matches("drop").count(), text.matches("the small").count()), (19, 1), "{text}");
}

#[tokio::test]
async fn a_slow_answer_is_given_up() {
    let request_time = Duration::from_millis(50);
    let server = Listening::with(Limits { request_time, ..Limits::default() }).await;
    let mut stream = server.connect().await;
    ask(&mut stream, "/slow").await.expect("to be read");
    assert!(closed(stream).await.starts_with(b"HTTP/1.1 408 "));
}

#[tokio::test]
async fn a_full_house_closes_the_one_that_has_been_silent_for_longest() {
    let server = Listening::with(Limits { connections: 2, ..Limits::default() }).await;
    let oldest = server.connect().await;
    let mut younger = server.connect().await;
    assert!(answer(&mut younger, "/").await.is_some());
    let mut newest = server.connect().await;
    assert!(answer(&mut newest, "/").await.is_some(), "there is room for it");
    assert_eq!(closed(oldest).await, b"");
    assert!(answer(&mut younger, "/").await.is_some(), "the other was left alone");
}

#[tokio::test]
async fn one_connection_is_enough_to_serve_many_in_turn() {
    let server = Listening::with(Limits { connections: 1, ..Limits::default() }).await;
    for _ in 0..3 {
        let mut stream = server.connect().await;
        assert!(answer(&mut stream, "/").await.is_some());
    }
}

#[tokio::test]
async fn a_full_house_waits_for_a_download_that_goes_on() {
    let server = Listening::with(Limits { connections: 1, ..Limits::default() }).await;
    let mut reader = server.connect().await;
    ask(&mut reader, "/large").await.expect("to be read");
    let mut newest = server.connect().await;
    ask(&mut newest, "/").await.expect("to be sent");
    let mut received = 0;
    let mut buffer = vec![0; 1 << 20];
    while received < 64 << 20 {
        let octets = reader.read(&mut buffer).await.expect("no reset");
        assert!(octets > 0, "cut off after {received} octets");
        received += octets;
    }
    drop(reader);
    assert!(closed_after_answer(newest).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn who_has_said_everything_still_gets_an_answer() {
    let server = Listening::with(Limits::default()).await;
    for path in ["/", "/slow"] {
        let mut stream = server.connect().await;
        ask(&mut stream, path).await.expect("to be read");
        assert!(closed_after_answer(stream).await.starts_with("HTTP/1.1 200 "), "{path}");
    }
}

/// Says that nothing more will come, and reads to the end.
async fn closed_after_answer(mut stream: TcpStream) -> String {
    stream.shutdown().await.expect("a connection");
    String::from_utf8_lossy(&closed(stream).await).into_owned()
}

#[tokio::test]
async fn half_a_request_does_not_hold_up_the_stop() {
    let server = Listening::with(Limits { drain_time: HANGS * 10, ..Limits::default() }).await;
    let mut half = server.connect().await;
    half.write_all(b"GET / HTTP/1.1\r\nX").await.expect("to be read");
    assert!(answer(&mut server.connect().await, "/").await.is_some(), "the first was accepted before");
    server.stop.send(()).expect("a server");
    tokio::time::timeout(HANGS, server.ended).await.expect("an end in time").expect("no panic");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn told_to_stop_while_it_is_behind_it_drops_nothing_that_came_in_time() {
    let server = Listening::with(Limits::default()).await;
    let mut connections = Vec::new();
    for _ in 0..300 {
        connections.push(server.connect().await);
    }
    let answered = Arc::new(AtomicUsize::new(0));
    let clients: Vec<JoinHandle<()>> = connections
        .into_iter()
        .map(|mut stream| {
            let answered = Arc::clone(&answered);
            tokio::spawn(async move {
                loop {
                    let answer = answer(&mut stream, "/hard").await.expect("an answer to every request");
                    answered.fetch_add(1, Ordering::Relaxed);
                    if answer.to_ascii_lowercase().contains("connection: close") {
                        return;
                    }
                }
            })
        })
        .collect();
    while answered.load(Ordering::Relaxed) < 1000 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    server.stop.send(()).expect("a server");
    for client in clients {
        client.await.expect("no panic");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn told_to_stop_it_drops_no_request_of_a_busy_client() {
    let server = Listening::with(Limits::default()).await;
    let answered = Arc::new(AtomicUsize::new(0));
    let clients: Vec<JoinHandle<usize>> = (0..20)
        .map(|_| {
            let (address, answered) = (server.address, Arc::clone(&answered));
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(address).await.expect("a connection");
                for served in 1.. {
                    let answer = answer(&mut stream, "/").await.expect("an answer to every request");
                    answered.fetch_add(1, Ordering::Relaxed);
                    if answer.to_ascii_lowercase().contains("connection: close") {
                        return served;
                    }
                }
                0
            })
        })
        .collect();
    let mut busy = server.connect().await;
    let slow = tokio::spawn(async move { answer(&mut busy, "/slow").await });
    while answered.load(Ordering::Relaxed) < 1000 {
        tokio::task::yield_now().await;
    }
    server.stop.send(()).expect("a server");
    for client in clients {
        assert!(client.await.expect("no panic") > 0);
    }
    assert!(slow.await.expect("no panic").is_some(), "what runs is finished");
    server.ended.await.expect("no panic");
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody listens any more");
}
