//! The report of an audit as SARIF 2.1.0.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_sarif::sarif::{
    ArtifactLocation, Invocation, Location, LogicalLocation, Message, MultiformatMessageString,
    PhysicalLocation, PropertyBag, Region, ReportingConfiguration, ReportingDescriptor,
    Result as SarifResult, ResultKind, ResultLevel, Run, Sarif, Tool, ToolComponent, WebRequest, WebResponse,
};
use url::Url;

use sessctl::audit::{Check, CheckResult, CheckVerdict, ReasonKind, Severity};
use sessctl::client::Exchange;

use super::answer::AuditAnswer;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The name of our fingerprints, with their version.
const FINGERPRINT: &str = "sessctl/v1";

/// The whole report.
pub(super) fn document(answer: &AuditAnswer) -> Sarif {
    let mut checks: Vec<&Check> = answer.results().map(|(result, _)| result.check).collect();
    checks.dedup_by_key(|check| check.id);
    let results = answer.results().map(|(result, commands)| {
        let rule = checks.iter().position(|check| check.id == result.check.id).unwrap_or_default();
        sarif_result(answer, result, commands, rule)
    });
    let mut driver = ToolComponent::builder().name("sessctl audit").build();
    driver.version = Some(env!("CARGO_PKG_VERSION").to_owned());
    driver.rules = Some(checks.iter().map(|check| rule(check)).collect());
    let mut invocation = Invocation::builder().execution_successful(answer.verdict.exit != 1).build();
    invocation.exit_code = Some(answer.verdict.exit.into());
    invocation.exit_code_description = Some(answer.verdict.reason.english().to_owned());
    invocation.start_time_utc = Some(answer.report.started.to_string());
    let mut run = Run::builder().tool(Tool::builder().driver(driver).build()).build();
    run.invocations = Some(vec![invocation]);
    run.results = Some(results.collect());
    let mut sarif = Sarif::builder().version("2.1.0").runs(vec![run]).build();
    sarif.schema = Some(SCHEMA.to_owned());
    sarif
}

fn text(text: &str) -> MultiformatMessageString {
    MultiformatMessageString::builder().text(text).build()
}

fn rule(check: &Check) -> ReportingDescriptor {
    let asvs = check.asvs.iter().map(|it| format!("asvs-{}", it.number));
    let cwe = check.cwe.iter().map(|number| format!("external/cwe/cwe-{number}"));
    let tags = ["security".to_owned()].into_iter().chain(asvs).chain(cwe).collect();
    let security_severity = Value::from(security_severity(check.severity));
    let mut rule = ReportingDescriptor::builder().id(check.id).build();
    rule.name = Some(check.id.to_owned());
    rule.short_description = Some(text(check.title));
    rule.full_description = Some(text(&format!("Sends: {}. Control: {}.", check.sends, check.control)));
    rule.help = Some(text(&format!("Fix: {}.", check.fix)));
    rule.default_configuration = Some(ReportingConfiguration {
        level: Some(Value::from(level(check.severity).to_string())),
        ..ReportingConfiguration::default()
    });
    rule.properties = Some(PropertyBag {
        tags: Some(tags),
        additional_properties: BTreeMap::from([("security-severity".to_owned(), security_severity)]),
    });
    rule
}

/// The score by which code scanning sorts alerts.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        _ => "0.0",
    }
}

fn level(severity: Severity) -> ResultLevel {
    match severity {
        Severity::High => ResultLevel::Error,
        Severity::Medium => ResultLevel::Warning,
        _ => ResultLevel::Note,
    }
}

