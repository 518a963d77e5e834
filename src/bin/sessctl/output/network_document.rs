//! [`NetworkDocument`]: the JSON of commands that send requests. Its documented form is stable.

use http::{HeaderName, HeaderValue};
use serde::Serialize;
use url::Url;

use sessctl::client::auth::CookieExpiry;
use sessctl::client::http::Purpose;
use sessctl::client::profile::history::HistoryEntry;
use sessctl::client::{Exchange, Flow};
use sessctl::cookies::ByteString;

use super::exchange_view::title_case;
use crate::json::{Json, json};

/// The verdict and the exchanges of a command.
#[derive(Debug, Serialize)]
pub(crate) struct NetworkDocument {
    verdict: Verdict,
    #[serde(flatten)]
    status: Option<StatusFacts>,
    /// What `--select` or `--pointer` found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    values: Vec<Json>,
    exchanges: Vec<Json>,
}

#[derive(Debug, Serialize)]
struct Verdict {
    ok: bool,
    exit: u8,
    /// Missing in entries of older histories.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    reason: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<String>,
}

/// What `status` found besides its verdict.
#[derive(Debug, Serialize)]
pub(crate) struct StatusFacts {
    user: Option<String>,
    url: Url,
    evidence: Vec<String>,
    until: Vec<Json>,
}

impl StatusFacts {
    pub(crate) fn new(user: Option<String>, url: Url, evidence: Vec<String>, until: &[CookieExpiry]) -> Self {
        let expiry = |it: &CookieExpiry| match it.is_token {
            true => json!({ "token": it.name, "expires": it.expires }),
            false => json!({ "cookie": it.name, "expires": it.expires }),
        };
        StatusFacts { user, url, evidence, until: until.iter().map(expiry).collect() }
    }
}

impl NetworkDocument {
    pub(crate) fn new(
        exit: u8,
        kind: Option<String>,
        reason: String,
        evidence: Vec<String>,
        flow: &Flow,
    ) -> Self {
        let verdict = Verdict { ok: exit == 0, exit, kind, reason, evidence };
        let exchanges = flow.exchanges.iter().map(exchange_json).collect();
        NetworkDocument { verdict, status: None, values: Vec::new(), exchanges }
    }

    pub(crate) fn with_status(self, status: Option<StatusFacts>) -> Self {
        // The evidence is a member of its own.
        let evidence = if status.is_some() { Vec::new() } else { self.verdict.evidence };
        NetworkDocument { verdict: Verdict { evidence, ..self.verdict }, status, ..self }
    }

    /// The document with these values of the response.
    pub(crate) fn with_values(self, values: Vec<Json>) -> Self {
        NetworkDocument { values, ..self }
    }
}

/// A record of a history: the document of its command, with its number.
pub(super) fn record_json((number, record): &(u64, HistoryEntry)) -> Json {
    let HistoryEntry { at, command, exit, kind, reason, evidence, flow, .. } = record;
    let document = NetworkDocument::new(*exit, kind.clone(), reason.clone(), evidence.clone(), flow);
    json!({
        "number": number,
        "at": at,
        "command": command,
        "verdict": document.verdict,
        "exchanges": document.exchanges,
    })
}

pub(super) fn exchange_json(exchange: &Exchange) -> Json {
    let request = &exchange.request;
    let response = exchange.response.as_ref().map(|response| {
        json!({
            "status": response.status.as_u16(),
            "headers": response.headers.iter().map(header).collect::<Json>(),
            "body_size": response.body_size,
        })
    });
    let used = |sent: bool| -> Json {
        let cookies = exchange.cookies.iter().filter(|cookie| cookie.withheld.is_none() == sent);
        cookies.map(|cookie| json!({ "name": cookie.name, "reason": cookie.withheld })).collect()
    };
    let set = exchange.set.iter().map(|it| {
        let mut set = json!({ "name": it.name, "action": it.action.name(), "reason": it.action.reason() });
        if !it.evicted.is_empty() {
            set.set("evicted", &it.evicted);
        }
        if !it.warnings.is_empty() {
            set.set("notes", it.warnings.iter().map(ToString::to_string).collect::<Vec<_>>());
        }
        set
    });
    json!({
        "purpose": match exchange.purpose {

            Purpose::Fresh => "fresh",
            Purpose::Probe => "probe",
            _ => "step",
        },
        "request": {
            "method": request.method.as_str(),
            "url": request.url.as_str(),
            "headers": request.headers.iter().map(|(name, value)| header((name, value))).collect::<Json>(),
        },
        "response": response,
        "sent": used(true),
        "withheld": used(false),
        "set": set.collect::<Json>(),
        "ms": u64::try_from(exchange.elapsed.as_millis()).unwrap_or(u64::MAX),
    })
}

fn header((name, value): (&HeaderName, &HeaderValue)) -> Json {
    json!({ "name": title_case(name.as_str()), "value": ByteString(value.as_bytes().to_vec()) })
}
