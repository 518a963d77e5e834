//! [`Script`]: a server that sends exactly the bytes that a test specifies.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use super::tls::Authority;

/// A request as the server received it.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    /// Path and query.
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Seen {
    /// The value of a header; empty when it is missing.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }

    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The value of a cookie; empty when it is missing.
    pub fn cookie(&self, name: &str) -> &str {
        let pairs = self.header("cookie").split("; ").filter_map(|pair| pair.split_once('='));
        pairs.clone().find(|(key, _)| *key == name).map_or("", |(_, value)| value)
    }
}

/// The server. A function creates each response from its request. When the server is dropped, the test fails if that
/// function panicked, or if there was no connection.
pub struct Script {
    pub address: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    connections: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    panicked: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

impl Script {
    /// Responds to each request with the bytes that `answer` returns, and closes the connection.
    pub fn new(answer: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::speaking(move |seen, stream| {
            // The client may have disconnected. The test decides whether that is an error.
            let _ = stream.write_all(&answer(seen));
        })
    }

    /// Reads each request, calls `speak` with the connection, and closes it.
    pub fn speaking(speak: impl Fn(&Seen, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let seeing = Arc::clone(&seen);
        let talk = move |mut stream: TcpStream| {
            let Some(request) = read(&stream) else { return };
            seeing.lock().expect("no panic").push(request.clone());
            speak(&request, &mut stream);
            let _ = stream.shutdown(std::net::Shutdown::Write);
            // Closing a socket with unread bytes resets the connection, and the client may lose the response.
            let _ = stream.set_read_timeout(Some(std::time::Duration::from_secs(2)));
            let _ = stream.read(&mut [0; 1024]);
        };
        let mut script = Self::accepting(talk);
        script.seen = seen;
        script
    }

    /// The same as [`Script::new`] over TLS, with this certificate of the authority.
    pub fn over_tls(
        authority: &Authority,
        certificate: &str,
        answer: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        Self::with_tls(authority.server_config(certificate), answer)
    }

    /// The same with these settings.
    pub fn with_tls(
        config: Arc<rustls::ServerConfig>,
        answer: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let seeing = Arc::clone(&seen);
        let mut script = Self::accepting(move |mut tcp| {
            let mut tls = rustls::ServerConnection::new(Arc::clone(&config)).expect("a configuration");
            let mut stream = rustls::Stream::new(&mut tls, &mut tcp);
            let Some(request) = read(&mut stream) else { return };
            seeing.lock().expect("no panic").push(request.clone());
            // The client may have disconnected. The test decides whether that is an error.
            let _ = stream.write_all(&answer(&request));
            tls.send_close_notify();
            let _ = tls.write_tls(&mut tcp);
        });
        script.seen = seen;
        script
    }

    /// Calls `talk` with each connection, without reading a request.
    pub fn accepting(talk: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address").to_string();
        let (stop, panicked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let connections = Arc::new(AtomicUsize::new(0));
        let (stopping, failing, counting) =
            (Arc::clone(&stop), Arc::clone(&panicked), Arc::clone(&connections));
        let talk = Arc::new(talk);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopping.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                counting.fetch_add(1, Ordering::SeqCst);
                let (talk, failing) = (Arc::clone(&talk), Arc::clone(&failing));
                std::thread::spawn(move || {
                    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| talk(stream)));
                    failing.fetch_or(outcome.is_err(), Ordering::SeqCst);
                });
            }
        });
        Script { address, seen: Arc::default(), connections, stop, panicked, listener: Some(thread) }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// All requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no panic").clone()
    }
}

fn read(stream: impl Read) -> Option<Seen> {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let mut first = lines.first()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines[1..]
        .iter()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    let mut seen = Seen { method, target, headers, body: String::new() };
    let mut body = vec![0; seen.header("content-length").parse().unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    seen.body = String::from_utf8_lossy(&body).into_owned();
    Some(seen)
}

impl Drop for Script {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(&self.address);
        let _ = self.listener.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            assert!(!self.panicked.load(Ordering::SeqCst), "the scripted server panicked");
            assert!(self.connections.load(Ordering::SeqCst) > 0, "the scripted server got no connection");
        }
    }
}

/// A response with these headers and this body.
pub fn respond(status: u16, headers: &[&str], body: &str) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
    for line in headers {
        head.push_str(line);
        head.push_str("\r\n");
    }
    [head.as_bytes(), b"\r\n", body.as_bytes()].concat()
}

/// An HTML response.
pub fn html(status: u16, headers: &[&str], body: &str) -> Vec<u8> {
    let kind = ["Content-Type: text/html; charset=utf-8"];
    respond(status, &[&kind[..], headers].concat(), body)
}

pub fn redirect(status: u16, target: &str, headers: &[&str]) -> Vec<u8> {
    let location = format!("Location: {target}");
    respond(status, &[&[location.as_str()], headers].concat(), "")
}
