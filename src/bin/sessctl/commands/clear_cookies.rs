//! `clear-cookies`: forgetting on this side; the server keeps its sessions.

use std::net::IpAddr;
use std::time::Instant;

use serde_json::json;

use sessctl::clock::{SystemClock, Timestamp};
use sessctl::cookies::StoredCookie;

use super::exit::{Outcome, survive_size_limit};
use super::profile;
use crate::cli::{ClearCookiesArgs, ClientArgs};
use crate::output::Output;

pub(super) fn run(args: &ClearCookiesArgs, client_args: &ClientArgs, output: &mut Output) -> Outcome {
    let deadline = Instant::now() + client_args.timeout;
    let file = profile::jar_file(client_args)?;
    let (jar, _) = file.load(SystemClock)?;
    let now = jar.now();
    let deleted = jar.remove(|cookie| is_meant(args, cookie, now));
    survive_size_limit();
    file.save(&jar, None, deadline)?;
    if output.is_json() {
        output.answer_json(&json!({ "deleted": deleted }));
        return Ok(());
    }
    for cookie in &deleted {
        output.answer(&format!(
            "deleted {} of {}{}",
            if cookie.name.0.is_empty() { "(nameless)".into() } else { cookie.name.to_text() },
            cookie.domain_name(),
            cookie.path()
        ));
    }
    if deleted.is_empty() {
        output.info("there was nothing to delete");
    }
    Ok(())
}

/// All conditions that were given must hold.
fn is_meant(args: &ClearCookiesArgs, cookie: &StoredCookie, now: Timestamp) -> bool {
    let of_name = args.name.as_ref().is_none_or(|name| cookie.name.0 == name.as_bytes());
    let of_domain = args.domain.as_ref().is_none_or(|domain| {
        let domain = domain.trim_start_matches('.').to_ascii_lowercase();
        let name = cookie.domain_name().trim_matches(['[', ']']);
        let rest = name.strip_suffix(domain.trim_matches(['[', ']']));
        let is_address = name.parse::<IpAddr>().is_ok();
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.') && !is_address)
    });
    let of_time = !args.expired || cookie.is_expired(now);
    let of_kind = !args.session || cookie.expires.is_none();
    of_name && of_domain && of_time && of_kind
}
