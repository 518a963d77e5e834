//! An entry as it is stored: a JSON object, with headers as pairs of strings.

use http::{HeaderName, HeaderValue, Method, StatusCode, Version};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::time::Duration;
use url::Url;

use super::HistoryEntry;
use crate::client::http::exchange::{Exchange, Flow, Purpose, ReceivedResponse, SentField, SentRequest};
use crate::clock::Timestamp;
use crate::cookies::{ByteString, SendDecision, SetDecision};
use crate::redact::Redactor;

/// Longer header values are cut.
const MAX_VALUE_LEN: usize = 8 * 1024;

type StoredHeaders = Vec<(String, ByteString)>;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredEntry {
    at: Timestamp,
    command: String,
    exit: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    reason: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<String>,
    exchanges: Vec<StoredExchange>,
}

#[derive(Debug, Serialize, Deserialize)]
struct StoredExchange {
    purpose: Purpose,
    started: Timestamp,
    /// In microseconds.
    elapsed: u64,
    method: String,
    url: Url,
    request: StoredHeaders,
    body_size: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fields: Vec<SentField>,
    response: Option<StoredResponse>,
    cookies: Vec<SendDecision>,
    set: Vec<SetDecision>,
}

#[derive(Debug, Serialize, Deserialize)]
struct StoredResponse {
    /// `1.1`
    version: String,
    status: u16,
    headers: StoredHeaders,
    body_size: u64,
}

impl StoredEntry {
    pub(super) fn of(entry: &HistoryEntry) -> Self {
        StoredEntry {
            at: entry.at,
            command: entry.command.clone(),
            exit: entry.exit,
            kind: entry.kind.clone(),
            reason: entry.reason.clone(),
            evidence: entry.evidence.clone(),
            exchanges: entry.flow.exchanges.iter().map(StoredExchange::of).collect(),
        }
    }

    /// Drops the later half of the exchanges. `false` if there are none.
    pub(super) fn drop_half(&mut self) -> bool {
        let length = self.exchanges.len();
        self.exchanges.truncate(length / 2);
        length > 0
    }

    /// Masks all secrets: first learns the cookie values of all exchanges, because any text may repeat them.
    pub(super) fn redact(&mut self, mut redactor: Redactor) {
        for (name, value) in self.exchanges.iter_mut().flat_map(StoredExchange::headers) {
            redactor.learn_cookies(name, &value.to_text());
        }
        for exchange in &mut self.exchanges {
            exchange.url = redactor.url(&exchange.url);
            for field in &mut exchange.fields {
                field.name = redactor.text(&field.name).into_owned();
            }
            for (name, value) in exchange.headers() {
                if let Cow::Owned(shown) = redactor.header(name, &String::from_utf8_lossy(&value.0)) {
                    *value = ByteString(shown.into_bytes());
                }
            }
        }
        for text in self.evidence.iter_mut().chain([&mut self.reason]) {
            *text = redactor.text(text).into_owned();
        }
    }
}

impl StoredExchange {
    /// All headers of the request and of the response.
    fn headers(&mut self) -> impl Iterator<Item = &mut (String, ByteString)> {
        let response = self.response.iter_mut().flat_map(|response| &mut response.headers);
        self.request.iter_mut().chain(response)
    }

    fn of(exchange: &Exchange) -> Self {
        let request = &exchange.request;
        StoredExchange {
            purpose: exchange.purpose,
            started: exchange.started,
            elapsed: u64::try_from(exchange.elapsed.as_micros()).unwrap_or(u64::MAX),
            method: request.method.to_string(),
            url: request.url.clone(),
            request: stored(request.headers.iter().map(|(name, value)| (name, value))),
            body_size: request.body_size,
            fields: request.fields.clone(),
            response: exchange.response.as_ref().map(|response| StoredResponse {
                version: format!("{:?}", response.version).trim_start_matches("HTTP/").to_owned(),
                status: response.status.as_u16(),
                headers: stored(response.headers.iter()),
                body_size: response.body_size,
            }),
            cookies: exchange.cookies.clone(),
            set: exchange.set.clone(),
        }
    }
}

fn stored<'a>(headers: impl Iterator<Item = (&'a HeaderName, &'a HeaderValue)>) -> StoredHeaders {
    headers
        .map(|(name, value)| {
            let value = value.as_bytes();
            (name.to_string(), ByteString(value[..value.len().min(MAX_VALUE_LEN)].to_vec()))
        })
        .collect()
}

impl TryFrom<StoredEntry> for HistoryEntry {
    type Error = http::Error;

    fn try_from(entry: StoredEntry) -> Result<Self, http::Error> {
        let exchanges = entry.exchanges.into_iter().map(Exchange::try_from).collect::<Result<_, _>>()?;
        let StoredEntry { at, command, exit, kind, reason, evidence, .. } = entry;
        Ok(HistoryEntry { at, command, exit, kind, reason, evidence, flow: Flow { exchanges } })
    }
}

impl TryFrom<StoredExchange> for Exchange {
    type Error = http::Error;

    fn try_from(it: StoredExchange) -> Result<Self, http::Error> {
        let response = it.response.map(|response| -> Result<ReceivedResponse, http::Error> {
            Ok(ReceivedResponse {
                version: if response.version == "1.0" { Version::HTTP_10 } else { Version::HTTP_11 },
                status: StatusCode::from_u16(response.status)?,
                headers: read(response.headers)?.into_iter().collect(),
                body_size: response.body_size,
                body: bytes::Bytes::new(),
            })
        });
        Ok(Exchange {
            purpose: it.purpose,
            started: it.started,
            request: SentRequest {
                method: Method::from_bytes(it.method.as_bytes())?,
                url: it.url,
                headers: read(it.request)?,
                body_size: it.body_size,
                fields: it.fields,
            },
            response: response.transpose()?,
            cookies: it.cookies,
            set: it.set,
            elapsed: Duration::from_micros(it.elapsed),
        })
    }
}

fn read(headers: StoredHeaders) -> Result<Vec<(HeaderName, HeaderValue)>, http::Error> {
    let header = |(name, value): (String, ByteString)| {
        Ok((HeaderName::from_bytes(name.as_bytes())?, HeaderValue::from_bytes(&value.0)?))
    };
    headers.into_iter().map(header).collect()
}
