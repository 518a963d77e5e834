//! Options that several commands share.

use std::path::PathBuf;

use clap::Args;
use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use sessctl::client::UserAgent;

use super::config::settings::Settings;
use super::extraction::ExtractArgs;
use super::value_parsers::{self, ExpectedHeader, ExpectedJson};
use crate::output::{ColorChoice, Output};
use crate::texts::{Language, Texts};

/// How the result is printed.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output options")]
pub(super) struct OutputArgs {
    /// Print the result as JSON
    #[arg(long, global = true)]
    json: bool,
    /// Show requests, responses, cookie decisions
    ///
    /// For `serve`: a line for each request.
    #[arg(long, short, global = true)]
    verbose: bool,
    /// Print only the result
    ///
    /// Warnings and errors are still printed, and so is the result line of login and logout.
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Show full cookie values
    #[arg(long, global = true)]
    reveal: bool,
    /// Color: auto, always or never
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_possible_values = true)]
    color: ColorChoice,
    /// Language: en or ko
    ///
    /// Default: the language of the locale, else English. JSON and other machine formats are always the same.
    #[arg(long, global = true, value_name = "LANGUAGE", hide_possible_values = true)]
    lang: Option<Language>,
}

impl OutputArgs {
    pub(super) fn output(&self) -> Output {
        let texts = Texts::of(self.lang.unwrap_or_else(Language::of_environment));
        Output::new(texts, self.color, self.json, self.verbose, self.quiet, self.reveal)
    }
}

/// Headers for the site of a command.
#[derive(Debug, Args)]
pub(super) struct HeaderArgs {
    /// Send a header
    ///
    /// Repeatable. It is sent with each request to the origin of the URL, and never to another origin.
    #[arg(long = "header", short = 'H', value_name = "NAME: VALUE", value_parser = value_parsers::header)]
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl HeaderArgs {
    /// Adds the headers that the configuration has for this URL, where no option does.
    pub(super) fn configure(&mut self, settings: &Settings, url: &Url, base: &Url) {
        add_headers(&mut self.headers, settings.headers(url, base));
    }

    /// Lets the agent send the headers to the origin of this URL.
    pub(super) fn apply(&self, agent: &mut UserAgent, url: &Url, output: &Output) {
        note_replaced_tokens(agent, url, &self.headers, output);
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            headers.append(name.clone(), value.clone());
        }
        agent.send_headers_to(url, headers);
    }
}

/// Adds the configured headers whose names are not given.
pub(super) fn add_headers(
    given: &mut Vec<(HeaderName, HeaderValue)>,
    configured: Vec<(HeaderName, HeaderValue)>,
) {
    let is_new = |(name, _): &(HeaderName, HeaderValue)| given.iter().all(|(given, _)| given != name);
    let new: Vec<_> = configured.into_iter().filter(is_new).collect();
    given.extend(new);
}

/// With `-v`, says which tokens the headers replace.
pub(super) fn note_replaced_tokens(
    agent: &UserAgent,
    url: &Url,
    headers: &[(HeaderName, HeaderValue)],
    output: &Output,
) {
    for token in agent.jar().tokens().iter().filter(|token| output.is_verbose() && token.is_for(url)) {
        if let Some((name, _)) = headers.iter().find(|(name, _)| name == token.header.name()) {
            output.info(&format!("the token {} is not sent: -H sends another {name} header", token.name));
        }
    }
}

/// What to do with a response, and what to expect of it.
#[derive(Debug, Args)]
pub(super) struct ResponseArgs {
    /// Write the body to a file
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    #[command(flatten)]
    pub(super) extract: ExtractArgs,
    /// Print status and headers too
    #[arg(long, short)]
    pub(super) include: bool,
    /// Redirects to follow
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(super) max_redirects: u32,
    /// Do not save cookies to the jar
    #[arg(long)]
    pub(super) no_save: bool,
    /// Expect a status: 200, 2xx or 301,302
    ///
    /// Several statuses and classes may be given. With any expectation, the exit code is 0 or 7, whatever the status is.
    #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = value_parsers::status)]
    pub(super) expect_status: Vec<String>,
    /// Expect text in the body
    ///
    /// Repeatable.
    #[arg(long, value_name = "TEXT")]
    pub(super) expect_text: Vec<String>,
    /// Expect the body not to contain text
    ///
    /// Repeatable.
    #[arg(long, value_name = "TEXT")]
    pub(super) reject_text: Vec<String>,
    /// Expect a cookie in the jar
    ///
    /// The next request to the page would carry it. Repeatable.
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub(super) expect_cookie: Vec<String>,
    /// Expect to end at this address
    ///
    /// After redirects. A path means the site of the request. Without a query, any query is accepted.
    #[arg(long, value_name = "URL|PATH")]
    pub(super) expect_url: Option<String>,
    /// Expect no login form
    ///
    /// Fails if the response is a page with a login form, was redirected to the address of a login, or is a 401. An
    /// expected status alone is met by a login page too.
    #[arg(long)]
    pub(super) expect_no_login: bool,
    /// Expect a header of the response
    ///
    /// With this value, if one is given. Repeatable.
    #[arg(long, value_name = "NAME[: VALUE]", value_parser = value_parsers::expected_header)]
    pub(super) expect_header: Vec<ExpectedHeader>,
    /// Expect a value in a JSON body
    ///
    /// POINTER is a JSON pointer, such as /user/name or /items/0. VALUE is JSON, or text without quotes. Repeatable.
    #[arg(long, value_name = "POINTER=VALUE", value_parser = value_parsers::expected_json)]
    pub(super) expect_json: Vec<ExpectedJson>,
    /// Whether all expectations are of the configuration, and none is about the status: it still decides.
    #[arg(skip)]
    pub(super) status_decides: bool,
}

impl ResponseArgs {
    /// Adds what the configuration expects, where no option does.
    pub(super) fn configure(&mut self, settings: &Settings) {
        let is_given = self.has_expectations();
        if self.expect_status.is_empty() {
            self.expect_status = settings.expected("status");
        }
        self.reject_text.extend(settings.expected("reject-text"));
        self.expect_no_login |= settings.expects_no_login();
        self.status_decides = !is_given && self.expect_status.is_empty();
    }

    /// Whether anything is expected of the response.
    pub(super) fn has_expectations(&self) -> bool {
        let texts = [&self.expect_status, &self.expect_text, &self.reject_text, &self.expect_cookie];
        texts.iter().any(|expected| !expected.is_empty())
            || self.expect_url.is_some()
            || self.expect_no_login
            || !self.expect_header.is_empty()
            || !self.expect_json.is_empty()
    }
}
