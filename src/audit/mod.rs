//! Tests the session handling of an application from outside: it logs in and out, replays old cookies, changes tokens, and
//! compares what pages show.
//!
//! [`CHECKS`] is the table of checks. An [`Audit`] runs them and makes an [`AuditReport`].
//!
//! A check decides "logged in" by comparing a page with and without the cookies, never by a word. A check that could not
//! run, or whose control gave the wrong answer, is [`CheckVerdict::NotTested`] and never a pass. A finding is reported only if
//! its last step gives the same result twice.

mod application;
mod audit_run;
mod auditor;
mod check;
mod checks;
mod config;
mod fingerprint;
mod logout_request;
mod observation;
mod pre_login;
mod quiet_logout;
mod random;
mod refusal;
mod report;
mod result;
mod traffic;
mod write_request;

pub use audit_run::Audit;
pub use check::{Asvs, Check, CheckGroup, Severity};
pub use checks::{CHECKS, find};
pub use config::{AuditAccount, AuditConfig, ClockControl, CodeAt};
pub use report::{AuditReport, NOT_COVERED, NotCovered, SessionFacts};
pub use result::{CheckResult, CheckVerdict, ControlOutcome, ReasonKind};
pub use write_request::{InvalidWrite, ShownValue, WriteRequest};
