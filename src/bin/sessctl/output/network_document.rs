//! [`NetworkDocument`]: the JSON of commands that send requests. Its documented form is stable.

use serde::Serialize;
use serde_json::{Value, json};

use sessctl::client::http::Purpose;
use sessctl::client::profile::history::HistoryEntry;
use sessctl::client::{Exchange, Flow};
use sessctl::cookies::{ByteString, Reason};

use super::output::Output;

/// The verdict and the exchanges of a command.
#[derive(Debug, Serialize)]
pub(crate) struct NetworkDocument {
    verdict: Verdict,
    exchanges: Vec<Value>,
}

#[derive(Debug, Serialize)]
struct Verdict {
    ok: bool,
    exit: u8,
    reason: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<String>,
}

#[derive(Debug, Serialize)]
struct CookieUse<'a> {
    name: &'a ByteString,
    reason: Option<Reason>,
}

impl NetworkDocument {
    pub(crate) fn new(exit: u8, reason: String, evidence: Vec<String>, flow: &Flow) -> Self {
        let verdict = Verdict { ok: exit == 0, exit, reason, evidence };
        NetworkDocument { verdict, exchanges: flow.exchanges.iter().map(exchange).collect() }
    }
}

impl Output {
    /// The records of a history: each is the document of its command, with its number.
    pub(super) fn records_json(&mut self, records: &[(u64, HistoryEntry)]) {
        let records: Vec<Value> = records
            .iter()
            .map(|(number, it)| {
                let document =
                    NetworkDocument::new(it.exit, it.reason.clone(), it.evidence.clone(), &it.flow);
                json!({
                    "number": number,
                    "at": it.at,
                    "command": it.command,
                    "verdict": document.verdict,
                    "exchanges": document.exchanges,
                })
            })
            .collect();
        self.answer_json(&json!({ "records": records }));
    }
}

fn exchange(exchange: &Exchange) -> Value {
    let headers = |headers: &mut dyn Iterator<Item = (&str, &[u8])>| -> Value {
        headers
            .map(|(name, value)| json!({ "name": super::exchange_view::title_case(name), "value": ByteString(value.to_vec()) }))
            .collect()
    };
    let request = &exchange.request;
    let request = json!({
        "method": request.method.as_str(),
        "url": request.url.as_str(),
        "headers": headers(&mut request.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()))),
    });
    let response = exchange.response.as_ref().map(|response| {
        json!({
            "status": response.status.as_u16(),
            "headers": headers(&mut response.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()))),
            "body_size": response.body_size,
        })
    });
    let used = |sent: bool| -> Vec<CookieUse<'_>> {
        let cookies = exchange.cookies.iter().filter(|cookie| cookie.withheld.is_none() == sent);
        cookies.map(|cookie| CookieUse { name: &cookie.name, reason: cookie.withheld }).collect()
    };
    let set: Vec<Value> = exchange
        .set
        .iter()
        .map(|set| json!({ "name": set.name, "action": set.action.name(), "reason": set.action.reason() }))
        .collect();
    json!({
        "purpose": match exchange.purpose { Purpose::Step => "step", Purpose::Fresh => "fresh", Purpose::Probe => "probe" },
        "request": request,
        "response": response,
        "sent": used(true),
        "withheld": used(false),
        "set": set,
        "ms": u64::try_from(exchange.elapsed.as_millis()).unwrap_or(u64::MAX),
    })
}
