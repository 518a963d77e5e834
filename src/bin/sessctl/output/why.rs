//! The explanations of `why`: each decision with its rule and its fix.

use http::Method;
use serde_json::{Value, json};
use url::Url;

use sessctl::clock::Timestamp;
use sessctl::cookies::{
    Reason, RequestContext, SendExplanation, SetExplanation, Stage, StoredCookie, Warning,
};

use super::cookie_table::{expiry, flags, goes_below, largest_unit, sent_to};
use super::decision::Words;
use super::output::Output;
use super::style::{Role, paint, sanitize};
use crate::texts::Texts;

impl Output {
    /// The decision about each cookie for a request.
    pub(crate) fn why_sent(
        &mut self,
        texts: &Texts,
        url: &Url,
        context: &RequestContext,
        answers: &[SendExplanation],
    ) {
        if self.json {
            let cookies = answers.iter().map(send_json).collect();
            return self.answer_json(&document(url, context, "cookies", cookies));
        }
        let request = texts.say_with("why-request", &[("url", url.as_str().into())]);
        self.info(&with_context(texts, request, context));
        if answers.is_empty() {
            self.info(&texts.say("why-no-cookies"));
        }
        let telling = Telling { texts, color: self.terminal.stdout.color };
        for answer in answers {
            let first = answer.reasons.first().copied();
            let decision = Words(Some(texts)).sent(&answer.cookie.name, first, telling.color);
            let mut lines = vec![decision, telling.place(&answer.cookie)];
            if let Some(reason) = first {
                lines.extend(telling.explained(reason, Stage::Sending));
            }
            if let Some((_, others @ [_, ..])) = answer.reasons.split_first() {
                let others: Vec<String> = others.iter().map(ToString::to_string).collect();
                lines.push(telling.detail("also", &others.join(", ")));
            }
            self.answer_styled(&format!("{}\n", lines.join("\n")));
        }
    }

    /// The decisions about `Set-Cookie` lines.
    pub(crate) fn why_stored(
        &mut self,
        texts: &Texts,
        url: &Url,
        context: &RequestContext,
        answers: &[SetExplanation],
        now: Timestamp,
    ) {
        if self.json {
            let lines = answers.iter().map(store_json).collect();
            return self.answer_json(&document(url, context, "set", lines));
        }
        let response = texts.say_with("why-response", &[("url", url.as_str().into())]);
        self.info(&with_context(texts, response, context));
        let telling = Telling { texts, color: self.terminal.stdout.color };
        for answer in answers {
            let mut lines = vec![Words(Some(texts)).set(&answer.decision, telling.color)];
            if let Some(reason) = answer.decision.action.reason() {
                lines.extend(telling.explained(reason, Stage::Storing));
            }
            if let Some(cookie) = &answer.cookie {
                lines.push(telling.place(cookie));
                lines.push(telling.detail("expires", &telling.end(cookie, now)));
                let flags = flags(cookie);
                lines.extend((!flags.is_empty()).then(|| telling.detail("flags", &flags)));
            }
            lines.extend(answer.warnings.iter().map(|warning| telling.warning(warning)));
            self.answer_styled(&format!("{}\n", lines.join("\n")));
        }
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

    fn warning(self, warning: &Warning) -> String {
        let subject = warning.subject.as_deref().unwrap_or_default();
        let key = format!("why-note-{:?}", warning.kind);
        let said = self.texts.say_or(&key, &[("subject", subject.into())], warning.to_string());
        self.detail("note", &sanitize(&said, false))
    }

    fn detail(self, label: &str, text: &str) -> String {
        let label = self.texts.say(&format!("why-label-{label}"));
        format!("  {} {text}", paint(Role::Quiet, &format!("{label}:"), self.color))
    }
}

/// The request, and the explanations under `key`.
fn document(url: &Url, context: &RequestContext, key: &str, answers: Vec<Value>) -> Value {
    json!({
        "url": url.as_str(),
        "method": context.method.as_str(),
        "from": context.initiator.as_ref().map(|it| it.origin().ascii_serialization()),
        "embedded": context.embedded,
        key: answers,
    })
}

fn send_json(answer: &SendExplanation) -> Value {
    let cookie = &answer.cookie;
    let first = answer.reasons.first().copied();
    with_reason(
        json!({
            "name": cookie.name,
            "domain": cookie.domain_name(),
            "host_only": cookie.is_host_only(),
            "path": cookie.path(),
            "sent": first.is_none(),
            "also": answer.reasons.get(1..).unwrap_or_default(),
        }),
        first,
        Stage::Sending,
    )
}

fn store_json(answer: &SetExplanation) -> Value {
    let notes: Vec<String> = answer.warnings.iter().map(ToString::to_string).collect();
    with_reason(
        json!({
            "name": answer.decision.name,
            "action": answer.decision.action.name(),
            "cookie": answer.cookie,
            "notes": notes,
        }),
        answer.decision.action.reason(),
        Stage::Storing,
    )
}

fn with_reason(mut value: Value, reason: Option<Reason>, stage: Stage) -> Value {
    let explanation = reason.map(|reason| reason.explain(stage));
    value["reason"] = json!(reason);
    value["section"] = explanation.map(|it| it.section).into();
    value["rule"] = explanation.map(|it| it.rule).into();
    value["fix"] = explanation.and_then(|it| it.fix).into();
    value
}
