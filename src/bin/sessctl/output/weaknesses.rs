//! The weaknesses that `serve --weaken` knows.

use super::style::Style;
use super::table::{rendered, table};
use super::view::View;
use crate::app::weaknesses::WeaknessEntry;
use crate::json::{Json, json};

impl View for [WeaknessEntry] {
    fn document(&self) -> Json {
        let document = |it: &WeaknessEntry| {
            let over_tls = [it.checks, it.weakness.checks_over_tls()].concat();
            json!({
                "name": it.name,
                "fault": it.fault,
                "needs": it.needs.iter().map(|needs| needs.name()).collect::<Vec<_>>(),
                "checks": it.checks,
                "checks_over_tls": over_tls,
            })
        };
        let all = self.iter().map(document);
        json!({ "weaknesses": all.collect::<Json>() })
    }

    fn render(&self, style: &Style<'_>) -> String {
        let texts = style.texts;
        let row = |it: &WeaknessEntry| {
            let fault = texts.say_or(&format!("weakness-{}", it.name), &[], it.fault);
            let over_tls = it.weakness.checks_over_tls().iter();
            let over_tls = over_tls
                .map(|check| format!("{check} {}", texts.say_or("weakness-over-tls", &[], "(over TLS)")));
            let checks: Vec<String> = it.checks.iter().map(ToString::to_string).chain(over_tls).collect();
            [it.name.to_owned(), fault.into_owned(), checks.join(", ")]
        };
        let header = [
            texts.say_or("weakness-heading", &[], "weakness"),
            texts.say_or("weakness-heading-fault", &[], "fault"),
            texts.say_or("weakness-heading-checks", &[], "found by the checks"),
        ];
        rendered(&table(&header.each_ref().map(|it| &**it), self.iter().map(row)), style.color)
    }
}
