//! The progress bar of a download.

use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};

use sessctl::client::http::Progress;

/// A progress bar on stderr, removed when the download ends.
#[derive(Debug, Clone)]
pub(crate) struct Bar(ProgressBar);

impl Bar {
    pub(crate) fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {bytes_per_sec}") {
            bar.set_style(style);
        }
        Bar(bar)
    }

    /// Passes the progress of the user agent to this bar.
    pub(crate) fn listener(&self) -> Progress {
        let bar = self.0.clone();
        Progress(Arc::new(move |received, total| {
            if let Some(total) = total {
                bar.set_length(total);
            }
            bar.set_position(received);
        }))
    }

    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}
