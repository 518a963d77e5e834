//! Records the requests of a browser in the flow, with the cookies that they have set.

use std::collections::HashMap;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Version};
use url::Url;

use crate::client::browser::page_requests::{PageRequest, RequestKind};
use crate::client::http::agent::UserAgent;
use crate::client::http::exchange::{Exchange, Purpose, ReceivedResponse, SentRequest};
use crate::cookies::{ByteString, SetAction, SetDecision, StoredCookie};

/// A page may send any number of requests: the first ones lead to the login.
const MAX_EXCHANGES: usize = 30;

/// Adds requests to the flow: those for pages, and those of scripts that change something. The last one gets the cookies
/// that are new.
pub(super) fn record(
    agent: &mut UserAgent,
    requests: &[PageRequest],
    before: &[StoredCookie],
    after: &[StoredCookie],
) {
    let set = new_cookies(before, after);
    let is_step = |request: &&PageRequest| {
        let is_unsafe = !matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS");
        request.kind == RequestKind::Page || (request.kind == RequestKind::Script && is_unsafe)
    };
    let mut exchanges: Vec<Exchange> =
        requests.iter().filter(is_step).take(MAX_EXCHANGES).filter_map(|it| exchange_of(agent, it)).collect();
    if exchanges.is_empty() && !set.is_empty() {
        exchanges.extend(requests.last().and_then(|last| exchange_of(agent, last)));
    }
    if let Some(last) = exchanges.last_mut() {
        last.set = set;
    }
    agent.flow.exchanges.extend(exchanges);
}

fn exchange_of(agent: &UserAgent, request: &PageRequest) -> Option<Exchange> {
    let url = Url::parse(&request.url).ok()?;
    let status = request.status.and_then(|status| StatusCode::from_u16(status).ok());
    let age = request.started.elapsed();
    let response = status.map(|status| ReceivedResponse {
        version: Version::HTTP_11,
        status,
        headers: HeaderMap::new(),
        body_size: 0,
        body: Bytes::new(),
    });
    Some(Exchange {
        purpose: Purpose::Fresh,
        started: agent.jar().now() - age,
        request: SentRequest {
            method: Method::from_bytes(request.method.as_bytes()).ok()?,
            url: agent.redactor.url(&url),
            headers: Vec::new(),
            body_size: 0,
            fields: Vec::new(),
        },
        response,
        cookies: Vec::new(),
        set: Vec::new(),
        elapsed: request.elapsed.unwrap_or(age),
    })
}

fn new_cookies(before: &[StoredCookie], after: &[StoredCookie]) -> Vec<SetDecision> {
    let decision = |cookie: &StoredCookie| {
        let old = before.iter().find(|old| old.is_same_as(cookie));
        let action = match old {
            None => SetAction::Stored,
            Some(old) if old.value != cookie.value => SetAction::Replaced { changed: true },
            Some(_) => return None,
        };
        Some(SetDecision { name: cookie.name.clone(), action, evicted: Vec::new(), warnings: Vec::new() })
    };
    let mut by_name: HashMap<ByteString, SetDecision> = HashMap::new();
    for found in after.iter().filter_map(decision) {
        by_name.entry(found.name.clone()).or_insert(found);
    }
    let mut found: Vec<SetDecision> = by_name.into_values().collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}
