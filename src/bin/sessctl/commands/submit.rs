//! `submit`: any form of a page, filled in.

use std::path::Path;

use sessctl::client::form::{Filling, FormChoice, Upload};
use sessctl::client::{page_with_forms, submit};

use super::client::{self, Client, Verdict, block_on};
use super::exit::{FAILED, FINE, Failure, Outcome};
use super::{expectations, target};
use crate::cli::{ClientArgs, SubmitArgs};
use crate::output::Output;

pub(super) fn run(mut args: SubmitArgs, client_args: &ClientArgs, output: &mut Output) -> Outcome {
    // Without a page the first word is a field.
    if args.target.as_deref().is_some_and(is_field) {
        let field = args.target.take().unwrap_or_default();
        let (name, value) = field.split_once('=').unwrap_or((&field, ""));
        args.fields.insert(0, (name.to_owned(), value.to_owned()));
    }
    let filling = filling(&args.fields)?;
    let mut client = Client::open("submit", client_args, args.answer.max_redirects, None)?;
    let url = target::resolve(args.target.as_deref(), &client.base(client_args)?)?;
    if args.list {
        let page = block_on(async { Ok(page_with_forms(&mut client.agent, &url).await?) });
        output.exchanges(client.agent.flow());
        let saved = client.save(None);
        client::warn_if_unsaved(&page, &saved, output);
        let forms = page?.forms;
        output.forms(&forms);
        let reason = format!("{} forms", forms.len());
        client.remember(FINE, Verdict { reason, ..Verdict::default() }, output);
        return saved;
    }
    let choice = FormChoice::new(args.form.clone(), args.button.clone());
    let response = block_on(async { Ok(submit(&mut client.agent, &url, &choice, filling).await?) });
    output.exchanges(client.agent.flow());
    let saved = if args.answer.no_save { Ok(()) } else { client.save(None) };
    client::warn_if_unsaved(&response, &saved, output);
    let outcome: Result<Verdict, Failure> = response.and_then(|response| {
        expectations::show(&args.answer, &response, output)?;
        saved?;
        expectations::judge(&args.answer, &response, client.agent.jar(), output)
    });
    client.conclude(outcome, output)
}

/// `name=value`, and not the query of a path or URL.
fn is_field(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| !name.contains(['/', '?', ':', '#']))
}

fn filling(fields: &[(String, String)]) -> Result<Filling, Failure> {
    let mut filling = Filling::default();
    for (name, value) in fields {
        match value.strip_prefix('@') {
            Some(path) => filling.files.push((name.clone(), upload(Path::new(path))?)),
            None => filling.values.push((name.clone(), value.clone())),
        }
    }
    Ok(filling)
}

fn upload(path: &Path) -> Result<Upload, Failure> {
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::new(FAILED, format!("cannot read {}: {error}", path.display())))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let content_type = mime_guess::from_path(path).first_or_octet_stream().to_string();
    Ok(Upload { name, content_type, bytes })
}
