//! Decisions about cookies as words: the same wherever one is shown.

use sessctl::client::jar::{Octets, Reason, SetAction, SetDecision, Stage};

use super::style::{Role, harmless, paint};

/// `sid: sent`, `sid: withheld: NotOnPath (RFC 6265bis …)`.
pub(super) fn sent(name: &Octets, withheld: Option<Reason>, color: bool) -> String {
    match withheld {
        None => format!("{}: {}", named(name), paint(Role::Good, "sent", color)),
        Some(reason) => format!("{}: {}", named(name), refusal("withheld", reason, Stage::Sending, color)),
    }
}

/// `sid: stored`, `sid: rejected: SecureOnly (RFC 6265bis …)`.
pub(super) fn set(decision: &SetDecision, color: bool) -> String {
    let what = match decision.action {
        SetAction::Rejected(reason) => refusal("rejected", reason, Stage::Storing, color),
        SetAction::AlreadyExpired => {
            format!("{} (there was nothing to delete)", paint(Role::Notable, decision.action.name(), color))
        }
        action => paint(Role::Good, action.name(), color),
    };
    format!("{}: {what}", named(&decision.name))
}

fn refusal(what: &str, reason: Reason, stage: Stage, color: bool) -> String {
    let why = paint(Role::Notable, &format!("{what}: {reason}"), color);
    format!("{why} (RFC 6265bis {})", reason.explain(stage).section)
}

/// What a cookie is called.
pub(super) fn named(name: &Octets) -> String {
    if name.0.is_empty() { "(nameless)".to_owned() } else { harmless(&name.to_text(), false).into_owned() }
}
