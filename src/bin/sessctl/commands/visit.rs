//! `visit`: sends one request with the jar, and checks the expectations.

use std::io::Read;

use clap::{ArgGroup, Args};
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Method};
use url::Url;

use sessctl::client::Request;
use sessctl::client::http::{Body, CookieSource};
use sessctl::cookies::Jar;

use super::basic_args::BasicArgs;
use super::client::{Client, block_on};
use super::command::{Command, Context, Group};
use super::failure::{Failure, Outcome};
use super::options::{ResponseArgs, add_headers, note_replaced_tokens};
use super::{expectations, target, value_parsers};
use crate::output::{Bar, Output};

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("content").args(["data", "body", "body_json"]))]
pub(super) struct VisitArgs {
    /// What to request [default: /]
    #[arg(value_name = "URL or PATH")]
    target: Option<String>,
    /// Method
    ///
    /// Default: GET, or POST if there is a body.
    #[arg(long = "request", short = 'X', value_name = "METHOD", value_parser = value_parsers::method)]
    method: Option<Method>,
    /// Send a header
    ///
    /// Repeatable. A cookie in `Cookie: …` replaces the jar's cookie of the same name.
    #[arg(long = "header", short = 'H', value_name = "NAME: VALUE", value_parser = value_parsers::header)]
    headers: Vec<(HeaderName, HeaderValue)>,
    /// Send no cookies of the jar, store none
    #[arg(long)]
    no_cookies: bool,
    #[command(flatten)]
    basic: BasicArgs,
    /// Send a form field
    ///
    /// Repeatable.
    #[arg(long, short, value_name = "NAME=VALUE", value_parser = value_parsers::pair)]
    data: Vec<(String, String)>,
    /// Send text, a file, or stdin (-)
    #[arg(long, value_name = "TEXT|@FILE|-", allow_hyphen_values = true)]
    body: Option<String>,
    /// Send JSON, a JSON file, or stdin (-)
    #[arg(long, value_name = "JSON|@FILE|-", allow_hyphen_values = true)]
    body_json: Option<String>,
    #[command(flatten)]
    response: ResponseArgs,
}

impl Command for VisitArgs {
    const NAME: &'static str = "visit";
    const GROUP: Group = Group::Application;
    const ABOUT: &'static str = "Send one request with the jar's cookies, and print the body";
    const EXAMPLES: &'static str = "  \
  sessctl visit /reports --expect-text 'Monthly report'
  sessctl visit -X POST /counter
  sessctl visit /search -d q=cookies -d page=2   a form, sent with POST
  sessctl visit /api/items --body-json '{\"name\":\"x\"}'
  sessctl visit -v / -o /dev/null                what is sent, and why";
    const SENDS_REQUESTS: bool = true;

    fn run(mut self, context: &Context, output: &mut Output) -> Outcome {
        let bar = (self.response.output.is_some() && output.shows_progress()).then(Bar::new);
        let progress = bar.as_ref().map(Bar::listener);
        let mut client = Client::open("visit", &context.client, self.response.max_redirects, progress)?;
        let base = context.client.base_url(client.last_login.as_ref())?;
        let url = target::resolve(self.target.as_deref(), &base)?;
        add_headers(&mut self.headers, context.settings.headers(&url, &base));
        self.response.configure(&context.settings);
        self.basic.apply(&mut client.agent, &url, output)?;
        note_replaced_tokens(&client.agent, &url, &self.headers, output);
        let request = self.request(url.clone())?;
        if !self.no_cookies {
            warn_of_replaced_cookies(&request, client.agent.jar(), output);
        }
        let response = block_on(async { Ok(client.agent.send_and_sign_on(request).await?) });
        if let Some(bar) = bar {
            bar.finish();
        }
        expectations::conclude(&self.response, response, Some(&url), &client, output)
    }
}

impl VisitArgs {
    fn request(&self, url: Url) -> Result<Request, Failure> {
        let body = self.body()?;
        let default = if body.is_some() { Method::POST } else { Method::GET };
        let mut request = Request::new(self.method.clone().unwrap_or(default), url);
        request.body = body;
        if self.no_cookies {
            request.cookies = CookieSource::None;
        }
        for (name, value) in &self.headers {
            request.headers.append(name.clone(), value.clone());
        }
        if let Some(body) = request.body.as_mut().filter(|_| request.headers.contains_key(CONTENT_TYPE)) {
            body.content_type = None;
        }
        Ok(request)
    }

    fn body(&self) -> Result<Option<Body>, Failure> {
        let body = |content_type: &str, bytes| Some(Body::new(content_type, bytes));
        if !self.data.is_empty() {
            let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.data).finish();
            return Ok(body("application/x-www-form-urlencoded", form.into_bytes()));
        }
        if let Some(source) = &self.body_json {
            let json = content(source)?;
            if let Err(error) = serde_json::from_slice::<serde::de::IgnoredAny>(&json) {
                return Err(Failure::usage(format!(
                    "cannot send --body-json: it is not valid JSON ({error})"
                )));
            }
            return Ok(body("application/json", json));
        }
        let Some(source) = &self.body else { return Ok(None) };
        let is_text = !source.starts_with('@') && source != "-";
        let content_type = if is_text { "text/plain; charset=utf-8" } else { "application/octet-stream" };
        Ok(body(content_type, content(source)?))
    }
}

/// Says which cookies of the jar a header replaces.
fn warn_of_replaced_cookies(request: &Request, jar: &Jar, output: &Output) {
    let sent = jar.sent_to(&request.url);
    let replaced = sent.iter().filter(|cookie| request.has_own_cookie(&cookie.name.0));
    for name in replaced.map(|cookie| cookie.name.to_text()) {
        output.warn(&format!("the jar's cookie {name} is not sent: -H sends another one with this name"));
    }
}

/// The text itself, the file after `@`, or stdin for `-`.
fn content(source: &str) -> Result<Vec<u8>, Failure> {
    if source == "-" {
        let mut content = Vec::new();
        let read = std::io::stdin().lock().read_to_end(&mut content);
        return read.map(|_| content).map_err(Failure::cannot("read standard input"));
    }
    match source.strip_prefix('@') {
        Some(path) => std::fs::read(path).map_err(Failure::cannot(format!("read {path}"))),
        None => Ok(source.as_bytes().to_vec()),
    }
}
