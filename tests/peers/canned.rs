//! The response of a peer: a response of `serve`, read from a file, so that both servers send the same bytes.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

#[derive(Clone)]
pub struct Canned {
    status: StatusCode,
    headers: HeaderMap,
    pub body: Bytes,
}

impl Canned {
    /// Reads a status, header lines, an empty line and a body.
    pub fn read(path: &str) -> Self {
        let text = std::fs::read_to_string(path).expect("the file with the response");
        let (head, body) = text.split_once("\n\n").expect("an empty line after the headers");
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.parse().ok()).expect("a status");
        let headers = lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| {
            let name: HeaderName = name.parse().expect("a name");
            (name, HeaderValue::from_str(value).expect("a value"))
        });
        Canned { status, headers: headers.collect(), body: Bytes::from(body.to_owned()) }
    }

    pub fn response<B: From<Bytes>>(&self) -> Response<B> {
        let mut response = Response::new(B::from(self.body.clone()));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response
    }
}

/// Listens on a free port and prints it like `serve`.
pub async fn listen() -> tokio::net::TcpListener {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    println!("listening on http://{}", listener.local_addr().expect("its address"));
    listener
}
