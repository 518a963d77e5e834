//! The report of an audit in all formats, the list of checks, and the explanation of a check.

mod answer;
mod check_explanation;
mod check_list;
mod format;
mod html;
mod json;
mod junit;
mod masking;
mod progress;
mod sarif;
mod text;
mod words;

pub(crate) use answer::{AuditAnswer, AuditVerdict};
pub(crate) use check_explanation::CheckExplanation;
pub(crate) use check_list::CheckList;
pub(crate) use format::{AuditFormat, FailOn};
pub(crate) use progress::AuditProgress;

use std::io;

use super::output::Output;

impl Output {
    /// Prints the report on stdout.
    pub(crate) fn audit_report(&mut self, answer: &AuditAnswer, format: AuditFormat) -> io::Result<()> {
        self.answered = true;
        let document = match format {
            AuditFormat::Text => text::render(answer, &self.style()),
            AuditFormat::Json => {
                self.answer_json(&json::document(answer));
                return Ok(());
            }
            _ => self.audit_document(answer, format)?,
        };
        self.write_out(document.as_bytes());
        Ok(())
    }

    /// The report as a file has it: without color.
    pub(crate) fn audit_document(&mut self, answer: &AuditAnswer, format: AuditFormat) -> io::Result<String> {
        // A file with the report replaces the document on stdout.
        self.answered = true;
        let style = crate::output::style::Style { color: false, width: None, ..self.style() };
        Ok(match format {
            AuditFormat::Text => text::render(answer, &style),
            AuditFormat::Json => serde_json::to_string_pretty(&json::document(answer))? + "\n",
            AuditFormat::Junit => junit::document(answer).map_err(io::Error::other)?,
            AuditFormat::Sarif => serde_json::to_string_pretty(&sarif::document(answer))? + "\n",
            AuditFormat::Html => html::document(answer).map_err(io::Error::other)?,
        })
    }
}
