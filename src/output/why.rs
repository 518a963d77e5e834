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
            let cookies: Vec<Value> = answers.iter().map(send_json).collect();
            let document = with_request(url, context, json!({ "cookies": cookies }));
            return self.answer_json(&document);
        }
        self.narrate(&request_line(url, context));
        if answers.is_empty() {
            self.narrate("the jar holds no cookies");
        }
        let color = self.terminal.stdout.color;
        for answer in answers {
            let cookie = &answer.cookie;
            let place = format!("{}{}", sent_to(cookie), harmless(&cookie.path, false));
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
            let lines: Vec<Value> = answers.iter().map(store_json).collect();
            let document = with_request(url, context, json!({ "set": lines }));
            return self.answer_json(&document);
        }
        self.narrate(&request_line(url, context).replacen("a request to", "a response of", 1));
        let color = self.terminal.stdout.color;
        for answer in answers {
            let mut lines = vec![set(&answer.decision, color)];
            if let Some(reason) = answer.decision.action.reason() {
                lines.extend(explained(reason, Stage::Storing, color));
            }
            if let Some(cookie) = &answer.cookie {
                let place = format!("{}{}", sent_to(cookie), harmless(&cookie.path, false));
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

fn with_request(url: &Url, context: &RequestContext, mut answer: Value) -> Value {
    answer["url"] = url.as_str().into();
    answer["method"] = context.method.as_str().into();
    answer["from"] = context.initiator.as_ref().map(|it| it.origin().ascii_serialization()).into();
    answer["embedded"] = context.embedded.into();
    answer
}

fn send_json(answer: &SendAnswer) -> Value {
    let cookie = &answer.cookie;
    let first = answer.obstacles.first().copied();
    let mut value = reason_json(first, Stage::Sending);
    value["name"] = json!(cookie.name);
    value["domain"] = cookie.domain_name().into();
    value["host_only"] = cookie.is_host_only().into();
    value["path"] = (*cookie.path).into();
    value["sent"] = first.is_none().into();
    value["also"] = json!(answer.obstacles.get(1..).unwrap_or_default());
    value
}

fn store_json(answer: &StoreAnswer) -> Value {
    let mut value = reason_json(answer.decision.action.reason(), Stage::Storing);
    value["name"] = json!(answer.decision.name);
    value["action"] = answer.decision.action.name().into();
    value["cookie"] = json!(answer.cookie);
    value["notes"] = answer.remarks.iter().map(ToString::to_string).collect();
    value
}

fn reason_json(reason: Option<Reason>, stage: Stage) -> Value {
    let explanation = reason.map(|reason| reason.explain(stage));
    json!({
        "reason": reason,
        "section": explanation.map(|it| it.section),
        "rule": explanation.map(|it| it.rule),
        "fix": explanation.and_then(|it| it.fix),
    })
}
