//! Writes a response, and checks it against the expectations of `visit` and `submit`.

use http::header::{LOCATION, RETRY_AFTER};
use url::Url;

use sessctl::client::Response;

use super::client::{Client, Conclusion, warn_if_unsaved};
use super::exit::Exit;
use super::extraction::Extracted;
use super::failure::{Failure, Outcome};
use super::login_notice::LoginNotice;
use super::options::ResponseArgs;
use super::unmet_expectations::UnmetExpectations;
use crate::output::Output;
use crate::texts::Message;

/// Saves the cookies, writes the response, checks the expectations, and concludes the command. With the URL that was
/// `asked` for, it warns if the response is a login form instead.
pub(super) fn conclude(
    args: &ResponseArgs,
    response: Result<Response, Failure>,
    asked: Option<&Url>,
    client: &Client,
    output: &mut Output,
) -> Outcome {
    output.exchanges(&client.agent);
    // The cookies of all responses are saved, even if the last one failed.
    let saved = if args.no_save { Ok(()) } else { client.save(None) };
    warn_if_unsaved(&response, &saved, output);
    let outcome = response.and_then(|response| {
        let extracted = args.extract.extract(&response);
        write(args, &response, extracted.as_ref(), output)?;
        saved?;
        if let Some(asked) = asked.filter(|_| !args.expect_no_login)
            && let Some(notice) = LoginNotice::of(&response, asked, client)
        {
            output.warn(&notice.message().said(output.texts));
        }
        let conclusion = check(args, &response, client, output)?;
        extracted.map_or(Ok(conclusion.clone()), |extracted| extracted.conclude(conclusion))
    });
    client.conclude(outcome, output)
}

/// Writes the response, or what was extracted from it, to stdout, and the body to a file.
fn write(
    args: &ResponseArgs,
    response: &Response,
    extracted: Option<&Extracted>,
    output: &mut Output,
) -> Outcome {
    if args.include {
        output.head(response);
    }
    match (extracted, &args.output) {
        (Some(extracted), _) => extracted.print(output),
        (None, None) => output.body(response),
        (None, Some(_)) => {}
    }
    let Some(path) = &args.output else { return Ok(()) };
    std::fs::write(path, &response.body)
        .map_err(Failure::cannot(format!("write the body to {}", path.display())))
}

/// With expectations, only they decide; without, the status does.
fn check(
    args: &ResponseArgs,
    response: &Response,
    client: &Client,
    output: &Output,
) -> Result<Conclusion, Failure> {
    let succeeded = |reason: Message| Ok(Conclusion { reason, ..Conclusion::default() });
    if args.has_expectations() {
        let asked = client.agent.flow().exchanges.first().map_or(&response.url, |it| &it.request.url);
        let agent = &client.agent;
        let unmet = UnmetExpectations { args, asked, response, agent, output }.messages();
        if !unmet.is_empty() {
            return Err(Failure::new(Exit::Unmet, Message::joined(unmet, "; ")));
        }
        if !args.status_decides {
            return succeeded("all expectations are met".into());
        }
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
