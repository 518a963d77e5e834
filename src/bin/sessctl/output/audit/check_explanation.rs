//! [`CheckExplanation`]: what a check sends, what its control is, and how to fix a finding.

use sessctl::audit::Check;

use super::check_list::check_json;
use super::words::{asvs, control, fix, group, sends, title};
use crate::json::Json;
use crate::output::style::{Role, Style};
use crate::output::text_layout::wrapped;
use crate::output::view::View;

/// Everything about a check.
pub(crate) struct CheckExplanation(pub(crate) &'static Check);

/// The width of the texts, and the column at which they begin.
const WIDTH: usize = 62;
const INDENT: &str = "    ";

impl View for CheckExplanation {
    fn document(&self) -> Json {
        check_json(self.0)
    }

    fn render(&self, style: &Style<'_>) -> String {
        let (check, texts) = (self.0, style.texts);
        let say = |key: &str, english: &'static str| texts.say_or(key, &[], english).into_owned();
        let mut shown = format!("{}: {}\n", style.paint(Role::Key, check.id), title(check, texts));
        let mut part = |heading: String, lines: Vec<String>| {
            shown.push_str(&format!("\n{}\n", style.paint(Role::Key, &heading)));
            lines.iter().for_each(|line| shown.push_str(&format!("{INDENT}{line}\n")));
        };
        part(say("audit-sends", "What it sends"), wrapped(&sends(check, texts), WIDTH));
        part(say("audit-control", "What must give the other answer"), wrapped(&control(check, texts), WIDTH));
        part(say("audit-fix", "How to fix the fault"), wrapped(&fix(check, texts), WIDTH));
        let repeat = check.repeat.iter().map(|line| (*line).to_owned()).collect();
        part(say("audit-repeat", "How to see the fault without audit"), repeat);
        let cwe = check
            .cwe
            .iter()
            .map(|number| format!("CWE-{number}: https://cwe.mitre.org/data/definitions/{number}.html"));
        let mut facts = vec![
            format!("{}: {}", say("audit-severity", "severity"), check.severity),
            format!("{}: {}", say("audit-group", "group"), group(check.group, texts)),
            format!("OWASP ASVS 5.0.0: {}", asvs(check)),
        ];
        facts.extend(cwe);
        if check.is_passive {
            facts.push(say("audit-passive", "it also runs with --passive"));
        }
        part(say("audit-facts", "Classification"), facts);
        shown
    }
}
