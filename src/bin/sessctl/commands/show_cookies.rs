//! `show-cookies`: the jar as a table, as JSON, as a file for curl, as a header, as one value.

use serde_json::json;
use url::Url;

use sessctl::clock::{SystemClock, Timestamp};
use sessctl::cookies::value;
use sessctl::cookies::value::Decoded;
use sessctl::cookies::{Jar, StoredCookie, to_netscape};

use super::exit::{FAILED, Failure, Outcome};
use super::{profile, target};
use crate::cli::{ClientArgs, NetscapeDialect, ShowCookiesArgs};
use crate::output::Output;

pub(super) fn run(args: &ShowCookiesArgs, client_args: &ClientArgs, output: &mut Output) -> Outcome {
    let (jar, last_login) = profile::jar_file(client_args)?.load(SystemClock)?;
    let named =
        |cookie: &StoredCookie| args.name.as_ref().is_none_or(|name| cookie.name.0 == name.as_bytes());
    let cookies: Vec<StoredCookie> = jar.cookies().into_iter().filter(named).collect();
    let base = profile::base_url(client_args, last_login.as_ref())?;
    if let Some(url) = &args.header {
        return header(&jar, &target::without_credentials(target::resolve(Some(url), &base)?), output);
    }
    if args.value {
        let chosen = one_of(&cookies, &jar, &base)?;
        output.answer_raw(&[&chosen.value.0[..], b"\n"].concat());
    } else if args.decode {
        decode(cookies, jar.now(), output);
    } else if let Some(dialect) = args.netscape {
        let export = to_netscape(&cookies, dialect == NetscapeDialect::Curl);
        for (cookie, why) in &export.rejected {
            let name = cookie.name.to_text();
            output
                .warn(&format!("cookie {name} was left out: it {why}, which a cookies.txt cannot represent"));
        }
        output.answer_raw(&export.text);
    } else if output.is_json() {
        output.answer_json(&json!({ "cookies": cookies }));
    } else {
        output.cookies(&cookies, jar.now());
    }
    Ok(())
}

fn decode(cookies: Vec<StoredCookie>, now: Timestamp, output: &mut Output) {
    let decoded: Vec<(StoredCookie, Decoded)> = cookies
        .into_iter()
        .map(|cookie| {
            let decoded = value::decode(&cookie.name.to_text(), &cookie.value.0, now);
            (cookie, decoded)
        })
        .collect();
    if output.is_json() {
        let cookies: Vec<_> = decoded
            .iter()
            .map(|(cookie, decoded)| json!({ "name": cookie.name, "domain": cookie.domain_name(), "value": decoded }))
            .collect();
        output.answer_json(&json!({ "cookies": cookies }));
    } else {
        output.decoded(&decoded);
    }
}

fn header(jar: &Jar, url: &Url, output: &mut Output) -> Outcome {
    match jar.cookies_for(url).0 {
        Some(header) => output.answer_raw(&[b"Cookie: ", header.as_bytes(), b"\n"].concat()),
        None => output.info(&format!("no cookie of the jar goes to {url}")),
    }
    Ok(())
}

/// The one cookie that is meant; among several of a name the one that the base URL would be sent.
fn one_of<'a>(cookies: &'a [StoredCookie], jar: &Jar, base: &Url) -> Result<&'a StoredCookie, Failure> {
    match cookies {
        [] => Err(Failure::new(FAILED, "the jar holds no cookie of this name")),
        [only] => Ok(only),
        several => {
            let sent = jar.sent_to(base);
            let at_base = several.iter().find(|cookie| sent.contains(cookie));
            at_base.ok_or_else(|| {
                let places: Vec<String> = several
                    .iter()
                    .map(|cookie| format!("{}{}", cookie.domain_name(), cookie.path()))
                    .collect();
                Failure::new(
                    FAILED,
                    format!("there are several: for {}; --url BASE says which", places.join(", ")),
                )
            })
        }
    }
}
