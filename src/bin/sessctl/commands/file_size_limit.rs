//! The limit of the operating system on the size of a file.

use std::sync::Arc;

/// Makes a write beyond the limit an error: without a handler, SIGXFSZ kills the process.
pub(super) fn report_as_error() {
    const SIGXFSZ: i32 = 25;
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::default());
}
