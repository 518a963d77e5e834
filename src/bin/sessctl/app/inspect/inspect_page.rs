//! The HTML of the inspector's page, in the language of the viewer.

use askama::Template;
use http::StatusCode;
use serde_json::{Map, Value};
use warp::reply::Response;

use crate::app::reply;
use crate::texts::{Language, Texts};

/// The texts of the page's scripts, with the names of their values.
const SCRIPT_TEXTS: [(&str, &[&str]); 42] = [
    ("live", &[]),
    ("lost", &[]),
    ("stopped", &[]),
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
    ("anonymous", &[]),
    ("new", &[]),
    ("used", &[]),
    ("more-data", &["count"]),
    ("data-changed", &["key", "old", "new"]),
    ("data-new", &["key", "new"]),
    ("change-created", &[]),
    ("change-rotated", &[]),
    ("change-changed", &[]),
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
    /// JSON without `<`, so that it cannot end the script element.
    script_texts: String,
}

pub(super) fn page(language: Language) -> Response {
    let texts = Texts::of(language);
    let script_texts = script_texts(&texts).to_string().replace('<', "\\u003c");
    reply::page(StatusCode::OK, &InspectPage { language: language.tag(), texts: &texts, script_texts })
}

/// The texts by their names. Each value is its name in braces, which the scripts replace.
fn script_texts(texts: &Texts) -> Value {
    let text = |(name, values): &(&str, &[&str])| {
        let marks: Vec<String> = values.iter().map(|value| format!("{{{value}}}")).collect();
        let values: Vec<_> =
            values.iter().zip(&marks).map(|(value, mark)| (*value, mark.as_str().into())).collect();
        ((*name).to_owned(), Value::String(texts.say_with(&format!("inspect-{name}"), &values)))
    };
    Value::Object(SCRIPT_TEXTS.iter().map(text).collect::<Map<_, _>>())
}
