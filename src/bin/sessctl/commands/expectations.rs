//! Writes a response, and checks it against the expectations of `visit` and `submit`.

use http::header::{LOCATION, RETRY_AFTER};

use sessctl::client::Response;
use sessctl::cookies::Jar;

use super::client::{Client, Conclusion, warn_if_unsaved};
use super::exit::Exit;
use super::failure::{Failure, Outcome};
use super::options::ResponseArgs;
use crate::output::Output;
use crate::texts::Message;

/// How much of a body an unmet expectation quotes.
const EXCERPT_LEN: usize = 80;

/// Saves the cookies, writes the response, checks the expectations, and concludes the command.
pub(super) fn conclude(
    args: &ResponseArgs,
    response: Result<Response, Failure>,
    client: &Client,
    output: &mut Output,
) -> Outcome {
    output.exchanges(&client.agent);
    // The cookies of all responses are saved, even if the last one failed.
    let saved = if args.no_save { Ok(()) } else { client.save(None) };
    warn_if_unsaved(&response, &saved, output);
    let outcome = response.and_then(|response| {
        write(args, &response, output)?;
        saved?;
        check(args, &response, client.agent.jar(), output)
    });
    client.conclude(outcome, output)
}

/// Writes the response to stdout or to a file.
fn write(args: &ResponseArgs, response: &Response, output: &mut Output) -> Outcome {
    if args.include {
        output.head(response);
    }
    let Some(path) = &args.output else {
        output.body(&response.body);
        return Ok(());
    };
    std::fs::write(path, &response.body)
        .map_err(Failure::cannot(format!("write the body to {}", path.display())))
}

/// With expectations, only they decide; without, the status does.
fn check(
    args: &ResponseArgs,
    response: &Response,
    jar: &Jar,
    output: &Output,
) -> Result<Conclusion, Failure> {
    let succeeded = |reason: Message| Ok(Conclusion { reason, ..Conclusion::default() });
    let expectations = [&args.expect_status, &args.expect_text, &args.reject_text, &args.expect_cookie];
    if expectations.iter().any(|expected| !expected.is_empty()) {
        let unmet = unmet(args, response, jar, output);
        return match unmet.is_empty() {
            true => succeeded("all expectations are met".into()),
            false => Err(Failure::new(Exit::Unmet, Message::joined(unmet, "; "))),
        };
    }
    let (status, url) = (response.status, &response.url);
    let with_both = |message: Message| message.with("url", url.as_str()).with("status", status.to_string());
    let answered = with_both(Message::new("error-answered", format!("{url} answered {status}")));
    let answered = match response.headers.get(RETRY_AFTER).and_then(|after| after.to_str().ok()) {
        None => answered,
        Some(after) => {
            let after = if after.parse::<u64>().is_ok() { format!("{after} s") } else { after.to_owned() };
            let message = format!("{answered}; Retry-After: {after}");
            Message::new("error-retry-after", message).with("answered", answered).with("after", after)
        }
    };
    match status.as_u16() {
        301 | 302 | 303 | 307 | 308 if response.headers.contains_key(LOCATION) => {
            let message = format!("{url} redirects ({status}), which was not followed");
            Err(Failure::new(Exit::Redirect, with_both(Message::new("error-not-followed", message))))
        }
        400..=499 => Err(Failure::new(Exit::ClientError, answered)),
        500..=599 => Err(Failure::new(Exit::ServerError, answered)),
        _ => succeeded(status.to_string().into()),
    }
}

fn unmet(args: &ResponseArgs, response: &Response, jar: &Jar, output: &Output) -> Vec<Message> {
    let mut unmet = Vec::new();
    let status = response.status;
    let is_met = |wanted: &String| status.as_str().starts_with(wanted.trim_end_matches('x'));
    if !args.expect_status.is_empty() && !args.expect_status.iter().any(is_met) {
        let message = format!("expected status {}, got {status}", args.expect_status.join(" or "));
        unmet.push(
            Message::new("expected-status", message)
                .with("wanted", args.expect_status.join(", "))
                .with("status", status.to_string()),
        );
    }
    let body = response.text();
    for text in args.expect_text.iter().filter(|text| !body.contains(text.as_str())) {
        let found = described(&body);
        let message = format!("expected {text:?} in the body, which {found}");
        unmet.push(
            Message::new("expected-text", message).with("text", format!("{text:?}")).with("body", found),
        );
    }
    for text in &args.reject_text {
        if let Some((before, after)) = body.split_once(text.as_str()) {
            let start =
                before.char_indices().rev().take(EXCERPT_LEN / 4).last().map_or(before.len(), |(at, _)| at);
            let after: String = after.chars().take(EXCERPT_LEN / 4).collect();
            let around = format!("{}{text}{after}", &before[start..]);
            let found = format!("\"…{}…\"", around.trim());
            let message = format!("expected no {text:?} in the body, found {found}");
            unmet.push(
                Message::new("rejected-text", message).with("text", format!("{text:?}")).with("found", found),
            );
        }
    }
    let missing = |wanted: &String| missing_cookie(wanted, response, jar, output);
    unmet.extend(args.expect_cookie.iter().filter_map(missing));
    unmet
}

fn described(body: &str) -> Message {
    let start: String = body.trim_start().chars().take(EXCERPT_LEN).collect();
    match (body.len(), start.len()) {
        (0, _) => Message::new("expected-body-empty", "is empty"),
        (all, shown) if all > shown => Message::new("expected-body-begins", format!("begins with {start:?}"))
            .with("start", format!("{start:?}")),
        _ => Message::new("expected-body-is", format!("is {start:?}")).with("start", format!("{start:?}")),
    }
}

/// A cookie is expected among those that the next request to this page would carry.
fn missing_cookie(wanted: &str, response: &Response, jar: &Jar, output: &Output) -> Option<Message> {
    let (name, value) = wanted.split_once('=').map_or((wanted, None), |(name, value)| (name, Some(value)));
    let sent = jar.sent_to(&response.url);
    let named: Vec<_> = sent.iter().filter(|cookie| cookie.name.0 == name.as_bytes()).collect();
    match (named.first(), value) {
        (None, _) => {
            let names: Vec<String> = sent.iter().map(|cookie| cookie.name.to_text().into_owned()).collect();
            let found = if names.is_empty() {
                Message::new(
                    "expected-cookie-none",
                    "the jar has no cookies for this URL; run `sessctl login` first",
                )
            } else {
                let names = names.join(", ");
                Message::new("expected-cookie-only", format!("the jar has only {names}")).with("names", names)
            };
            let message = format!("expected cookie {name} for {}: {found}", response.url);
            let message = Message::new("expected-cookie", message);
            Some(message.with("name", name).with("url", response.url.as_str()).with("found", found))
        }
        (Some(_), None) => None,
        (Some(_), Some(value)) if named.iter().any(|cookie| cookie.value.0 == value.as_bytes()) => None,
        (Some(found), Some(value)) => {
            let (wanted, found) = (output.shortened(value), found.value.to_text());
            let found = output.shortened(&found);
            let message = format!("expected cookie {name}={wanted}, its value is {found}");
            let message = Message::new("expected-cookie-value", message).with("name", name);
            Some(message.with("wanted", wanted.as_ref()).with("found", found.as_ref()))
        }
    }
}
