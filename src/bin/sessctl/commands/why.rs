//! `why`: what would become of cookies at a request or a response, by which rule, and what to do about it.

use url::Url;

use sessctl::clock::SystemClock;
use sessctl::cookies::RequestContext;

use super::exit::{FAILED, Failure, Outcome};
use super::{language, profile, target};
use crate::cli::{ClientArgs, WhyArgs};
use crate::output::Output;

pub(super) fn run(args: WhyArgs, client_args: &ClientArgs, output: &mut Output) -> Outcome {
    let (jar, last_login) = profile::jar_file(client_args)?.load(SystemClock)?;
    let base = profile::base_url(client_args, last_login.as_ref())?;
    let url = target::without_credentials(target::resolve(Some(&args.target), &base)?);
    let initiator = args.from.as_deref().map(|from| initiator(from, &url)).transpose()?;
    let texts = language::texts(&args.language);
    let context = RequestContext::new(initiator, args.method, args.embedded);
    if !args.set_cookie.is_empty() {
        let lines: Vec<&[u8]> = args.set_cookie.iter().map(|line| without_name(line).as_bytes()).collect();
        let answers = jar.explain_storing(&url, &lines, &context);
        output.why_stored(&texts, &url, &context, &answers, jar.now());
        return Ok(());
    }
    let mut answers = jar.explain_sending(&url, &context);
    if let Some(name) = &args.name {
        answers.retain(|answer| answer.cookie.name.0 == name.as_bytes());
        if answers.is_empty() {
            let hint = "no cookie of this name is in the jar: was it stored? visit -v shows each decision";
            return Err(Failure::new(FAILED, hint));
        }
    }
    output.why_sent(&texts, &url, &context, &answers);
    Ok(())
}

/// The page that makes the request, by its origin; `null` is one that browsers do not tell, as that of a sandboxed frame.
fn initiator(from: &str, url: &Url) -> Result<Url, Failure> {
    let text = match from {
        "null" => "data:,".to_owned(),
        whole if whole.contains("://") => whole.to_owned(),
        host => format!("{}://{host}", url.scheme()),
    };
    Url::parse(&text).map_err(|error| Failure::usage(format!("--from {from}: {error}; write https://HOST")))
}

/// A line may be pasted with the name of its header.
fn without_name(line: &str) -> &str {
    const NAME: &str = "set-cookie:";
    match line.get(..NAME.len()) {
        Some(start) if start.eq_ignore_ascii_case(NAME) => line[NAME.len()..].trim_start(),
        _ => line,
    }
}
