//! The report of an audit as one HTML page without external requests.

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use sessctl::audit::{CheckResult, CheckVerdict, NOT_COVERED, NotCovered};

use super::answer::{AuditAnswer, place};
use super::words::asvs;
use crate::output::exchange_view::header_pairs;
use crate::output::sequence::svg_of_exchanges;
use crate::output::style::second;

#[derive(Template)]
#[template(path = "audit.html", config = "src/bin/sessctl/output/templates/askama.toml")]
struct AuditPage<'a> {
    answer: &'a AuditAnswer,
    started: String,
    findings: Vec<ResultRow<'a>>,
    remarks: Vec<ResultRow<'a>>,
    not_tested: Vec<ResultRow<'a>>,
    passed: Vec<ResultRow<'a>>,
    not_covered: &'static [NotCovered],
    ok: bool,
}

/// A result as the page shows it.
struct ResultRow<'a> {
    result: &'a CheckResult,
    /// The anchor.
    id: String,
    place: String,
    asvs: String,
    is_known: bool,
    commands: &'a [String],
    /// A data URL.
    diagram: Option<String>,
    exchanges: Vec<ShownExchange>,
}

struct ShownExchange {
    request: String,
    status: String,
    sent: Vec<(String, String)>,
    received: Vec<(String, String)>,
}

/// The whole page.
pub(super) fn document(answer: &AuditAnswer) -> askama::Result<String> {
    let rows = |verdict| rows(answer, verdict);
    AuditPage {
        answer,
        started: second(answer.report.started),
        findings: rows(CheckVerdict::Fail),
        remarks: rows(CheckVerdict::Info),
        not_tested: rows(CheckVerdict::NotTested),
        passed: rows(CheckVerdict::Pass),
        not_covered: NOT_COVERED,
        ok: answer.verdict.exit == 0,
    }
    .render()
}

fn rows(answer: &AuditAnswer, verdict: CheckVerdict) -> Vec<ResultRow<'_>> {
    let shown = answer.with_verdict(verdict).into_iter().enumerate();
    shown
        .map(|(number, (result, commands))| {
            let has_evidence = !result.evidence.is_empty();
            ResultRow {
                result,
                id: format!("{}-{number}", result.check.id),
                place: place(result),
                asvs: asvs(result.check),
                is_known: verdict == CheckVerdict::Fail && !answer.is_new(result),
                commands,
                diagram: has_evidence.then(|| data_url(&svg_of_exchanges(&result.evidence))),
                exchanges: result.evidence.iter().map(shown_exchange).collect(),
            }
        })
        .collect()
}

/// An image in the page itself. As an image, its style does not affect the page.
fn data_url(svg: &str) -> String {
    format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg))
}

fn shown_exchange(exchange: &sessctl::client::Exchange) -> ShownExchange {
    let response = exchange.response.as_ref();
    let request = &exchange.request;
    ShownExchange {
        request: format!("{} {}", request.method, request.url),
        status: response.map_or_else(|| "no response".to_owned(), |it| it.status.to_string()),
        sent: header_pairs(request.headers.iter().map(|(name, value)| (name, value))),
        received: response.map(|it| header_pairs(it.headers.iter())).unwrap_or_default(),
    }
}
