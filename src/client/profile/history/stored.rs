//! A record as it stands in the file: short names, headers as pairs of texts.

use http::header::HeaderMap;
use http::{HeaderName, HeaderValue, Method, StatusCode, Version};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use url::Url;

use super::Record;
use crate::client::http::exchange::{Exchange, Flow, Purpose, ReceivedResponse, SentRequest};
use crate::clock::Timestamp;
use crate::cookies::{ByteString, SendDecision, SetDecision};

/// Longer values are cut: a history is for looking at.
const LONGEST_VALUE: usize = 8 * 1024;

pub(super) type StoredHeaders = Vec<(String, ByteString)>;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredRecord {
    at: Timestamp,
    command: String,
    exit: u8,
    pub(super) reason: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) evidence: Vec<String>,
    pub(super) exchanges: Vec<StoredExchange>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredExchange {
    purpose: Purpose,
    started: Timestamp,
    /// In microseconds.
    elapsed: u64,
    method: String,
    pub(super) url: Url,
    pub(super) request: StoredHeaders,
    body_size: u64,
    pub(super) response: Option<StoredResponse>,
    cookies: Vec<SendDecision>,
    set: Vec<SetDecision>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredResponse {
    /// `1.1`
    version: String,
    status: u16,
    pub(super) headers: StoredHeaders,
    body_size: u64,
}

impl StoredRecord {
    pub(super) fn of(record: &Record) -> Self {
        StoredRecord {
            at: record.at,
            command: record.command.clone(),
            exit: record.exit,
            reason: record.reason.clone(),
            evidence: record.evidence.clone(),
            exchanges: record.flow.exchanges.iter().map(StoredExchange::of).collect(),
        }
    }

    /// Drops the later half of the exchanges; `false` when there is nothing to drop.
    pub(super) fn forget_half(&mut self) -> bool {
        let length = self.exchanges.len();
        self.exchanges.truncate(length / 2);
        length > 0
    }
}

impl StoredExchange {
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
            (name.to_string(), ByteString(value[..value.len().min(LONGEST_VALUE)].to_vec()))
        })
        .collect()
}

impl TryFrom<StoredRecord> for Record {
    type Error = http::Error;

    fn try_from(record: StoredRecord) -> Result<Self, http::Error> {
        let exchanges = record.exchanges.into_iter().map(Exchange::try_from).collect::<Result<_, _>>()?;
        let StoredRecord { at, command, exit, reason, evidence, .. } = record;
        Ok(Record { at, command, exit, reason, evidence, flow: Flow { exchanges } })
    }
}

impl TryFrom<StoredExchange> for Exchange {
    type Error = http::Error;

    fn try_from(it: StoredExchange) -> Result<Self, http::Error> {
        let response = it.response.map(|response| -> Result<ReceivedResponse, http::Error> {
            Ok(ReceivedResponse {
                version: if response.version == "1.0" { Version::HTTP_10 } else { Version::HTTP_11 },
                status: StatusCode::from_u16(response.status)?,
                headers: read(response.headers)?.into_iter().fold(
                    HeaderMap::new(),
                    |mut all, (name, value)| {
                        all.append(name, value);
                        all
                    },
                ),
                body_size: response.body_size,
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
