//! `visit`: one request with the jar, and what was expected of it.

use std::io::Read;

use http::Method;
use http::header::CONTENT_TYPE;
use url::Url;

use sessctl::client::{Body, Request};

use super::client::{self, Client, block_on};
use super::exit::{FAILED, Failure, Outcome};
use super::{expectations, target};
use crate::cli::{ClientArgs, VisitArgs};
use crate::output::{Bar, Output};

pub(super) fn run(args: VisitArgs, client_args: &ClientArgs, output: &mut Output) -> Outcome {
    let bar = (args.answer.output.is_some() && output.shows_progress()).then(Bar::new);
    let mut client =
        Client::open("visit", client_args, args.answer.max_redirects, bar.as_ref().map(Bar::listener))?;
    let request = request(&args, target::resolve(args.target.as_deref(), &client.base(client_args)?)?)?;
    let response = block_on(async { Ok(client.agent.send(request).await?) });
    if let Some(bar) = bar {
        bar.finish();
    }
    output.exchanges(client.agent.flow());
    // The cookies of all responses are kept, whatever became of the last one.
    let saved = if args.answer.no_save { Ok(()) } else { client.save(None) };
    client::warn_if_unsaved(&response, &saved, output);
    let outcome = response.and_then(|response| {
        expectations::show(&args.answer, &response, output)?;
        saved?;
        expectations::judge(&args.answer, &response, client.agent.jar(), output)
    });
    client.conclude(outcome, output)
}

fn request(args: &VisitArgs, url: Url) -> Result<Request, Failure> {
    let body = body(args)?;
    let method = args.method.clone().unwrap_or(if body.is_some() { Method::POST } else { Method::GET });
    let mut request = Request::new(method, url);
    request.body = body;
    for (name, value) in &args.headers {
        request.headers.append(name.clone(), value.clone());
    }
    if let Some(body) = request.body.as_mut().filter(|_| request.headers.contains_key(CONTENT_TYPE)) {
        body.content_type = None;
    }
    Ok(request)
}

fn body(args: &VisitArgs) -> Result<Option<Body>, Failure> {
    let body = |content_type: &str, bytes| Some(Body::new(content_type, bytes));
    if !args.data.is_empty() {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(&args.data).finish();
        return Ok(body("application/x-www-form-urlencoded", form.into_bytes()));
    }
    if let Some(source) = &args.body_json {
        let octets = content(source)?;
        if let Err(error) = serde_json::from_slice::<serde::de::IgnoredAny>(&octets) {
            return Err(Failure::usage(format!("--body-json is not JSON: {error}")));
        }
        return Ok(body("application/json", octets));
    }
    let Some(source) = &args.body else { return Ok(None) };
    let is_text = !source.starts_with('@') && source != "-";
    Ok(body(if is_text { "text/plain; charset=utf-8" } else { "application/octet-stream" }, content(source)?))
}

/// A text as it is, a file after `@`, standard input for `-`.
fn content(source: &str) -> Result<Vec<u8>, Failure> {
    let failed =
        |what: &str, error: std::io::Error| Failure::new(FAILED, format!("cannot read {what}: {error}"));
    if source == "-" {
        let mut octets = Vec::new();
        std::io::stdin().lock().read_to_end(&mut octets).map_err(|error| failed("standard input", error))?;
        return Ok(octets);
    }
    match source.strip_prefix('@') {
        Some(path) => std::fs::read(path).map_err(|error| failed(path, error)),
        None => Ok(source.as_bytes().to_vec()),
    }
}
