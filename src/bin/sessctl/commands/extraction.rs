//! [`ExtractArgs`]: the parts of a response that a command prints instead of the body.

use clap::Args;

use sessctl::client::Response;
use sessctl::internal::Selection;

use super::client::Conclusion;
use super::exit::Exit;
use super::failure::Failure;
use crate::json::Json;
use crate::output::Output;
use crate::texts::Message;

#[derive(Debug, Args)]
pub(super) struct ExtractArgs {
    /// Print elements of a CSS selector
    ///
    /// The text of each element is on a line of its own. `CSS @ATTRIBUTE` prints the attribute instead. If no element
    /// matches, the exit code is 7.
    #[arg(long, value_name = "CSS")]
    select: Option<Selection>,
    /// Print a member of a JSON body
    ///
    /// For example /items/0/name (RFC 6901). Text is printed without quotes, any other value as JSON. If the body has no
    /// such member, the exit code is 7.
    #[arg(long, value_name = "POINTER", value_parser = pointer, conflicts_with = "select")]
    pointer: Option<String>,
}

/// What a response has at the wanted place.
pub(super) struct Extracted {
    values: Vec<Json>,
    /// Why there is no value.
    missing: Option<Message>,
}

fn pointer(text: &str) -> Result<String, String> {
    if !text.is_empty() && !text.starts_with('/') {
        return Err("not a JSON pointer; write for example /items/0/name".to_owned());
    }
    if text.split('~').skip(1).any(|rest| !rest.starts_with(['0', '1'])) {
        return Err("not a JSON pointer: write ~0 for ~ and ~1 for / in a name (RFC 6901 §3)".to_owned());
    }
    Ok(text.to_owned())
}

impl ExtractArgs {
    /// What the response has at the wanted place. `None` if the body is wanted.
    pub(super) fn extract(&self, response: &Response) -> Option<Extracted> {
        if let Some(selection) = &self.select {
            return Some(elements(selection, response));
        }
        let pointer = self.pointer.as_deref()?;
        let missing = |why: Message| {
            let english = format!("{} has nothing at {pointer:?}: {why}", response.url);
            Message::new("error-no-member", english)
                .with("url", response.url.as_str())
                .with("pointer", format!("{pointer:?}"))
                .with("why", why)
        };
        let body = response.body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&response.body);
        Some(match serde_json::from_slice::<Json>(body) {
            Ok(document) => match member(&document, pointer) {
                Some(value) => Extracted { values: vec![value.clone()], missing: None },
                None => {
                    let why = Message::new("error-no-such-member", "its JSON has no such member");
                    Extracted { values: Vec::new(), missing: Some(missing(why)) }
                }
            },
            Err(_) => {
                let why = Message::new("error-body-not-json", "its body is not JSON");
                Extracted { values: Vec::new(), missing: Some(missing(why)) }
            }
        })
    }
}

/// What a selector finds in a response.
fn elements(selection: &Selection, response: &Response) -> Extracted {
    let missing = |key: &'static str, english: String| {
        Some(
            Message::new(key, english)
                .with("url", response.url.as_str())
                .with("wanted", format!("{:?}", selection.to_string())),
        )
    };
    match selection.find(&response.text()) {
        Err(_) => {
            let english = format!("cannot search {}: the page is too large", response.url);
            Extracted { values: Vec::new(), missing: missing("error-page-not-searched", english) }
        }
        Ok(found) if found.is_empty() => {
            let english = format!("{} has no element that matches {:?}", response.url, selection.to_string());
            Extracted { values: Vec::new(), missing: missing("error-no-element", english) }
        }
        Ok(found) => Extracted { values: found.iter().map(Json::of).collect(), missing: None },
    }
}

/// The value that a JSON pointer leads to (RFC 6901 §4).
fn member<'a>(document: &'a Json, pointer: &str) -> Option<&'a Json> {
    let mut names = pointer.split('/').skip(1).map(|name| name.replace("~1", "/").replace("~0", "~"));
    names.try_fold(document, |value, name| match value {
        Json::Array(values) if name == "0" || !name.starts_with(['0', '+']) => {
            values.get(name.parse::<usize>().ok()?)
        }
        _ => value.get(&name),
    })
}

impl Extracted {
    /// Prints each value: a text without quotes, any other value as JSON.
    pub(super) fn print(&self, output: &mut Output) {
        for value in self.values.iter().filter(|_| !output.is_json()).collect::<Vec<_>>() {
            match value.as_str() {
                Some(text) => output.answer_raw(format!("{text}\n").as_bytes()),
                None => output.json_text(&value.to_string()),
            }
        }
    }

    /// The conclusion with the values. Fails if there are none.
    pub(super) fn conclude(self, conclusion: Conclusion) -> Result<Conclusion, Failure> {
        match self.missing {
            Some(missing) => Err(Failure::new(Exit::Unmet, missing)),
            None => Ok(Conclusion { values: self.values, ..conclusion }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_leads_to_a_member() {
        let document: Json = serde_json::from_str(r#"{"a":[{"b/c":1,"~":2}],"":3}"#).expect("JSON");
        let at = |pointer: &str| member(&document, pointer).map(ToString::to_string);
        assert_eq!(at("/a/0/b~1c").as_deref(), Some("1"));
        assert_eq!(at("/a/0/~0").as_deref(), Some("2"));
        assert_eq!((at("/").as_deref(), at("/a/00"), at("/a/1"), at("/a/-")), (Some("3"), None, None, None));
        assert!(at("").is_some_and(|all| all.starts_with("{\"a\"")));
        assert!(pointer("a").is_err() && pointer("/a~2").is_err() && pointer("/~01").is_ok());
    }
}
