//! Reading response bodies: within the size limit, decoded and parsed before the deadline.

use std::time::Instant;

use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use url::Url;

use super::agent::{UserAgent, within};
use super::agent_config::Progress;
use super::content_encoding;
use super::content_encoding::DecodeError;
use super::error::{ClientError, host_and_port, is_unexpected_end};
use super::exchange::Exchange;
use super::request::Request;
use super::response::Response;
use crate::client::html::page::HtmlPage;
use crate::client::html::parser::{Extent, MAX_NODES};

/// Smaller bodies of redirects are read, so that the connection can be reused, and smaller bodies are decoded without a
/// separate thread.
const SMALL_BODY: usize = 64 * 1024;

impl UserAgent {
    pub(crate) async fn read_whole(
        &mut self,
        response: reqwest::Response,
        request: Request,
    ) -> Result<Response, ClientError> {
        let (status, headers, url) = (response.status(), response.headers().clone(), request.url);
        let version = response.version();
        let started = Instant::now();
        let body = self.read_body(response, &url).await;
        let body = match body {
            Ok(encoded) => self.decode(&headers, encoded, &url).await,
            Err(error) => Err(error),
        };
        if let Some(exchange) = self.flow.exchanges.last_mut() {
            exchange.elapsed += started.elapsed();
            if let (Some(response), Ok(body)) = (&mut exchange.response, &body) {
                response.body_size = body.len() as u64;
                if self.config.for_audit {
                    response.body = Bytes::copy_from_slice(body);
                }
            }
        }
        Ok(Response { url, method: request.method, version, status, headers, body: body? })
    }

    async fn decode(&self, headers: &HeaderMap, encoded: Vec<u8>, url: &Url) -> Result<Vec<u8>, ClientError> {
        let limit = self.config.max_body;
        let decoded = if encoded.len() < SMALL_BODY {
            content_encoding::decode(headers, encoded, limit)
        } else {
            let headers = headers.clone();
            self.compute(move || content_encoding::decode(&headers, encoded, limit), url).await?
        };
        let url = || Box::new(self.redactor.url(url));
        decoded.map_err(|error| match error {
            DecodeError::TooLarge => ClientError::BodyTooLarge { url: url(), limit },
            DecodeError::Invalid(why) => ClientError::Body { url: url(), why },
        })
    }

    async fn read_body(&self, mut response: reqwest::Response, url: &Url) -> Result<Vec<u8>, ClientError> {
        let (shown, limit, total) = (self.redactor.url(url), self.config.max_body, response.content_length());
        let headers = response.headers();
        let ends_by_closing =
            !headers.contains_key(CONTENT_LENGTH) && !headers.contains_key(TRANSFER_ENCODING);
        let mut body = Vec::new();
        loop {
            let chunk = match within(self.deadline(), response.chunk()).await {
                None => return Err(self.timed_out(url)),
                // Many servers close the TLS connection without `close_notify` after a body that ends with the connection.
                Some(Err(error)) if ends_by_closing && is_unexpected_end(&error) => return Ok(body),
                Some(Err(error)) => {
                    let why = super::error::innermost(&error).to_string();
                    return Err(ClientError::Body { url: Box::new(shown), why });
                }
                Some(Ok(None)) => return Ok(body),
                Some(Ok(Some(chunk))) => chunk,
            };
            if (body.len() + chunk.len()) as u64 > limit {
                return Err(ClientError::BodyTooLarge { url: Box::new(shown), limit });
            }
            body.extend_from_slice(&chunk);
            if let Some(Progress(report)) = &self.config.progress {
                report(body.len() as u64, total);
            }
        }
    }

    /// Reads the body of a redirect, so that the connection can be reused. If the body is large, the connection is
    /// closed instead.
    pub(crate) async fn read_if_small(&mut self, mut response: reqwest::Response) {
        let declared =
            response.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let Some(_) = declared.filter(|size: &usize| *size <= SMALL_BODY) else { return };
        let mut size = 0;
        let rest = async {
            while let Ok(Some(chunk)) = response.chunk().await {
                size += chunk.len() as u64;
            }
        };
        if within(self.deadline(), rest).await.is_some()
            && let Some(Exchange { response: Some(response), .. }) = self.flow.exchanges.last_mut()
        {
            response.body_size = size;
        }
    }

    /// Parses the page in a response, before the deadline: even a small hostile page may take very long to parse.
    pub(crate) async fn parse(&self, response: &Response) -> Result<HtmlPage, ClientError> {
        let (page, deadline) = (response.clone(), self.deadline());
        let parsed =
            self.compute(move || HtmlPage::parse_until(&page, Some(deadline)), &response.url).await?;
        match parsed {
            (page, Extent::Whole) => Ok(page),
            (_, Extent::OverBudget) => Err(ClientError::PageTooLarge {
                url: Box::new(self.redactor.url(&response.url)),
                limit: MAX_NODES,
            }),
            (_, Extent::TimedOut) => Err(self.timed_out_reading(&response.url)),
        }
    }

    /// Runs CPU-bound work on a separate thread, and waits for it until the deadline.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
        url: &Url,
    ) -> Result<T, ClientError> {
        let done = within(self.deadline(), tokio::task::spawn_blocking(work)).await;
        match done {
            Some(Ok(result)) => Ok(result),
            Some(Err(error)) => {
                Err(ClientError::Body { url: Box::new(self.redactor.url(url)), why: error.to_string() })
            }
            None => Err(self.timed_out_reading(url)),
        }
    }

    fn timed_out_reading(&self, url: &Url) -> ClientError {
        let host = host_and_port(url);
        ClientError::TimedOut { doing: "reading the response of", host, limit: self.config.timeout }
    }
}
