//! [`CheckList`]: the table of checks.

use sessctl::audit::Check;

use super::words::{asvs, cwe, title};
use crate::json::{Json, json};
use crate::output::style::Style;
use crate::output::table::{rendered, table};
use crate::output::view::View;

/// The checks that would run.
pub(crate) struct CheckList(pub(crate) Vec<&'static Check>);

impl View for CheckList {
    fn document(&self) -> Json {
        json!({ "checks": self.0.iter().map(|check| check_json(check)).collect::<Json>() })
    }

    fn render(&self, style: &Style<'_>) -> String {
        let rows = self.0.iter().map(|check| {
            let title = title(check, style.texts).into_owned();
            [check.id.to_owned(), check.severity.to_string(), asvs(check), cwe(check), title]
        });
        let say = |key: &str, english: &'static str| style.texts.say_or(key, &[], english).into_owned();
        let header = [
            say("audit-column-check", "CHECK"),
            say("audit-column-severity", "SEVERITY"),
            "ASVS".to_owned(),
            "CWE".to_owned(),
            say("audit-column-title", "WHAT MUST HOLD"),
        ];
        rendered(&table(&header.each_ref().map(String::as_str), rows), style.color)
    }
}

/// A check, as `--list --json` and `--explain --json` print it.
pub(super) fn check_json(check: &Check) -> Json {
    json!({
        "id": check.id,
        "title": check.title,
        "group": check.group,
        "severity": check.severity,
        "asvs": check.asvs,
        "cwe": check.cwe,
        "sends": check.sends,
        "control": check.control,
        "fix": check.fix,
        "repeat": check.repeat,
        "passive": check.is_passive,
    })
}
