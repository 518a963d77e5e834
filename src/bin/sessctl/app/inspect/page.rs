//! The inspector's page, in the language of who looks.

use askama::Template;
use http::StatusCode;
use serde_json::{Map, Value};
use warp::reply::Response;

use crate::app::reply;
use crate::texts::{Language, Texts};

/// What the page's modules say, with what stands for values there.
const FOR_SCRIPTS: [(&str, &[&str]); 42] = [
    ("live", &[]),
    ("lost", &[]),
    ("over", &[]),
    ("pause", &[]),
    ("resume", &[]),
    ("rate-all", &["all"]),
    ("rate-some", &["shown", "all"]),
    ("waiting", &["count"]),
    ("missed", &["count"]),
    ("hidden", &["count"]),
    ("table-all", &["count"]),
    ("table-some", &["count"]),
    ("table-unread", &[]),
    ("nobody", &[]),
    ("began", &[]),
    ("used", &[]),
    ("more-data", &["count"]),
    ("data-changed-to", &["key", "old", "new"]),
    ("data-new", &["key", "new"]),
    ("change-began", &[]),
    ("change-renewed", &[]),
    ("change-data", &[]),
    ("change-ended", &[]),
    ("ended-logout", &[]),
    ("ended-superseded", &[]),
    ("ended-revoked", &[]),
    ("ended-too-many", &[]),
    ("ended-not-admitted", &[]),
    ("ended-expired", &[]),
    ("ended-gone", &[]),
    ("exchange", &["number"]),
    ("general", &[]),
    ("method", &[]),
    ("target", &[]),
    ("status", &[]),
    ("time", &[]),
    ("duration", &["ms"]),
    ("took", &[]),
    ("session", &[]),
    ("no-session", &[]),
    ("request-headers", &[]),
    ("response-headers", &[]),
];

#[derive(Template)]
#[template(path = "inspect.html", config = "src/bin/sessctl/app/templates/askama.toml")]
struct InspectPage<'a> {
    language: &'static str,
    texts: &'a Texts,
    /// JSON that no markup can be in.
    for_scripts: String,
}

pub(super) fn page(language: Language) -> Response {
    let texts = Texts::of(language);
    let for_scripts = for_scripts(&texts).to_string().replace('<', "\\u003c");
    let page = InspectPage { language: language.tag(), texts: &texts, for_scripts };
    match page.render() {
        Ok(html) => reply::html(StatusCode::OK, html),
        // Writing into a String does not fail.
        Err(_) => reply::problem(StatusCode::INTERNAL_SERVER_ERROR, "the page could not be written"),
    }
}

/// The texts by their names. Where they say a value they say its name in braces, for the script to replace.
fn for_scripts(texts: &Texts) -> Value {
    let text = |(name, values): &(&str, &[&str])| {
        let marks: Vec<String> = values.iter().map(|value| format!("{{{value}}}")).collect();
        let values: Vec<_> =
            values.iter().zip(&marks).map(|(value, mark)| (*value, mark.as_str().into())).collect();
        ((*name).to_owned(), Value::String(texts.say_with(&format!("inspect-{name}"), &values)))
    };
    Value::Object(FOR_SCRIPTS.iter().map(text).collect::<Map<_, _>>())
}
