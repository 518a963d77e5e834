//! [`AuditProgress`]: the progress bar of an audit.

use indicatif::{ProgressBar, ProgressStyle};

use sessctl::audit::Check;

/// A progress bar on stderr, removed when the audit ends.
#[derive(Debug, Clone)]
pub(crate) struct AuditProgress(ProgressBar);

impl AuditProgress {
    /// For this number of checks.
    pub(crate) fn new(checks: usize) -> Self {
        let bar = ProgressBar::new(checks as u64);
        if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        AuditProgress(bar)
    }

    /// Shows the check that runs.
    pub(crate) fn listener(&self) -> impl FnMut(&'static Check, usize) + 'static {
        let bar = self.0.clone();
        move |check, done| {
            bar.set_position(done as u64);
            bar.set_message(check.id);
        }
    }

    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}
