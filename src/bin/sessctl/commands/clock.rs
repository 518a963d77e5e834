//! `clock`: advances the clock of a server that runs with `--time-travel`.

use std::time::Duration;

use clap::{Args, Subcommand};
use http::Method;

use sessctl::client::Request;
use sessctl::client::http::Body;

use super::client::{Client, Conclusion, MAX_REDIRECTS, block_on};
use super::command::{Command, Context, Group};
use super::failure::{Failure, Outcome};
use super::value_parsers;
use crate::output::Output;

#[derive(Debug, Args)]
pub(super) struct ClockArgs {
    #[command(subcommand)]
    action: ClockAction,
}

#[derive(Debug, Subcommand)]
enum ClockAction {
    /// Advance the clock and print its new time
    Advance {
        /// How far: 30s, 5m, 1h30m
        #[arg(value_name = "TIME", value_parser = value_parsers::duration)]
        by: Duration,
    },
}

impl Command for ClockArgs {
    const NAME: &'static str = "clock";
    const GROUP: Group = Group::Server;
    const ABOUT: &'static str = "Advance a test server's clock (serve --time-travel)";
    const EXAMPLES: &'static str = "  \
  sessctl clock advance 31m                      an idle session is expired now
  sessctl clock advance 12h --url http://127.0.0.1:8001";
    const SENDS_REQUESTS: bool = true;

    fn run(self, context: &Context, output: &mut Output) -> Outcome {
        let ClockAction::Advance { by } = self.action;
        let mut client = Client::open("clock", &context.client, MAX_REDIRECTS, None)?;
        let url = context.client.base_url(client.last_login.as_ref())?.join("/clock/advance");
        let url = url.map_err(Failure::cannot("build the URL of the server's clock"))?;
        let mut request = Request::new(Method::POST, url);
        let body = format!("seconds={}", by.as_secs_f64()).into_bytes();
        request.body = Some(Body::new("application/x-www-form-urlencoded", body));
        let response = block_on(async { Ok(client.agent.send(request).await?) });
        output.exchanges(&client.agent);
        let outcome = response.and_then(|response| {
            let answer: serde_json::Value = serde_json::from_slice(&response.body).unwrap_or_default();
            match answer["now"].as_str() {
                Some(now) if response.status.is_success() => {
                    let reason = format!("the server's clock shows {now}");
                    output.answer(&reason);
                    Ok(Conclusion { reason: reason.into(), ..Conclusion::default() })
                }
                _ => Err(Failure::failed(format!(
                    "cannot advance the clock of {}: it answered {}",
                    response.url, response.status
                ))
                .with_hint("start the server with serve --time-travel")),
            }
        });
        client.conclude(outcome, output)
    }
}
