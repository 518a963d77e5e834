//! Masks the secrets of a report, before any format renders it.

use http::{HeaderName, HeaderValue};

use sessctl::client::Exchange;
use sessctl::internal::Redactor;

use super::answer::AuditAnswer;

impl AuditAnswer {
    /// The answer without secrets.
    pub(crate) fn masked(mut self, redactor: &Redactor) -> Self {
        let mut redactor = redactor.clone();
        let exchanges = self.report.results.iter().flat_map(|it| &it.evidence);
        for (name, value) in exchanges.flat_map(headers) {
            redactor.learn_cookies(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
        }
        self.report.tokens.clear();
        self.report.target = redactor.url(&self.report.target);
        if let Some(session) = &mut self.report.session {
            session.page = redactor.url(&session.page);
            session.login = redactor.url(&session.login);
        }
        let text = |text: &mut String| {
            if let std::borrow::Cow::Owned(shown) = redactor.text(text) {
                *text = shown;
            }
        };
        self.report.failure.iter_mut().for_each(text);
        for result in &mut self.report.results {
            text(&mut result.reason);
            if let Some(control) = &mut result.control {
                text(&mut control.expected);
                text(&mut control.seen);
            }
            if let Some(path) = &mut result.path {
                *path = redactor.reference(path).into_owned();
            }
            result.evidence.iter_mut().for_each(|exchange| mask_exchange(exchange, &redactor));
        }
        let english = redactor.text(self.verdict.reason.english()).into_owned();
        self.verdict.reason = self.verdict.reason.in_english(english);
        self
    }
}

/// All headers of an exchange.
fn headers(exchange: &Exchange) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
    let sent = exchange.request.headers.iter().map(|(name, value)| (name, value));
    sent.chain(exchange.response.iter().flat_map(|response| &response.headers))
}

fn mask_exchange(exchange: &mut Exchange, redactor: &Redactor) {
    exchange.request.url = redactor.url(&exchange.request.url);
    for (name, value) in &mut exchange.request.headers {
        mask_header(name, value, redactor);
    }
    let Some(response) = &mut exchange.response else { return };
    let names: Vec<HeaderName> = response.headers.keys().cloned().collect();
    for name in names {
        if let http::header::Entry::Occupied(mut entry) = response.headers.entry(&name) {
            entry.iter_mut().for_each(|value| mask_header(&name, value, redactor));
        }
    }
}

fn mask_header(name: &HeaderName, value: &mut HeaderValue, redactor: &Redactor) {
    let shown = redactor.header(name.as_str(), &String::from_utf8_lossy(value.as_bytes())).into_owned();
    *value = HeaderValue::from_bytes(shown.as_bytes()).unwrap_or(HeaderValue::from_static("[hidden]"));
}
