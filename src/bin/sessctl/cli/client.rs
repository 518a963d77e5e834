//! Arguments of the commands that act as a client.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};
use http::{HeaderName, HeaderValue, Method, StatusCode};

use super::{LanguageArgs, values};

#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    /// The page to begin at: one with a login form, or with a link to it [default: the base URL]
    #[arg(value_name = "URL")]
    pub(crate) target: Option<String>,
    /// Who logs in
    #[arg(long, short, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// Read the password from the first line of stdin
    #[arg(long, conflicts_with = "password_file")]
    pub(crate) password_stdin: bool,
    /// Read the password from the first line of a file [else: SESSCTL_PASSWORD, else a prompt]
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// Fill in a further field, or one otherwise; may be given again; with --as-json NAME:=JSON is no text
    #[arg(long = "field", value_name = "NAME=VALUE", value_parser = values::pair)]
    pub(crate) fields: Vec<(String, String)>,
    /// Which form, where it cannot be guessed: its number, id or name, or the end of the path that it goes to
    #[arg(long, value_name = "FORM")]
    pub(crate) form: Option<String>,
    /// The name or id of the field for the user's name [with --as-json: username]
    #[arg(long, value_name = "FIELD")]
    pub(crate) user_field: Option<String>,
    /// The name or id of the field for the password [with --as-json: password]
    #[arg(long, value_name = "FIELD")]
    pub(crate) password_field: Option<String>,
    /// Send name and password to the URL as JSON, as single-page applications do
    #[arg(long, requires = "target", conflicts_with = "form")]
    pub(crate) as_json: bool,
    /// Count the login as successful exactly when the page on which it ends shows this text
    #[arg(long, value_name = "TEXT")]
    pub(crate) expect_text: Option<String>,
    /// Judge by this page, which is another one for strangers
    #[arg(long, value_name = "URL or PATH", conflicts_with = "expect_text")]
    pub(crate) judge_by: Option<String>,
    /// Say what was seen on the way, and why which form and which fields were chosen
    #[arg(long)]
    pub(crate) explain: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LogoutArgs {
    /// The page that has the logout form or link [default: where the last login ended]
    #[arg(value_name = "URL or PATH")]
    pub(crate) target: Option<String>,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("content").args(["data", "body", "body_json"]))]
pub(crate) struct VisitArgs {
    /// What to visit [default: /]
    #[arg(value_name = "URL or PATH")]
    pub(crate) target: Option<String>,
    /// The method [default: GET, or POST with a body]
    #[arg(long = "request", short = 'X', value_name = "METHOD", value_parser = values::method)]
    pub(crate) method: Option<Method>,
    /// Send this header; may be given again
    #[arg(long = "header", short = 'H', value_name = "NAME: VALUE", value_parser = values::header)]
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// Send this field of a form; may be given again
    #[arg(long, short, value_name = "NAME=VALUE", value_parser = values::pair)]
    pub(crate) data: Vec<(String, String)>,
    /// Send this text, this file (@FILE) or what comes on stdin (-)
    #[arg(long, value_name = "TEXT|@FILE|-", allow_hyphen_values = true)]
    pub(crate) body: Option<String>,
    /// Send JSON: this text, this file (@FILE) or what comes on stdin (-)
    #[arg(long, value_name = "JSON|@FILE|-", allow_hyphen_values = true)]
    pub(crate) body_json: Option<String>,
    #[command(flatten)]
    pub(crate) answer: AnswerArgs,
}

#[derive(Debug, Args)]
pub(crate) struct SubmitArgs {
    /// The page that has the form [default: /]
    #[arg(value_name = "URL or PATH")]
    pub(crate) target: Option<String>,
    /// What to put into its fields; NAME=@FILE is a file
    #[arg(value_name = "NAME=VALUE", value_parser = values::pair)]
    pub(crate) fields: Vec<(String, String)>,
    /// Which form: its number, id or name, or the end of the path that it goes to
    #[arg(long, value_name = "FORM")]
    pub(crate) form: Option<String>,
    /// Which button: its id, name, value or text [default: the one that Enter presses]
    #[arg(long, value_name = "BUTTON")]
    pub(crate) button: Option<String>,
    /// Only list the forms of the page, and their fields
    #[arg(long, conflicts_with_all = ["fields", "form", "button"])]
    pub(crate) list: bool,
    #[command(flatten)]
    pub(crate) answer: AnswerArgs,
}

