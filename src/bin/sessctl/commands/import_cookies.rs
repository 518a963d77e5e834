//! `import-cookies`: cookies of other programs into the jar.

use std::collections::HashSet;
use std::io::Read;
use std::time::Instant;

use anyhow::Context;
use serde_json::json;

use sessctl::clock::SystemClock;
use sessctl::cookies::{StoredCookie, import};

use super::exit::{FAILED, Failure, Outcome, survive_size_limit};
use super::profile;
use crate::cli::{ClientArgs, ImportCookiesArgs};
use crate::output::Output;

pub(super) fn run(args: &ImportCookiesArgs, client_args: &ClientArgs, output: &mut Output) -> Outcome {
    let deadline = Instant::now() + client_args.timeout;
    let file = profile::jar_file(client_args)?;
    let (jar, _) = file.load(SystemClock)?;
    let name = args.file.display();
    let text = read(args).with_context(|| format!("cannot read {name}"))?;
    // Some files do not say which host their cookies are for.
    let host = client_args.base().and_then(|base| base.host_str());
    let imported =
        import(&text, host, jar.now()).map_err(|error| Failure::new(FAILED, format!("{name}: {error}")))?;
    jar.merge(imported.cookies.iter().cloned());
    let identity = |cookie: &StoredCookie| {
        (
            cookie.name.clone(),
            cookie.domain_name().to_owned(),
            cookie.is_host_only(),
            cookie.path().to_owned(),
        )
    };
    let kept: HashSet<_> = jar.cookies().iter().map(identity).collect();
    let given: HashSet<_> = imported.cookies.iter().map(identity).collect();
    let (count, all) = (given.intersection(&kept).count(), given.len());
    survive_size_limit();
    file.save(&jar, None, deadline)?;
    if count < all {
        let why = "a jar holds 50 cookies of a domain and 3,000 in all; those least used had to go";
        output.warn(&format!("{name}: {} were left out: {why}", all - count));
    }
    for rejected in &imported.rejected {
        output.warn(&format!("{name}: {} was left out: {}", rejected.place, rejected.cause));
    }
    if output.is_json() {
        let refused: Vec<_> = imported
            .rejected
            .iter()
            .map(|rejected| json!({ "place": rejected.place, "reason": rejected.cause.to_string() }))
            .collect();
        output.answer_json(&json!({ "imported": imported.cookies, "refused": refused }));
    } else {
        let cookies = if count == 1 { "cookie" } else { "cookies" };
        output.answer(&format!("imported {count} {cookies} of {}", imported.format));
    }
    if count == 0 && !imported.rejected.is_empty() {
        return Err(Failure::new(FAILED, format!("{name} holds no cookie that the jar could take")));
    }
    Ok(())
}

fn read(args: &ImportCookiesArgs) -> std::io::Result<Vec<u8>> {
    if args.file.as_os_str() != "-" {
        return std::fs::read(&args.file);
    }
    let mut text = Vec::new();
    std::io::stdin().lock().read_to_end(&mut text)?;
    Ok(text)
}
