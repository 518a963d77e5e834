//! The explanations of `why`: each decision with its rule and its fix.

use http::Method;
use url::Url;

use sessctl::clock::Timestamp;
use sessctl::cookies::{Reason, RequestContext, SendExplanation, SetExplanation, Stage, StoredCookie};

use super::cookie_table::{expiry, flags, goes_below, sent_to};
use super::decision::Words;
use super::style::{Role, Style, paint, sanitize};
use super::view::View;
use crate::json::{Json, json};
use crate::texts::{Texts, largest_unit};

/// The decision about each cookie for a request, or about each `Set-Cookie` line of a response.
pub(crate) struct WhyAnswer<'a> {
    pub(crate) texts: &'a Texts,
    pub(crate) url: Url,
    pub(crate) context: RequestContext,
    pub(crate) explanations: Explanations,
    pub(crate) now: Timestamp,
}

pub(crate) enum Explanations {
    Sent(Vec<SendExplanation>),
    Set(Vec<SetExplanation>),
}

impl View for WhyAnswer<'_> {
    fn document(&self) -> Json {
        let (key, explanations): (_, Json) = match &self.explanations {
            Explanations::Sent(cookies) => ("cookies", cookies.iter().map(send_json).collect()),
            Explanations::Set(lines) => ("set", lines.iter().map(store_json).collect()),
        };
        json!({
            "url": self.url.as_str(),
            "method": self.context.method.as_str(),
            "from": self.context.initiator.as_ref().map(|it| it.origin().ascii_serialization()),
            "embedded": self.context.embedded,
            key: explanations,
        })
    }

    fn render(&self, style: &Style<'_>) -> String {
        let telling = Telling { texts: self.texts, color: style.color };
        let lines: Vec<String> = match &self.explanations {
            Explanations::Sent(cookies) => cookies.iter().flat_map(|it| telling.sent(it)).collect(),
            Explanations::Set(lines) => lines.iter().flat_map(|it| telling.set(it, self.now)).collect(),
        };
        lines.into_iter().map(|line| line + "\n").collect()
    }

    fn introduction(&self) -> Option<String> {
        let key = match self.explanations {
            Explanations::Sent(_) => "why-request",
            Explanations::Set(_) => "why-response",
        };
        let line = self.texts.say_with(key, &[("url", self.url.as_str().into())]);
        Some(with_context(self.texts, line, &self.context))
    }

    fn remark(&self) -> Option<String> {
        let is_empty = matches!(&self.explanations, Explanations::Sent(cookies) if cookies.is_empty());
        is_empty.then(|| self.texts.say("why-no-cookies"))
    }
}

/// The request, with its method and its initiator if they are not the defaults.
fn with_context(texts: &Texts, mut line: String, context: &RequestContext) -> String {
    if context.method != Method::GET {
        let values = [("line", line.as_str().into()), ("method", context.method.as_str().into())];
        line = texts.say_with("why-by-method", &values);
    }
    if let Some(initiator) = &context.initiator {
        let origin = initiator.origin().ascii_serialization();
        let values = [("line", line.as_str().into()), ("origin", origin.as_str().into())];
        line = match context.embedded {
            true => texts.say_with("why-embedded", &values),
            false => texts.say_with("why-from-page", &values),
        };
    }
    line
}

/// Renders the parts of an explanation.
#[derive(Clone, Copy)]
struct Telling<'a> {
    texts: &'a Texts,
    color: bool,
}

