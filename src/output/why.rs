//! Answers to "why?": each decision with its rule and the way out.

use http::Method;
use serde_json::{Value, json};
use url::Url;

use sessctl::client::jar::{Reason, RequestContext, SendAnswer, Stage, StoreAnswer};
use sessctl::clock::Timestamp;

use super::Output;
use super::decision::{sent, set};
use super::style::{Role, harmless, paint};
use super::table::{expiry, flags, sent_to};

impl Output {
    /// What would become of each cookie at a request.
    pub(crate) fn why_sent(&mut self, url: &Url, context: &RequestContext, answers: &[SendAnswer]) {
        if self.json {
            let cookies = answers.iter().map(send_json).collect();
            return self.answer_json(&document(url, context, "cookies", cookies));
        }
        self.narrate(&request_line(url, context));
        if answers.is_empty() {
            self.narrate("the jar holds no cookies");
        }
        let color = self.terminal.stdout.color;
        for answer in answers {
            let cookie = &answer.cookie;
            let place = format!("{}, path {}", sent_to(cookie), harmless(&cookie.path, false));
            let first = answer.obstacles.first().copied();
            let mut lines = vec![sent(&cookie.name, first, color), detail("it is for", &place, color)];
            if let Some(reason) = first {
                lines.extend(explained(reason, Stage::Sending, color));
            }
            if let Some((_, others @ [_, ..])) = answer.obstacles.split_first() {
                let others: Vec<&str> = others.iter().map(|reason| reason.name()).collect();
                lines.push(detail("also", &others.join(", "), color));
            }
            self.answer_styled(&format!("{}\n", lines.join("\n")));
        }
    }

    /// What would become of `Set-Cookie` lines.
    pub(crate) fn why_stored(
        &mut self,
        url: &Url,
        context: &RequestContext,
        answers: &[StoreAnswer],
        now: Timestamp,
    ) {
        if self.json {
            let lines = answers.iter().map(store_json).collect();
            return self.answer_json(&document(url, context, "set", lines));
        }
        self.narrate(&request_line(url, context).replacen("a request to", "a response of", 1));
        let color = self.terminal.stdout.color;
        for answer in answers {
            let mut lines = vec![set(&answer.decision, color)];
            if let Some(reason) = answer.decision.action.reason() {
                lines.extend(explained(reason, Stage::Storing, color));
            }
            if let Some(cookie) = &answer.cookie {
                let place = format!("{}, path {}", sent_to(cookie), harmless(&cookie.path, false));
                lines.push(detail("it is for", &place, color));
                lines.push(detail("it ends", &expiry(cookie, now), color));
                let flags = flags(cookie);
                lines.extend((!flags.is_empty()).then(|| detail("flags", &flags, color)));
            }
            let remarks =
                answer.remarks.iter().map(|remark| harmless(&remark.to_string(), false).into_owned());
            lines.extend(remarks.map(|remark| detail("note", &remark, color)));
            self.answer_styled(&format!("{}\n", lines.join("\n")));
        }
    }
}

fn request_line(url: &Url, context: &RequestContext) -> String {
    let mut line = format!("a request to {url}");
    if context.method != Method::GET {
        line.push_str(&format!(" by {}", context.method));
    }
    if let Some(initiator) = &context.initiator {
        let how = if context.embedded { "embedded in a page of" } else { "from a page of" };
        line.push_str(&format!(", {how} {}", initiator.origin().ascii_serialization()));
    }
    line
}

fn explained(reason: Reason, stage: Stage, color: bool) -> Vec<String> {
    let explanation = reason.explain(stage);
    let fix = explanation.fix.map(|fix| detail("fix", fix, color));
    std::iter::once(detail("rule", explanation.rule, color)).chain(fix).collect()
}

fn detail(label: &str, text: &str, color: bool) -> String {
    format!("  {} {text}", paint(Role::Quiet, &format!("{label}:"), color))
}

/// The request that is asked about, and under `key` the answers.
fn document(url: &Url, context: &RequestContext, key: &str, answers: Vec<Value>) -> Value {
    json!({
        "url": url.as_str(),
        "method": context.method.as_str(),
        "from": context.initiator.as_ref().map(|it| it.origin().ascii_serialization()),
        "embedded": context.embedded,
        key: answers,
    })
}

fn send_json(answer: &SendAnswer) -> Value {
    let cookie = &answer.cookie;
    let first = answer.obstacles.first().copied();
    with_reason(
        json!({
            "name": cookie.name,
            "domain": cookie.domain_name(),
            "host_only": cookie.is_host_only(),
            "path": &*cookie.path,
            "sent": first.is_none(),
            "also": answer.obstacles.get(1..).unwrap_or_default(),
        }),
        first,
        Stage::Sending,
    )
}

fn store_json(answer: &StoreAnswer) -> Value {
    let notes: Vec<String> = answer.remarks.iter().map(ToString::to_string).collect();
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
