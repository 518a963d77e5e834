//! Moving the server's clock, so that expiry can be tried without waiting for it.

use std::time::Duration;

use http::StatusCode;
use serde_json::json;
use warp::reply::Response;

use sessctl::clock::{OffsetClock, SystemClock};

use super::forms::{Form, NoForm};
use super::reply;

/// `POST /clock/advance` with `seconds`: moves the clock forward, and tells what it shows.
pub(super) fn advance(clock: &OffsetClock<SystemClock>, form: Result<Form, NoForm>) -> Response {
    let form = match form {
        Ok(form) => form,
        Err((status, problem)) => return reply::problem(status, problem.in_english()),
    };
    let seconds = form.get("seconds").and_then(|seconds| seconds.parse::<f64>().ok());
    match seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()) {
        Some(by) => reply::json(StatusCode::OK, &json!({ "now": clock.advance(by) })),
        None => {
            reply::problem(StatusCode::BAD_REQUEST, "say by how many seconds: the field is called seconds")
        }
    }
}
