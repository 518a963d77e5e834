//! The exit code and the hint of a login that was not tried.

use sessctl::client::LoginError;
use sessctl::client::auth::{MissingField, NoPassword};
use sessctl::client::html::Blocker;

use super::browser_diagnostic::window_hint;
use super::diagnostic::{Diagnosis, Diagnostic, no_such_form};
use super::exit::Exit;
use super::verdict_kind::VerdictKind;
use crate::output::error_chain;
use crate::texts::Message;

/// JavaScript renders or sends the form.
fn needs_script(blocker: &Blocker) -> bool {
    matches!(blocker, Blocker::Script | Blocker::LooseFields)
}

impl Diagnostic for LoginError {
    fn message(&self) -> Message {
        let english = error_chain(self);
        let new = |key| Message::new(key, &english);
        match self {
            LoginError::Client(error) => error.message(),
            LoginError::NoForm { url, status, blockers } => {
                let status = status.map(|it| Message::new("error-status", it).with("status", it.to_string()));
                let reasons = [Message::new("error-no-form", "").with("url", url.as_str())];
                let reasons = reasons.into_iter().chain(status).chain(blockers.iter().map(Message::from));
                Message::joined(reasons, ". ").in_english(english)
            }
            LoginError::Browser(error) => error.message(),
            LoginError::NoDrawnForm { url, blockers, shows } => {
                let words = shows.join(" / ");
                let shown = Message::new("error-no-drawn-form-shows", "").with("words", words.as_str());
                let reasons = [Message::new("error-no-drawn-form", "").with("url", url.as_str())];
                let reasons = reasons.into_iter().chain(blockers.iter().map(Message::from));
                let reasons = reasons.chain((!words.is_empty()).then_some(shown));
                Message::joined(reasons, ". ").in_english(english)
            }
            LoginError::NotThere { url, named } => {
                new("error-not-there").with("url", url.as_str()).with("named", named.join(", "))
            }
            LoginError::Incomplete { url, missing } => new("error-incomplete")
                .with("url", url.as_str())
                .with("missing", Message::joined(missing.iter().map(missing_field), "; ")),
            LoginError::UserNeeded { url, field } => {
                new("error-user-needed").with("url", url.as_str()).with("field", field.as_str())
            }
            LoginError::PasswordNeeded { url, why } => {
                let why = match why {
                    NoPassword::NoSource(_) => Message::new("error-no-password-source", why),
                    _ => why.to_string().into(),
                };
                new("error-password-needed").with("url", url.as_str()).with("why", why)
            }
            LoginError::CodeNeeded { url, why } => {
                let why = match why {
                    NoPassword::NoSource(_) => Message::new("error-no-code-source", why),
                    _ => why.to_string().into(),
                };
                new("error-code-needed").with("url", url.as_str()).with("why", why)
            }
            LoginError::Invalid { url, invalid } => {
                let reasons: Vec<String> = invalid.iter().map(ToString::to_string).collect();
                new("error-invalid-step").with("url", url.as_str()).with("reasons", reasons.join("; "))
            }
            LoginError::NoStepForm(error) => no_such_form(error, english),
            _ => english.into(),
        }
    }

    fn diagnosis(&self) -> Diagnosis {
        match self {
            LoginError::Client(error) => error.diagnosis(),
            LoginError::Browser(error) => error.diagnosis(),
            LoginError::NoDrawnForm { blockers, .. } => (
                Exit::Unmet,
                window_hint(blockers).or_else(|| {
                    let hint =
                        "name the page that has the login form; --explain lists the pages that were tried";
                    Some(Message::new("error-no-form-hint", hint))
                }),
            ),
            LoginError::NotThere { .. } => (
                Exit::Usage,
                Some(Message::new(
                    "error-not-there-hint",
                    "--explain lists the forms and fields of each page",
                )),
            ),
            LoginError::UserNeeded { .. }
            | LoginError::Incomplete { .. }
            | LoginError::Invalid { .. }
            | LoginError::NoStepForm(_)
            | LoginError::CodeNeeded { why: NoPassword::NoSource(_), .. }
            | LoginError::PasswordNeeded { why: NoPassword::NoSource(_), .. } => (Exit::Usage, None),
            LoginError::NoForm { blockers, .. } if blockers.iter().any(needs_script) => (
                Exit::Unmet,
                Some(Message::new(
                    "error-no-form-script-hint",
                    "--browser lets an installed browser run the scripts; --as-json sends the name and the password as JSON, to the URL that the page's scripts use",
                )),
            ),
            LoginError::NoForm { .. } => (
                Exit::Unmet,
                Some(Message::new(
                    "error-no-form-hint",
                    "name the page that has the login form; --explain lists the pages that were tried",
                )),
            ),
            _ => (Exit::Failed, None),
        }
    }

    fn kind(&self) -> VerdictKind {
        match self {
            LoginError::Client(error) => error.kind(),
            LoginError::Browser(error) => error.kind(),
            LoginError::NoDrawnForm { blockers, .. } if blockers.contains(&Blocker::Captcha) => {
                VerdictKind::Captcha
            }
            LoginError::NoDrawnForm { .. } => VerdictKind::NoForm,
            LoginError::NoForm { status: Some(429), .. } => VerdictKind::RateLimited,
            LoginError::NoForm { status: Some(500..), .. } => VerdictKind::ServerError,
            LoginError::NoForm { blockers, .. } if blockers.iter().any(needs_script) => {
                VerdictKind::ScriptOnly
            }
            LoginError::NoForm { blockers, .. } if blockers.contains(&Blocker::BasicRefused) => {
                VerdictKind::Refused
            }
            LoginError::NoForm { blockers, .. } if blockers.contains(&Blocker::Captcha) => {
                VerdictKind::Captcha
            }
            LoginError::NoForm { .. } => VerdictKind::NoForm,
            _ => self.diagnosis().0.into(),
        }
    }
}

fn missing_field(field: &MissingField) -> Message {
    let new = |key| Message::new(key, field);
    let message = if field.is_checkbox { new("error-missing-checkbox") } else { new("error-missing-field") };
    let label = if field.label.is_empty() { &field.name } else { &field.label };
    message.with("label", format!("{label:?}")).with("name", field.name.as_str())
}
