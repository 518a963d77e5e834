//! `POST /clock/advance`: tests of expiry need no sleep.

use std::time::Duration;

use http::StatusCode;
use warp::reply::Response;

use sessctl::clock::{OffsetClock, SystemClock};

use super::form_fields::FormFields;
use super::problem::Problem;
use super::reply;
use crate::json::json;

/// Advances the clock by the form field `seconds`. The answer has the new time.
pub(super) fn advance(
    clock: &OffsetClock<SystemClock>,
    form: Result<FormFields, Problem>,
) -> Result<Response, Problem> {
    let seconds = form?.get("seconds").and_then(|seconds| seconds.parse().ok());
    Ok(match seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()) {
        Some(by) => reply::json(StatusCode::OK, &json!({ "now": clock.advance(by) })),
        None => reply::json_error(
            StatusCode::BAD_REQUEST,
            "the form field seconds must be a number of seconds, at least 0",
        ),
    })
}
