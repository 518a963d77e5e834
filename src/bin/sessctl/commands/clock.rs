//! `clock`: moves the clock of a server that was started with `--time-travel`.

use http::Method;

use sessctl::client::{Body, Request};

use super::client::{Client, Verdict, block_on};
use super::exit::{FAILED, Failure, Outcome};
use super::login::MOST_REDIRECTS;
use crate::cli::{ClientArgs, ClockAction, ClockArgs};
use crate::output::Output;

pub(super) fn run(args: &ClockArgs, client_args: &ClientArgs, output: &mut Output) -> Outcome {
    let ClockAction::Advance { by } = args.action;
    let mut client = Client::open("clock", client_args, MOST_REDIRECTS, None)?;
    let url = client.base(client_args)?.join("/clock/advance").map_err(anyhow::Error::from)?;
    let mut request = Request::new(Method::POST, url);
    let body = format!("seconds={}", by.as_secs_f64()).into_bytes();
    request.body = Some(Body::new("application/x-www-form-urlencoded", body));
    let response = block_on(async { Ok(client.agent.send(request).await?) });
    output.exchanges(client.agent.flow());
    let outcome = response.and_then(|response| {
        let answer: serde_json::Value = serde_json::from_slice(&response.body).unwrap_or_default();
        match answer["now"].as_str() {
            Some(now) if response.status.is_success() => {
                let reason = format!("the server's clock shows {now}");
                if !output.is_json() {
                    output.answer(&reason);
                }
                Ok(Verdict { reason, ..Verdict::default() })
            }
            _ => Err(Failure {
                hint: Some("serve --time-travel lets its clock be moved"),
                ..Failure::new(FAILED, format!("{} moves no clock ({})", response.url, response.status))
            }),
        }
    });
    client.conclude(outcome, output)
}
