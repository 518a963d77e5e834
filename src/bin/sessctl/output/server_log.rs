//! What a server logs for its operator: a line for each request and for what happens to sessions; handles, never tokens.

use std::time::Duration;

use clap::ValueEnum;

use sessctl::internal::{Masking, Redactor};
use sessctl::session::{Event, StoreError};

use super::access_log::change;
use super::error_chain::error_chain;
use super::style::{Role, paint, sanitize};
use super::{Output, write_err};
use crate::app::Access;

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

impl Output {
    /// From now on logs go to stderr, in this form.
    pub(crate) fn start_log(&self, format: LogFormat) {
        let builder = tracing_subscriber::fmt()
            .with_writer(std::io::stderr)
            .with_target(false)
            .with_ansi(self.terminal.stderr.color && format == LogFormat::Text);
        // It fails where a log was started before, which is then the one that there is.
        let _ = match format {
            LogFormat::Text => builder.try_init(),
            LogFormat::Json => builder.json().flatten_event(true).try_init(),
        };
    }

    /// A line for a request.
    pub(crate) fn log_access(access: &Access) {
        tracing::info!(
            method = %access.method,
            path = &*Redactor::new(Masking::Short).reference(&access.path),
            status = access.status.as_u16(),
            ms = access.took.as_secs_f64() * 1e3,
            session = access.handle.map(tracing::field::display),
            happened = change(access.activity),
            "request"
        );
    }

    /// A line for what happened to a session.
    pub(crate) fn log_event(event: &Event) {
        match event {
            Event::Created { handle, user, .. } => {
                tracing::info!(session = %handle, user = user.as_deref(), "session began");
            }
            Event::Rotated { handle, user, .. } => {
                tracing::info!(session = %handle, user = user.as_deref(), "session renewed");
            }
            Event::Ended { handle, user, reason, .. } => {
                tracing::info!(session = %handle, user = user.as_deref(), reason = reason.name(), "session ended");
            }
            Event::Expired { count, .. } => tracing::info!(count, "expired sessions swept"),
            _ => {}
        }
    }

    /// A line for a call of the store that failed.
    pub(crate) fn log_store_failure(call: &'static str, took: Duration, error: &StoreError) {
        let why = error_chain(error);
        let why = &*Redactor::new(Masking::Short).text(&why);
        tracing::error!(call, ms = took.as_secs_f64() * 1e3, why, "the session store failed");
    }

    /// A line for what the server does as a whole.
    pub(crate) fn log_server(what: &'static str) {
        tracing::info!("{what}");
    }

    /// A line for where the inspector is.
    pub(super) fn log_inspecting(line: &str) {
        tracing::info!("{line}");
    }

    /// What to call for what the operator of a server has to see to: in the log, where there is one, else a warning.
    pub(crate) fn operators_warnings(&self, has_log: bool) -> impl Fn(&str) + Send + Sync + 'static {
        let color = self.terminal.stderr.color;
        move |line| match has_log {
            true => tracing::warn!("{}", Redactor::new(Masking::Short).text(line)),
            false => {
                write_err(&format!("{} {}", paint(Role::Notable, "warning:", color), sanitize(line, false)))
            }
        }
    }
}
