//! The server's log: requests, session events and failures. It contains handles, never tokens.

use std::io;
use std::time::Duration;

use clap::ValueEnum;

use sessctl::internal::{Masking, Redactor};
use sessctl::session::{Event, StoreError};

use super::access_log::change;
use super::error_chain;
use super::output::{Output, write_err};
use super::style::{Role, paint, sanitize, sanitize_json};
use crate::app::Access;

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

impl Output {
    /// Starts the log on stderr.
    pub(crate) fn start_log(&self, format: LogFormat) {
        let builder = tracing_subscriber::fmt()
            .with_target(false)
            .with_ansi(self.terminal.stderr.color && format == LogFormat::Text);
        // Fails only if a log was already started, which then stays.
        let _ = match format {
            LogFormat::Text => builder.with_writer(std::io::stderr).try_init(),
            LogFormat::Json => builder.json().flatten_event(true).with_writer(|| JsonLog).try_init(),
        };
    }

    /// Logs a request.
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

    /// Logs a session event.
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
            Event::Ambiguous { handles, .. } => {
                tracing::debug!(?handles, "several session cookies");
            }
            Event::Expired { handle, user, .. } => {
                tracing::info!(session = %handle, user = user.as_deref(), "session expired");
            }
            _ => {}
        }
    }

    /// Logs a failed call of the store.
    pub(crate) fn log_store_failure(call: &'static str, took: Duration, error: &StoreError) {
        let why = error_chain(error);
        let why = &*Redactor::new(Masking::Short).text(&why);
        let ms = took.as_secs_f64() * 1e3;
        match error {
            StoreError::Unreadable(_) => tracing::warn!(call, ms, why, "unreadable session"),
            _ => tracing::error!(call, ms, why, "the session store failed"),
        }
    }

    /// Logs the start and the end of the server, and reloads.
    pub(crate) fn log_server(what: &'static str) {
        tracing::info!("{what}");
    }

    /// Logs an address of the server.
    pub(super) fn log_line(line: &str) {
        tracing::info!("{line}");
    }

    /// Logs a warning.
    pub(super) fn log_warning(line: &str) {
        tracing::warn!("{line}");
    }

    /// Warns the operator: in the log if there is one, else on stderr.
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

/// Writes lines of JSON to stderr in which no character controls a terminal. Each call writes one line.
struct JsonLog;

impl io::Write for JsonLog {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        io::stderr().write_all(sanitize_json(&String::from_utf8_lossy(line)).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
