//! Raw HTTP requests: exactly the bytes that a test specifies.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A response with status, head and body.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    fn parse(text: &str) -> Answer {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Answer { status: status.unwrap_or(0), head: head.to_owned(), body: body.to_owned() }
    }

    /// All values of a header.
    pub fn headers(&self, name: &str) -> Vec<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).collect()
    }

    /// The value of a header; empty when it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers(name).first().copied().unwrap_or_default()
    }

    /// The first cookie that it sets, in the form of a `Cookie` header.
    pub fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap_or_default().to_owned()
    }
}

/// A keep-alive connection.
pub struct Kept(BufReader<TcpStream>);

impl Kept {
    pub fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout");
        Kept(BufReader::new(stream))
    }

    /// Sends a request and reads its response.
    pub fn ask(&mut self, request: &str) -> Answer {
        self.send(request.as_bytes()).expect("an open connection");
        self.answer().expect("an answer")
    }

    /// Sends `POST /counter` with this cookie.
    pub fn increment(&mut self, cookie: &str) -> Answer {
        self.ask(&format!(
            "POST /counter HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nContent-Length: 0\r\n\r\n"
        ))
    }

    pub fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.get_mut().write_all(bytes)
    }

    /// The next response. `None` if the server closes the connection before it is complete.
    pub fn answer(&mut self) -> Option<Answer> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.0.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let mut answer = Answer::parse(&head);
        let mut body = vec![0; answer.header("content-length").parse().unwrap_or(0)];
        self.0.read_exact(&mut body).ok()?;
        answer.body = String::from_utf8_lossy(&body).into_owned();
        Some(answer)
    }

    /// Waits until the server closes the connection. Returns whether it did.
    pub fn is_closed(&mut self) -> bool {
        let mut rest = Vec::new();
        // A reset also closes the connection; a timeout does not.
        match self.0.read_to_end(&mut rest) {
            Ok(_) => true,
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }
}

/// Sends bytes and reads until the server closes the connection.
pub fn exchange(address: &str, request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    // A server may respond and close before it has read everything.
    let _ = stream.write_all(request);
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text);
    Answer::parse(&String::from_utf8_lossy(&text))
}

pub fn get(address: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    request("GET", address, path, headers, None)
}

/// Posts a form.
pub fn post(address: &str, path: &str, headers: &[(&str, &str)], form: &str) -> Answer {
    request("POST", address, path, headers, Some(form))
}

fn request(method: &str, address: &str, path: &str, headers: &[(&str, &str)], form: Option<&str>) -> Answer {
    let mut text = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        text.push_str(&format!("Host: {address}\r\n"));
    }
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if let Some(form) = form {
        let kind = "application/x-www-form-urlencoded";
        text.push_str(&format!("Content-Type: {kind}\r\nContent-Length: {}\r\n", form.len()));
    }
    text.push_str("\r\n");
    text.push_str(form.unwrap_or_default());
    exchange(address, text.as_bytes())
}
