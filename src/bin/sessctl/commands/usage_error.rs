//! Errors of the command line.

use clap::Error;
use clap::error::{ContextKind, ContextValue};

use sessctl::internal::{Masking, Redactor};

/// Options whose values may be secrets in any form.
const PRIVATE: &[&str] = &["--header", "--data", "--field"];

/// The error without the secrets in its arguments: clap repeats a value that it rejects.
pub(super) fn masked(mut error: Error) -> Error {
    let redactor = Redactor::new(Masking::Short);
    let is_private = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(option)) => PRIVATE.iter().any(|name| option.starts_with(name)),
        _ => false,
    };
    let texts = error.context().filter_map(|(kind, value)| match value {
        ContextValue::String(_) if kind == ContextKind::InvalidValue && is_private => {
            Some((kind, "…".to_owned()))
        }
        ContextValue::String(text) => Some((kind, redactor.text(text).into_owned())),
        _ => None,
    });
    for (kind, text) in texts.collect::<Vec<_>>() {
        error.insert(kind, ContextValue::String(text));
    }
    error
}

#[cfg(test)]
mod tests {
    use crate::commands::command_line::CommandLine;

    #[test]
    fn an_error_of_the_command_line_shows_no_secret() {
        for arguments in [
            ["visit", "--proxy", "http://u:SuperSecret9@h:99999"],
            ["visit", "--proxy", "u:SuperSecret9@h:99999"],
            ["visit", "--url", "ftp://u:SuperSecret9@h/"],
            ["visit", "-H", "X-Auth SuperSecret9"],
            ["visit", "-H", "X-Auth: SuperSecret9\u{1}x"],
            ["visit", "-H", "SuperSecret9"],
            ["visit", "--data", "SuperSecret9"],
            ["visit", "--token=SuperSecret9", "/"],
            ["serve", "--public-url", "http://u:SuperSecret9@h/?pin=SuperSecret9"],
        ] {
            let words = ["sessctl"].iter().chain(&arguments).map(Into::into);
            let shown = CommandLine::parse(words).err().expect("an error").to_string();
            assert!(!shown.contains("SuperSecret9"), "{arguments:?}: {shown}");
        }
        let words = ["sessctl", "visit", "--proxy", "http://u:x@h:99999"].map(Into::into);
        let error = CommandLine::parse(words).err().expect("an error");
        assert!(error.to_string().contains("http://…@h:99999"), "{error}");
    }
}
