//! `set-cookie`: puts one cookie into the jar, as a response would.

use std::time::Instant;

use clap::Args;

use sessctl::clock::SystemClock;
use sessctl::cookies::{RequestContext, Stage};

use super::command::{Command, Context, Group};
use super::failure::{Failure, Outcome};
use super::target;
use super::why::without_header_name;
use crate::output::{Explanations, Output, WhyAnswer};

#[derive(Debug, Args)]
pub(super) struct SetCookieArgs {
    /// URL, host, or path of the base URL
    ///
    /// The page whose response would set the cookie.
    #[arg(value_name = "URL")]
    target: String,
    /// The cookie, as in a Set-Cookie header
    #[arg(value_name = "LINE", allow_hyphen_values = true)]
    line: String,
}

impl Command for SetCookieArgs {
    const NAME: &'static str = "set-cookie";
    const GROUP: Group = Group::Cookies;
    const ABOUT: &'static str = "Put one cookie into the jar";
    const DETAILS: Option<&'static str> = Some(
        "Put one cookie into the jar, as a response from the URL would. No request is sent. A cookie that a browser would \
         reject is an error.",
    );
    const EXAMPLES: &'static str = "  \
  sessctl set-cookie https://app.test/ theme=dark
  sessctl set-cookie app.test 'id=1; Path=/; Max-Age=3600'";
    const READS_CONFIG: bool = true;
    const SHARED_OPTIONS: &'static [&'static str] =
        &["json", "quiet", "color", "lang", "profile", "jar", "base", "timeout"];

    fn run(self, context: &Context, output: &mut Output) -> Outcome {
        let deadline = Instant::now() + context.client.timeout;
        let file = context.client.jar_file()?;
        let (jar, last_login) = file.load(SystemClock)?;
        let base = context.client.base_url(last_login.as_ref())?;
        let url = target::without_credentials(target::resolve(Some(&self.target), &base)?);
        let line = without_header_name(&self.line).as_bytes();
        let request = RequestContext::default();
        let explained = jar.explain_storing(&url, &[line], &request);
        jar.receive(&url, [line]);
        file.save(&jar, None, deadline)?;
        let rejected = explained.iter().find_map(|it| it.decision.action.reason()).map(|reason| {
            let rule = reason.explain(Stage::Storing).rule;
            Failure::failed(format!("the cookie was not stored: {rule} ({reason})"))
        });
        let texts = output.texts;
        let (explanations, now) = (Explanations::Set(explained), jar.now());
        output.print(&WhyAnswer { texts: &texts, url, context: request, explanations, now });
        rejected.map_or(Ok(()), Err)
    }
}
