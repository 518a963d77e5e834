//! What becomes of a response: shown, kept in a file, and held against what was expected of it.

use http::StatusCode;
use http::header::LOCATION;

use sessctl::client::Response;
use sessctl::cookies::Jar;

use super::client::Verdict;
use super::exit::{CLIENT_ERROR, Failure, NOT_HELD, Outcome, REDIRECT, SERVER_ERROR};
use crate::cli::AnswerArgs;
use crate::output::Output;

/// How much of a body is shown where a text was not found in it.
const EXCERPT: usize = 80;

pub(super) fn show(args: &AnswerArgs, response: &Response, output: &mut Output) -> Outcome {
    if args.include && !output.is_json() {
        output.head(response);
    }
    match &args.output {
        Some(path) => {
            let failed =
                |error| anyhow::Error::from(error).context(format!("cannot write {}", path.display()));
            std::fs::write(path, &response.body).map_err(failed)?;
        }
        None if !output.is_json() => output.body(&response.body),
        None => {}
    }
    Ok(())
}

/// With expectations only they count; without, the status does.
pub(super) fn judge(
    args: &AnswerArgs,
    response: &Response,
    jar: &Jar,
    output: &Output,
) -> Result<Verdict, Failure> {
    let status = response.status;
    let expects = !(args.expect_status.is_empty()
        && args.expect_text.is_empty()
        && args.reject_text.is_empty()
        && args.expect_cookie.is_empty());
    if expects {
        let unmet = unmet(args, response, jar, output);
        return if unmet.is_empty() {
            Ok(Verdict { reason: "all expectations held".to_owned(), ..Verdict::default() })
        } else {
            Err(Failure::new(NOT_HELD, unmet.join("; ")))
        };
    }
    let code = match status.as_u16() {
        301 | 302 | 303 | 307 | 308 if response.headers.contains_key(LOCATION) => REDIRECT,
        400..=499 => CLIENT_ERROR,
        500..=599 => SERVER_ERROR,
        _ => return Ok(Verdict { reason: status.to_string(), ..Verdict::default() }),
    };
    let what = match code {
        REDIRECT => format!("{} redirects ({status}) and was not followed", response.url),
        _ => format!("{} answered {status}", response.url),
    };
    Err(Failure::new(code, what))
}

fn unmet(args: &AnswerArgs, response: &Response, jar: &Jar, output: &Output) -> Vec<String> {
    let mut unmet = Vec::new();
    let status: StatusCode = response.status;
    if !args.expect_status.is_empty() && !args.expect_status.iter().any(|pattern| pattern.matches(status)) {
        let wanted: Vec<String> = args.expect_status.iter().map(ToString::to_string).collect();
        unmet.push(format!("expected status {}, got {status}", wanted.join(" or ")));
    }
    let body = response.text();
    for text in args.expect_text.iter().filter(|text| !body.contains(text.as_str())) {
        unmet.push(format!("expected {text:?} in the body, which {}", described(&body)));
    }
    for text in &args.reject_text {
        if let Some(position) = body.find(text.as_str()) {
            let before = body[..position].chars().rev().take(EXCERPT / 4).collect::<Vec<char>>();
            let before: String = before.into_iter().rev().collect();
            let around: String = body[position..].chars().take(text.chars().count() + EXCERPT / 4).collect();
            unmet
                .push(format!("expected no {text:?} in the body, found \"…{}…\"", (before + &around).trim()));
        }
    }
    unmet
        .extend(args.expect_cookie.iter().filter_map(|wanted| missing_cookie(wanted, response, jar, output)));
    unmet
}

fn described(body: &str) -> String {
    let start: String = body.trim_start().chars().take(EXCERPT).collect();
    match (body.len(), start.len()) {
        (0, _) => "is empty".to_owned(),
        (all, shown) if all > shown => format!("begins with {start:?}"),
        _ => format!("is {start:?}"),
    }
}

/// A cookie is expected where it counts: among those that the next request to this page would carry.
fn missing_cookie(wanted: &str, response: &Response, jar: &Jar, output: &Output) -> Option<String> {
    let (name, value) = wanted.split_once('=').map_or((wanted, None), |(name, value)| (name, Some(value)));
    let sent = jar.sent_to(&response.url);
    let of_name: Vec<_> = sent.iter().filter(|cookie| cookie.name.0 == name.as_bytes()).collect();
    match (of_name.first(), value) {
        (None, _) => {
            let there: Vec<String> = sent.iter().map(|cookie| cookie.name.to_text().into_owned()).collect();
            let there = if there.is_empty() { "none".to_owned() } else { there.join(", ") };
            Some(format!("expected cookie {name}, the jar holds for {}: {there}", response.url))
        }
        (Some(_), None) => None,
        (Some(_), Some(value)) if of_name.iter().any(|cookie| cookie.value.0 == value.as_bytes()) => None,
        (Some(found), Some(value)) => {
            let (wanted, found) = (output.shortened(value), found.value.to_text());
            Some(format!("expected cookie {name}={wanted}, its value is {}", output.shortened(&found)))
        }
    }
}
