//! `why`: explains whether cookies would be sent or stored, and what to do about it.

use clap::Args;
use http::Method;
use url::Url;

use sessctl::clock::SystemClock;
use sessctl::cookies::RequestContext;

use super::command::{Command, Context, Group};
use super::failure::{Failure, Outcome};
use super::{target, value_parsers};
use crate::output::{Explanations, Output, WhyAnswer};

#[derive(Debug, Args)]
pub(super) struct WhyArgs {
    /// URL, host, or path of the base URL
    #[arg(value_name = "URL")]
    target: String,
    /// Explain this Set-Cookie line instead
    ///
    /// Would it be stored, in a response from the URL? Repeatable.
    #[arg(long, value_name = "LINE", allow_hyphen_values = true)]
    set_cookie: Vec<String>,
    /// Only cookies with this name
    #[arg(long, value_name = "NAME", conflicts_with = "set_cookie")]
    name: Option<String>,
    /// For a request from a page of this site
    ///
    /// null is an opaque origin, such as a sandboxed frame.
    #[arg(long, value_name = "ORIGIN")]
    from: Option<String>,
    /// Method of the request
    #[arg(long, short = 'X', value_name = "METHOD", default_value = "GET", value_parser = value_parsers::method)]
    method: Method,
    /// For an image, frame or script request
    ///
    /// And not for a navigation.
    #[arg(long, requires = "from")]
    embedded: bool,
}

impl Command for WhyArgs {
    const NAME: &'static str = "why";
    const GROUP: Group = Group::Cookies;
    const ABOUT: &'static str = "Explain why cookies would be sent or stored, or not";
    const DETAILS: Option<&'static str> = Some(
        "Explain for each cookie in the jar whether a request would carry it, by which rule of RFC 6265bis, and how to \
         change that.",
    );
    const EXAMPLES: &'static str = "  \
  sessctl why https://app.test/admin             would cookies be sent there?
  sessctl why app.test --from https://other.test --method POST
  sessctl why https://app.test/ --set-cookie 'id=1; SameSite=None'
  sessctl why https://app.test/ --lang ko";
    const READS_CONFIG: bool = true;
    const SHARED_OPTIONS: &'static [&'static str] =
        &["json", "quiet", "color", "lang", "profile", "jar", "base"];

    fn run(self, context: &Context, output: &mut Output) -> Outcome {
        let (jar, last_login) = context.client.jar_file()?.load(SystemClock)?;
        let base = context.client.base_url(last_login.as_ref())?;
        let url = target::without_credentials(target::resolve(Some(&self.target), &base)?);
        let initiator = self.from.as_deref().map(|from| initiator(from, &url)).transpose()?;
        let texts = output.texts;
        let request = RequestContext::new(initiator, self.method, self.embedded);
        let explanations = if self.set_cookie.is_empty() {
            let mut cookies = jar.explain_sending(&url, &request);
            if let Some(name) = &self.name {
                cookies.retain(|answer| answer.cookie.name.0 == name.as_bytes());
                if cookies.is_empty() {
                    let missing = "the jar has no cookie with this name";
                    return Err(Failure::failed(format!("cannot explain cookie {name}: {missing}"))
                        .with_hint("visit -v shows whether the cookie was stored, and why not"));
                }
            }
            Explanations::Sent(cookies)
        } else {
            let lines = self.set_cookie.iter().map(|line| without_header_name(line).as_bytes());
            Explanations::Set(jar.explain_storing(&url, &lines.collect::<Vec<_>>(), &request))
        };
        let now = jar.now();
        output.print(&WhyAnswer { texts: &texts, url, context: request, explanations, now });
        Ok(())
    }
}

/// The page that makes the request. `null` is an opaque origin.
fn initiator(from: &str, url: &Url) -> Result<Url, Failure> {
    let text = match from {
        "null" => "data:,".to_owned(),
        url if url.contains("://") => url.to_owned(),
        host => format!("{}://{host}", url.scheme()),
    };
    Url::parse(&text).map_err(|error| {
        Failure::usage(format!("--from {from} is not an origin: {error}; write https://HOST"))
    })
}

/// Removes `Set-Cookie:`, if the whole header line was pasted.
pub(super) fn without_header_name(line: &str) -> &str {
    const NAME: &str = "set-cookie:";
    match line.get(..NAME.len()) {
        Some(start) if start.eq_ignore_ascii_case(NAME) => line[NAME.len()..].trim_start(),
        _ => line,
    }
}
