//! The HTML of the inspector's page, in the language of the viewer.

use askama::Template;
use http::StatusCode;
use warp::reply::Response;

use crate::app::reply;
use crate::json::Json;
use crate::texts::{Language, Texts};

/// The names of the texts for the scripts of the page.
const SCRIPT_TEXTS: &str = "
    live lost stopped pause resume rate-all rate-some waiting missed hidden table-all table-some table-unread
    anonymous new used more-data data-changed data-new change-created change-rotated change-changed change-ended
    ended-logout ended-superseded ended-revoked ended-too-many ended-not-admitted ended-expired ended-gone
    exchange general method target status time duration took session no-session request-headers response-headers
";

/// The values that these texts may have.
const VALUES: [&str; 8] = ["all", "shown", "count", "key", "old", "new", "number", "ms"];

#[derive(Template)]
#[template(path = "inspect.html", config = "src/bin/sessctl/app/templates/askama.toml")]
struct InspectPage {
    language: &'static str,
    texts: Texts,
    /// JSON without `<`, so that it cannot end the script element.
    script_texts: String,
}

pub(super) fn page(language: Language) -> Response {
    let texts = Texts::of(language);
    let script_texts = script_texts(&texts).to_string().replace('<', "\\u003c");
    reply::page(StatusCode::OK, &InspectPage { language: language.tag(), texts, script_texts })
}

/// The texts by their names. Each value is its name in braces, which the scripts replace.
fn script_texts(texts: &Texts) -> Json {
    let marks = VALUES.map(|name| format!("{{{name}}}"));
    let values: Vec<_> = VALUES.into_iter().zip(marks.iter().map(|mark| mark.as_str().into())).collect();
    let text = |name: &str| (name.to_owned(), Json::of(&texts.say_with(&format!("inspect-{name}"), &values)));
    Json::Object(SCRIPT_TEXTS.split_whitespace().map(text).collect())
}