/// What becomes of a response, and what is expected of it.
#[derive(Debug, Args)]
pub(crate) struct AnswerArgs {
    /// Write the body to a file instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Show status and headers of the response before its body
    #[arg(long, short)]
    pub(crate) include: bool,
    /// How many redirects to follow
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) max_redirects: u32,
    /// Leave the jar as it is
    #[arg(long)]
    pub(crate) no_save: bool,
    /// Expect this status, or one of these: 200, 2xx, 301,302
    #[arg(long, value_name = "STATUS", value_delimiter = ',', help_heading = "Expectations")]
    pub(crate) expect_status: Vec<StatusPattern>,
    /// Expect this text in the body; may be given again
    #[arg(long, value_name = "TEXT", help_heading = "Expectations")]
    pub(crate) expect_text: Vec<String>,
    /// Expect this text not to be in the body; may be given again
    #[arg(long, value_name = "TEXT", help_heading = "Expectations")]
    pub(crate) reject_text: Vec<String>,
    /// Expect the jar to hold this cookie for the page; may be given again
    #[arg(long, value_name = "NAME[=VALUE]", help_heading = "Expectations")]
    pub(crate) expect_cookie: Vec<String>,
}

/// A status or a class of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StatusPattern {
    Exactly(StatusCode),
    Class(u16),
}

impl std::str::FromStr for StatusPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let class = text.to_ascii_lowercase().strip_suffix("xx").and_then(|class| class.parse().ok());
        if let Some(class) = class.filter(|class| (1..=5).contains(class)) {
            return Ok(StatusPattern::Class(class));
        }
        let status = text
            .parse()
            .map_err(|_| format!("{text:?} is neither a status such as 200 nor a class such as 2xx"));
        status.map(StatusPattern::Exactly)
    }
}

impl StatusPattern {
    pub(crate) fn matches(self, status: StatusCode) -> bool {
        match self {
            StatusPattern::Exactly(wanted) => wanted == status,
            StatusPattern::Class(class) => status.as_u16() / 100 == class,
        }
    }
}

impl std::fmt::Display for StatusPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StatusPattern::Exactly(status) => write!(f, "{}", status.as_u16()),
            StatusPattern::Class(class) => write!(f, "{class}xx"),
        }
    }
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("form").args(["netscape", "header", "value", "decode"]))]
pub(crate) struct ShowCookiesArgs {
    /// Only cookies of this name
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Only the value, as it is, of the one cookie that --name names
    #[arg(long, requires = "name")]
    pub(crate) value: bool,
    /// What each value is and what is in it, as far as that shows without a key
    #[arg(long)]
    pub(crate) decode: bool,
    /// As a Netscape cookies.txt for curl, or for wget, which knows no HttpOnly
    #[arg(long, value_name = "FOR", num_args = 0..=1, require_equals = true, default_missing_value = "curl")]
    pub(crate) netscape: Option<NetscapeDialect>,
    /// As the Cookie header that a request to this URL or path would carry
    #[arg(long, value_name = "URL")]
    pub(crate) header: Option<String>,
}

/// Who is to read a `cookies.txt`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum NetscapeDialect {
    Curl,
    Wget,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("which").args(["name", "domain", "expired", "session", "all"]).required(true).multiple(true))]
pub(crate) struct ClearCookiesArgs {
    /// Cookies of this name
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Cookies of this host or domain and of all below it
    #[arg(long, value_name = "DOMAIN")]
    pub(crate) domain: Option<String>,
    /// Cookies whose time has passed
    #[arg(long)]
    pub(crate) expired: bool,
    /// Cookies without an expiry, as closing a browser does
    #[arg(long)]
    pub(crate) session: bool,
    /// All cookies
    #[arg(long, conflicts_with_all = ["name", "domain", "expired", "session"])]
    pub(crate) all: bool,
}

#[derive(Debug, Args)]
pub(crate) struct WhyArgs {
    /// The page: a URL, a host, or a path of the base URL
    #[arg(value_name = "URL")]
    pub(crate) target: String,
    /// Ask of this Set-Cookie line instead, in a response of the page; may be given again
    #[arg(long, value_name = "LINE", allow_hyphen_values = true)]
    pub(crate) set_cookie: Vec<String>,
    /// Only cookies of this name
    #[arg(long, value_name = "NAME", conflicts_with = "set_cookie")]
    pub(crate) name: Option<String>,
    /// As a request that a page of this site makes; null is a page that browsers do not name
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) from: Option<String>,
    /// The method of the request
    #[arg(long, short = 'X', value_name = "METHOD", default_value = "GET", value_parser = values::method)]
    pub(crate) method: Method,
    /// For something in that page (an image, a frame, a script's request), not for a page in its place
    #[arg(long, requires = "from")]
    pub(crate) embedded: bool,
    #[command(flatten)]
    pub(crate) language: LanguageArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ImportCookiesArgs {
    /// The file; - is stdin. What it is shows in what it holds; --url says whose cookies it has where it does not
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}
