//! Decisions about cookies in words, the same in every output.

use std::borrow::Cow;

use sessctl::cookies::{ByteString, Reason, SetAction, SetDecision, Stage, Warning};

use super::style::{Role, paint, sanitize};
use crate::texts::Texts;

/// The words of a decision: in English, or in the language of the texts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words<'a>(pub(super) Option<&'a Texts>);

impl Words<'_> {
    pub(super) const ENGLISH: Words<'static> = Words(None);

    /// `sid: sent`, `sid: withheld: NotOnPath (RFC 6265bis …)`.
    pub(super) fn sent(self, name: &ByteString, withheld: Option<Reason>, color: bool) -> String {
        let what = match withheld {
            None => paint(Role::Good, &self.word("sent"), color),
            Some(reason) => self.refusal("withheld", reason, Stage::Sending, color),
        };
        format!("{}: {what}", named(name))
    }

    /// `sid: stored`, `sid: rejected: SecureOnly (RFC 6265bis …)`.
    pub(super) fn set(self, decision: &SetDecision, color: bool) -> String {
        let action = self.word(decision.action.name());
        let what = match decision.action {
            SetAction::Rejected(reason) => self.refusal("rejected", reason, Stage::Storing, color),
            SetAction::AlreadyExpired => {
                let nothing = self.phrase("nothing-to-delete", "there was nothing to delete");
                format!("{} ({nothing})", paint(Role::Notable, &action, color))
            }
            _ => paint(Role::Good, &action, color),
        };
        let why = self.phrase("evicted", "was evicted, because the jar has too many cookies");
        let evicted = decision.evicted.iter().map(|name| format!("; {} {why}", named(name)));
        format!("{}: {what}{}", named(&decision.name), evicted.collect::<String>())
    }

    /// What in a `Set-Cookie` line is ignored or easily misread.
    pub(super) fn warning(self, warning: &Warning) -> String {
        let subject = warning.subject.as_deref().unwrap_or_default();
        let key = format!("why-note-{:?}", warning.kind);
        let own = warning.to_string();
        let said = match self.0 {
            Some(texts) => texts.say_or(&key, &[("subject", subject.into())], own).into_owned(),
            None => own,
        };
        sanitize(&said, false).into_owned()
    }

    fn refusal(self, what: &'static str, reason: Reason, stage: Stage, color: bool) -> String {
        let why = paint(Role::Notable, &format!("{}: {reason}", self.word(what)), color);
        format!("{why} (RFC 6265bis {})", reason.explain(stage).section)
    }

    fn word(self, word: &'static str) -> Cow<'static, str> {
        self.phrase(word, word)
    }

    fn phrase(self, name: &str, own: &'static str) -> Cow<'static, str> {
        self.0.map_or(Cow::Borrowed(own), |texts| texts.say_or(&format!("why-{name}"), &[], own))
    }
}

/// The name of a cookie.
pub(super) fn named(name: &ByteString) -> String {
    if name.0.is_empty() { "(nameless)".to_owned() } else { sanitize(&name.to_text(), false).into_owned() }
}
