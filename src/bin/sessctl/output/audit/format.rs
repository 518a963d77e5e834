//! [`AuditFormat`] and [`FailOn`]: the choices of `audit`.

use clap::ValueEnum;
use clap::builder::PossibleValue;

use sessctl::audit::Severity;

/// The format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuditFormat {
    Text,
    Json,
    Junit,
    Sarif,
    Html,
}

/// The lowest severity that fails a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FailOn(pub(crate) Severity);

impl ValueEnum for FailOn {
    fn value_variants<'a>() -> &'a [Self] {
        &[FailOn(Severity::High), FailOn(Severity::Medium), FailOn(Severity::Low)]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.name()))
    }
}