impl Telling<'_> {
    fn sent(self, answer: &SendExplanation) -> Vec<String> {
        let first = answer.reasons.first().copied();
        let decision = Words(Some(self.texts)).sent(&answer.cookie.name, first, self.color);
        let mut lines = vec![decision, self.place(&answer.cookie)];
        lines.extend(first.into_iter().flat_map(|reason| self.explained(reason, Stage::Sending)));
        lines.extend(answer.sent_because.map(|reason| {
            let rule = self.texts.say_or(&format!("why-sent-{reason:?}"), &[], reason.to_string());
            self.detail("rule", &rule)
        }));
        if let Some((_, others @ [_, ..])) = answer.reasons.split_first() {
            let others: Vec<String> = others.iter().map(ToString::to_string).collect();
            lines.push(self.detail("also", &others.join(", ")));
        }
        lines
    }

    fn set(self, answer: &SetExplanation, now: Timestamp) -> Vec<String> {
        let mut lines = vec![Words(Some(self.texts)).set(&answer.decision, self.color)];
        let reason = answer.decision.action.reason();
        lines.extend(reason.into_iter().flat_map(|reason| self.explained(reason, Stage::Storing)));
        if let Some(cookie) = &answer.cookie {
            lines.push(self.place(cookie));
            lines.push(self.detail("expires", &self.end(cookie, now)));
            let flags = flags(cookie);
            lines.extend((!flags.is_empty()).then(|| self.detail("flags", &flags)));
        }
        let notes = answer.decision.warnings.iter();
        lines.extend(notes.map(|warning| self.detail("note", &Words(Some(self.texts)).warning(warning))));
        lines
    }

    fn explained(self, reason: Reason, stage: Stage) -> Vec<String> {
        let explanation = reason.explain(stage);
        let stage = match stage {
            Stage::Storing => "storing",
            Stage::Sending => "sending",
        };
        let say = |what: &str, own: &'static str| {
            self.texts.say_or(&format!("why-{reason}-{stage}-{what}"), &[], own)
        };
        let fix = explanation.fix.map(|fix| self.detail("fix", &say("fix", fix)));
        std::iter::once(self.detail("rule", &say("rule", explanation.rule))).chain(fix).collect()
    }

    fn place(self, cookie: &StoredCookie) -> String {
        let (host, path) = (sanitize(cookie.domain_name(), false), sanitize(cookie.path(), false));
        let hosts = if goes_below(cookie) {
            self.texts.say_or("why-host-and-below", &[("host", host.as_ref().into())], sent_to(cookie))
        } else {
            host
        };
        let values = [("host", hosts.as_ref().into()), ("path", path.as_ref().into())];
        self.detail("scope", &self.texts.say_with("why-scope", &values))
    }

    fn end(self, cookie: &StoredCookie, now: Timestamp) -> String {
        let own = expiry(cookie, now);
        let Some(expires) = cookie.expires else {
            return self.texts.say_or("why-end-with-session", &[], own).into_owned();
        };
        let date: String = expires.to_string().chars().take(10).collect();
        let (count, unit) = largest_unit(expires.since(now).as_secs());
        let values = [("date", date.as_str().into()), ("count", count.into()), ("unit", unit.into())];
        let said = match count {
            0 => self.texts.say_or("why-end-past", &values, own),
            _ => self.texts.say_or("why-end-in", &values, own),
        };
        said.into_owned()
    }

    fn detail(self, label: &str, text: &str) -> String {
        let label = self.texts.say(&format!("why-label-{label}"));
        format!("  {} {text}", paint(Role::Quiet, &format!("{label}:"), self.color))
    }
}

fn send_json(answer: &SendExplanation) -> Json {
    let cookie = &answer.cookie;
    let first = answer.reasons.first().copied();
    let document = json!({
        "name": cookie.name,
        "domain": cookie.domain_name(),
        "host_only": cookie.is_host_only(),
        "path": cookie.path(),
        "sent": first.is_none(),
        "also": answer.reasons.get(1..).unwrap_or_default(),
    });
    let mut document = with_reason(document, first, Stage::Sending);
    if let Some(reason) = answer.sent_because {
        document.set("rule", reason.to_string());
    }
    document
}

fn store_json(answer: &SetExplanation) -> Json {
    let action = answer.decision.action;
    let document = json!({
        "name": answer.decision.name,
        "action": action.name(),
        "cookie": answer.cookie,
        "notes": answer.decision.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    with_reason(document, action.reason(), Stage::Storing)
}

fn with_reason(mut document: Json, reason: Option<Reason>, stage: Stage) -> Json {
    let explanation = reason.map(|reason| reason.explain(stage));
    document.set("reason", reason);
    document.set("section", explanation.map(|it| it.section));
    document.set("rule", explanation.map(|it| it.rule));
    document.set("fix", explanation.and_then(|it| it.fix));
    document
}
