//! [`FlowScript`]: the requests to repeat, without the syntax of a program.

use http::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, REFERER, TRANSFER_ENCODING,
};

use sessctl::client::Exchange;
use sessctl::client::http::{Purpose, SentField};
use sessctl::client::profile::history::HistoryEntry;
use sessctl::internal::{Masking, Redactor};

use super::variables::{Piece, pieces_of_header, pieces_of_url, variable};
use crate::output::exchange_view::title_case;

/// The requests to repeat. Redirects are followed by the program.
pub(super) struct FlowScript {
    pub(super) requests: Vec<ScriptRequest>,
}

pub(super) struct ScriptRequest {
    /// The command of the history that sent it, if it is its first request.
    pub(super) title: Option<String>,
    pub(super) method: String,
    pub(super) url: Vec<Piece>,
    pub(super) headers: Vec<(String, Vec<Piece>)>,
    pub(super) content: Content,
    /// The status of the last response, after redirects.
    pub(super) status: Option<u16>,
    /// The request whose page has the form.
    pub(super) page: Option<usize>,
}

pub(super) enum Content {
    None,
    /// A form, and whether it is sent as `multipart/form-data`.
    Form(Vec<ScriptField>, bool),
    /// Anything else: the variable with the whole body.
    Body(String),
}

pub(super) struct ScriptField {
    pub(super) name: String,
    pub(super) variable: String,
    /// The page with the form has its value.
    pub(super) from_page: bool,
}

impl FlowScript {
    pub(super) fn of(records: &[(u64, HistoryEntry)]) -> Self {
        let redactor = Redactor::new(Masking::Short);
        let mut requests: Vec<ScriptRequest> = Vec::new();
        // The URL of each page, after redirects.
        let mut pages: Vec<String> = Vec::new();
        for (number, entry) in records {
            let mut title = Some(format!("{number}: {}", entry.command));
            let mut is_redirected = false;
            for exchange in entry.flow.exchanges.iter().filter(|it| it.purpose != Purpose::Probe) {
                let status = exchange.response.as_ref().map(|response| response.status.as_u16());
                let url = without_fragment(exchange);
                if let (true, Some(request), Some(page)) =
                    (is_redirected, requests.last_mut(), pages.last_mut())
                {
                    (request.status, *page) = (status, url);
                } else {
                    let referer = exchange.request.headers.iter().find(|(name, _)| *name == REFERER);
                    let referer = referer.and_then(|(_, value)| value.to_str().ok());
                    let page = pages.iter().rposition(|page| Some(page.as_str()) == referer);
                    let page = page.or(pages.len().checked_sub(1));
                    requests.push(ScriptRequest::of(exchange, title.take(), page, pages.len(), &redactor));
                    pages.push(url);
                }
                is_redirected = matches!(status, Some(301 | 302 | 303 | 307 | 308));
            }
        }
        FlowScript { requests }
    }

    /// The variables that must be set.
    pub(super) fn variables(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for request in &self.requests {
            let in_pieces = request.headers.iter().map(|(_, value)| value).chain([&request.url]).flatten();
            names.extend(in_pieces.filter_map(|piece| match piece {
                Piece::Variable(name) => Some(name.as_str()),
                Piece::Text(_) => None,
            }));
            match &request.content {
                Content::None => {}
                Content::Form(fields, _) => {
                    let needed = fields.iter().filter(|field| !field.from_page || request.page.is_none());
                    names.extend(needed.map(|field| field.variable.as_str()));
                }
                Content::Body(variable) => names.push(variable),
            }
        }
        let mut seen = std::collections::HashSet::new();
        names.retain(|name| seen.insert(*name));
        names
    }
}

impl ScriptRequest {
    fn of(
        exchange: &Exchange,
        title: Option<String>,
        page: Option<usize>,
        index: usize,
        redactor: &Redactor,
    ) -> Self {
        let request = &exchange.request;
        let kind = request.headers.iter().find(|(name, _)| *name == CONTENT_TYPE);
        let kind = kind.map(|(_, value)| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let kind = kind.unwrap_or_default();
        let is_multipart = kind.starts_with("multipart/form-data");
        let is_form = is_multipart || kind.starts_with("application/x-www-form-urlencoded");
        let content = if is_form && !request.fields.is_empty() {
            Content::Form(request.fields.iter().map(ScriptField::of).collect(), is_multipart)
        } else if request.body_size > 0 {
            Content::Body(variable("body", &(index + 1).to_string()))
        } else {
            Content::None
        };
        // The program itself writes these.
        let mut of_program =
            vec![HOST, COOKIE, CONTENT_LENGTH, ACCEPT_ENCODING, CONNECTION, TRANSFER_ENCODING];
        if matches!(content, Content::Form(..)) {
            of_program.push(CONTENT_TYPE);
        }
        let headers = request.headers.iter().filter(|(name, _)| !of_program.contains(name));
        let headers = headers.map(|(name, value)| {
            let text = String::from_utf8_lossy(value.as_bytes());
            (title_case(name.as_str()), pieces_of_header(name.as_str(), &text, redactor))
        });
        ScriptRequest {
            title,
            method: request.method.to_string(),
            url: pieces_of_url(&request.url, redactor),
            headers: headers.collect(),
            content,
            status: exchange.response.as_ref().map(|response| response.status.as_u16()),
            page,
        }
    }
}

impl ScriptField {
    fn of(field: &SentField) -> Self {
        ScriptField {
            name: field.name.clone(),
            variable: variable("form", &field.name),
            from_page: field.from_page,
        }
    }
}

fn without_fragment(exchange: &Exchange) -> String {
    let mut url = exchange.request.url.clone();
    url.set_fragment(None);
    url.into()
}
