//! `submit`: fills in and submits any form of a page.

use std::io::Read;
use std::path::Path;

use clap::Args;

use sessctl::client::form::{Filling, FormChoice, Upload};
use sessctl::client::submit;
use sessctl::internal::page_with_forms;

use super::basic_args::BasicArgs;
use super::client::{self, Client, Conclusion, block_on};
use super::command::{Command, Context, Group};
use super::exit::Exit;
use super::failure::{Failure, Outcome};
use super::options::{HeaderArgs, ResponseArgs};
use super::{expectations, target, value_parsers};
use crate::output::Output;

#[derive(Debug, Args)]
pub(super) struct SubmitArgs {
    /// Page with the form [default: /]
    #[arg(value_name = "URL or PATH")]
    target: Option<String>,
    /// Values for the fields
    ///
    /// NAME is the name, id or label of a field. NAME=@FILE uploads a file, or fills in its text; NAME=@- does the same with
    /// stdin. Other fields keep their values.
    #[arg(value_name = "NAME=VALUE", value_parser = value_parsers::pair)]
    fields: Vec<(String, String)>,
    /// Submit this form
    ///
    /// Its number, id or name, or the end of the path that it is sent to.
    #[arg(long, value_name = "FORM")]
    form: Option<String>,
    /// Press this button
    ///
    /// Its id, name, value or text. Default: the one that Enter presses.
    #[arg(long, value_name = "BUTTON")]
    button: Option<String>,
    /// Press no button
    ///
    /// As a script that submits the form: the name of no button is sent.
    #[arg(long, conflicts_with = "button")]
    no_button: bool,
    /// Send a password even if it is not safe
    ///
    /// In clear text after https, or to another site to which a page without https leads.
    #[arg(long)]
    allow_insecure_password: bool,
    /// List the forms and their fields
    #[arg(long, conflicts_with_all = ["fields", "form", "button", "no_button"])]
    list: bool,
    #[command(flatten)]
    headers: HeaderArgs,
    #[command(flatten)]
    basic: BasicArgs,
    #[command(flatten)]
    response: ResponseArgs,
}

impl Command for SubmitArgs {
    const NAME: &'static str = "submit";
    const GROUP: Group = Group::Application;
    const ABOUT: &'static str = "Fill in and submit any form of a page";
    const DETAILS: Option<&'static str> = Some(
        "Fill in and submit any form of a page. Hidden fields are kept, and CSRF tokens are sent along.",
    );
    const EXAMPLES: &'static str = "  \
  sessctl submit /profile --list                 the forms and their fields
  sessctl submit /profile city=Busan newsletter=on
  sessctl submit /upload title=Notes file=@notes.pdf --expect-text Thanks
  sessctl submit /cart --form checkout --button 'Pay later'";
    const SENDS_REQUESTS: bool = true;

    fn run(mut self, context: &Context, output: &mut Output) -> Outcome {
        // Without a page, the first word is a field.
        if self.target.as_deref().is_some_and(is_field) {
            let field = self.target.take().unwrap_or_default();
            let (name, value) = field.split_once('=').unwrap_or((&field, ""));
            self.fields.insert(0, (name.to_owned(), value.to_owned()));
        }
        let filling = filling(&self.fields)?;
        let mut client = Client::open("submit", &context.client, self.response.max_redirects, None)?;
        let base = context.client.base_url(client.last_login.as_ref())?;
        let url = target::resolve(self.target.as_deref(), &base)?;
        self.headers.configure(&context.settings, &url, &base);
        self.response.configure(&context.settings);
        self.headers.apply(&mut client.agent, &url, output);
        self.basic.apply(&mut client.agent, &url, output)?;
        if self.list {
            let page = block_on(async { Ok(page_with_forms(&mut client.agent, &url).await?) });
            output.exchanges(&client.agent);
            let saved = client.save(None);
            client::warn_if_unsaved(&page, &saved, output);
            let forms = page?.forms;
            output.print(&forms[..]);
            let reason = format!("{} forms", forms.len());
            client.remember(
                Exit::Success,
                Conclusion { reason: reason.into(), ..Conclusion::default() },
                output,
            );
            return saved;
        }
        client.agent.allow_insecure_password(self.allow_insecure_password);
        let mut choice = FormChoice::new(self.form, self.button);
        choice.no_button = self.no_button;
        let response = block_on(async { Ok(submit(&mut client.agent, &url, &choice, filling).await?) });
        expectations::conclude(&self.response, response, None, &client, output)
    }
}

/// Whether the word is `NAME=VALUE`, and not a path or URL with a query.
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
    if path == Path::new("-") {
        let mut upload = Upload::new("", "application/octet-stream", Vec::new());
        let read = std::io::stdin().lock().read_to_end(&mut upload.bytes);
        return read.map(|_| upload).map_err(Failure::cannot("read standard input"));
    }
    let bytes = std::fs::read(path).map_err(Failure::with_file("read", path))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let content_type = mime_guess::from_path(path).first_or_octet_stream().to_string();
    Ok(Upload::new(name, content_type, bytes))
}
