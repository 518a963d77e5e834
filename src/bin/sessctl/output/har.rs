//! A history as HAR 1.2, which browsers' network panels import. It has no bodies, because they are not recorded.

use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderName, HeaderValue, Version};

use sessctl::client::Exchange;
use sessctl::client::http::{Purpose, ReceivedResponse};
use sessctl::client::profile::history::HistoryEntry;
use sessctl::cookies::{SetAction, SetDecision};

use super::exchange_view::title_case;
use crate::json::{Json, json};

/// The records as a HAR: each command is a page, each exchange an entry.
pub(crate) fn har(records: &[(u64, HistoryEntry)]) -> Json {
    let pages = records.iter().map(|(number, record)| {
        json!({
            "startedDateTime": record.at,
            "id": page_id(*number),
            "title": format!("{}: {}", record.command, record.reason),
            // The load events of a browser do not exist here.
            "pageTimings": { "onContentLoad": -1, "onLoad": -1 },
        })
    });
    let entries = records
        .iter()
        .flat_map(|(number, record)| record.flow.exchanges.iter().map(|exchange| entry(*number, exchange)));
    json!({
        "log": {
            "version": "1.2",
            "creator": { "name": "sessctl", "version": env!("CARGO_PKG_VERSION") },
            "pages": pages.collect::<Json>(),
            "entries": entries.collect::<Json>(),
        }
    })
}

fn page_id(number: u64) -> String {
    format!("page_{number}")
}

fn entry(number: u64, exchange: &Exchange) -> Json {
    let ms = exchange.elapsed.as_secs_f64() * 1e3;
    let comment = match exchange.purpose {
        Purpose::Fresh => "fresh: with an empty jar",
        Purpose::Probe => "probe: the jar was not changed",
        _ => "",
    };
    json!({
        "pageref": page_id(number),
        "startedDateTime": exchange.started,
        "time": ms,
        "request": request(exchange),
        "response": exchange.response.as_ref().map_or_else(no_response, |it| response(it, &exchange.set)),
        "cache": {},
        // Only the total is measured.
        "timings": { "blocked": -1, "dns": -1, "connect": -1, "ssl": -1, "send": 0, "wait": ms, "receive": 0 },
        "comment": comment,
    })
}

fn request(exchange: &Exchange) -> Json {
    let request = &exchange.request;
    let value =
        |wanted| request.headers.iter().find(|(name, _)| *name == wanted).map(|(_, value)| text(value));
    let cookies = value(COOKIE).unwrap_or_default();
    let query = request.url.query_pairs();
    let version = exchange.response.as_ref().map_or(Version::HTTP_11, |response| response.version);
    let mut url = request.url.clone();
    url.set_fragment(None);
    let mut shown = json!({
        "method": request.method.as_str(),
        "url": url,
        "httpVersion": format!("{version:?}"),
        "cookies": cookies.split("; ").filter(|pair| !pair.is_empty()).map(pair).collect::<Json>(),
        "headers": request.headers.iter().map(|(name, value)| header((name, value))).collect::<Json>(),
        "queryString": query.map(|(name, value)| json!({ "name": name, "value": value })).collect::<Json>(),
        "headersSize": -1,
        "bodySize": request.body_size,
    });
    if let Some(kind) = value(CONTENT_TYPE) {
        shown
            .set("postData", json!({ "mimeType": kind, "text": "", "comment": "the body was not recorded" }));
    }
    shown
}

fn response(response: &ReceivedResponse, set: &[SetDecision]) -> Json {
    let value = |name| response.headers.get(name).map(text).unwrap_or_default();
    let stored = response.headers.get_all(SET_COOKIE).iter().zip(set).map(set_cookie);
    json!({
        "status": response.status.as_u16(),
        "statusText": response.status.canonical_reason().unwrap_or_default(),
        "httpVersion": format!("{:?}", response.version),
        "cookies": stored.collect::<Json>(),
        "headers": response.headers.iter().map(header).collect::<Json>(),
        "content": { "size": response.body_size, "mimeType": value(CONTENT_TYPE), "comment": "not recorded" },
        "redirectURL": value(LOCATION),
        "headersSize": -1,
        "bodySize": -1,
    })
}

fn no_response() -> Json {
    json!({
        "status": 0,
        "statusText": "",
        "httpVersion": "",
        "cookies": [],
        "headers": [],
        "content": { "size": 0, "mimeType": "x-unknown" },
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
        "comment": "there was no response",
    })
}

fn header((name, value): (&HeaderName, &HeaderValue)) -> Json {
    json!({ "name": title_case(name.as_str()), "value": text(value) })
}

fn pair(pair: &str) -> Json {
    let (name, value) = pair.split_once('=').unwrap_or(("", pair));
    json!({ "name": name.trim(), "value": value.trim() })
}

/// A `Set-Cookie` line with the decision about it.
fn set_cookie((line, decision): (&HeaderValue, &SetDecision)) -> Json {
    let line = text(line);
    let mut parts = line.split(';');
    let mut cookie = pair(parts.next().unwrap_or_default());
    for attribute in parts {
        let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "path" => cookie.set("path", value.trim()),
            "domain" => cookie.set("domain", value.trim()),
            "httponly" => cookie.set("httpOnly", true),
            "secure" => cookie.set("secure", true),
            _ => {}
        }
    }
    let action = decision.action;
    let comment = match action {
        SetAction::Rejected(reason) => format!("{}: {reason}", action.name()),
        _ => action.name().to_owned(),
    };
    cookie.set("comment", comment);
    cookie
}

fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}