fn sarif_result(answer: &AuditAnswer, result: &CheckResult, commands: &[String], rule: usize) -> SarifResult {
    let kind = match result.verdict {
        CheckVerdict::Pass => ResultKind::Pass,
        CheckVerdict::Fail => ResultKind::Fail,
        CheckVerdict::Info => ResultKind::Informational,
        _ if result.reason_kind == Some(ReasonKind::NotApplicable) => ResultKind::NotApplicable,
        _ => ResultKind::Open,
    };
    let is_finding = result.verdict == CheckVerdict::Fail;
    let url = url_of(answer, result);
    // The last exchange is the one that shows the fault.
    let proof = result.evidence.last();
    let state = if answer.is_new(result) { "new" } else { "unchanged" };
    let reproduce = serde_json::to_value(commands).unwrap_or_default();
    let severity = Value::from(security_severity(result.severity));
    let properties = [("reproduce".to_owned(), reproduce), ("security-severity".to_owned(), severity)];
    let message = Message { text: Some(result.reason.clone()), ..Message::default() };
    let mut shown = SarifResult::builder().message(message).build();
    shown.rule_id = Some(result.check.id.to_owned());
    shown.rule_index = i64::try_from(rule).ok();
    shown.kind = Some(kind);
    shown.level = Some(if is_finding { level(result.severity) } else { ResultLevel::None });
    shown.locations = Some(vec![location(&url)]);
    shown.partial_fingerprints = Some(BTreeMap::from([(FINGERPRINT.to_owned(), result.fingerprint.clone())]));
    shown.baseline_state = (answer.has_baseline && is_finding).then(|| state.into());
    shown.web_request = proof.map(web_request);
    shown.web_response = proof.map(web_response);
    shown.properties =
        Some(PropertyBag { additional_properties: properties.into(), ..PropertyBag::default() });
    shown
}

/// The page that a result is about.
fn url_of(answer: &AuditAnswer, result: &CheckResult) -> Url {
    let page = answer.report.session.as_ref().map_or(&answer.report.target, |it| &it.page);
    let about = result.path.as_deref().and_then(|path| page.join(path).ok());
    let mut url = about.unwrap_or_else(|| page.clone());
    url.set_query(None);
    url.set_fragment(None);
    url
}

/// Code scanning services show only results that are in a file: host and path stand for one.
fn location(url: &Url) -> Location {
    let file = format!("{}{}", url.host_str().unwrap_or_default(), url.path());
    Location {
        physical_location: Some(PhysicalLocation {
            artifact_location: Some(ArtifactLocation { uri: Some(file), ..ArtifactLocation::default() }),
            region: Some(Region { start_line: Some(1), ..Region::default() }),
            ..PhysicalLocation::default()
        }),
        logical_locations: Some(vec![LogicalLocation {
            fully_qualified_name: Some(url.to_string()),
            kind: Some("resource".to_owned()),
            ..LogicalLocation::default()
        }]),
        ..Location::default()
    }
}

fn web_request(exchange: &Exchange) -> WebRequest {
    let request = &exchange.request;
    WebRequest {
        method: Some(request.method.to_string()),
        target: Some(request.url.to_string()),
        protocol: Some("HTTP".to_owned()),
        headers: Some(headers(request.headers.iter().map(|(name, value)| (name, value)))),
        ..WebRequest::default()
    }
}

fn web_response(exchange: &Exchange) -> WebResponse {
    let Some(response) = &exchange.response else {
        return WebResponse { no_response_received: Some(true), ..WebResponse::default() };
    };
    WebResponse {
        status_code: Some(response.status.as_u16().into()),
        reason_phrase: response.status.canonical_reason().map(str::to_owned),
        protocol: Some("HTTP".to_owned()),
        version: Some(format!("{:?}", response.version).trim_start_matches("HTTP/").to_owned()),
        headers: Some(headers(response.headers.iter())),
        ..WebResponse::default()
    }
}

/// Headers by name. Several with the same name become several lines.
fn headers<'a>(
    headers: impl Iterator<Item = (&'a http::HeaderName, &'a http::HeaderValue)>,
) -> BTreeMap<String, String> {
    let mut all = BTreeMap::<String, String>::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        let known = all.entry(name.to_string()).or_default();
        if !known.is_empty() {
            known.push('\n');
        }
        known.push_str(&value);
    }
    all
}
