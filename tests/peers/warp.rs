//! A benchmark peer: bare warp, without sessions and limits. It responds to `GET` and `POST` with the given files.
//!
//! `peer-warp GET-FILE POST-FILE`
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark program"
)]

mod canned;

use canned::{Canned, listen};
use hyper_util::rt::TokioIo;
use tower_service::Service;
use warp::Filter;
use warp::reply::Response;

#[tokio::main]
async fn main() {
    let files: Vec<Canned> = std::env::args().skip(1).map(|path| Canned::read(&path)).collect();
    let [get, post] = files.try_into().unwrap_or_else(|_| panic!("two files"));
    let get = warp::get().map(move || -> Response { get.response() });
    let post = warp::post().and(warp::body::bytes()).map(move |_| -> Response { post.response() });
    let service = warp::service(get.or(post).unify().boxed());
    let listener = listen().await;
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        let service = service.clone();
        let handler = hyper::service::service_fn(move |request| service.clone().call(request));
        tokio::spawn(
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), handler),
        );
    }
}
