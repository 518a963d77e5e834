//! What a server is told by signals.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::commands::exit::Failure;

/// Ends with the first SIGTERM or SIGINT.
pub(super) fn told_to_stop() -> Result<impl Future<Output = ()>, Failure> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// SIGHUP, which from now on does not end the process any more.
pub(super) struct Hangups(Signal);

impl Hangups {
    pub(super) fn begin() -> Result<Self, Failure> {
        Ok(Hangups(signal(SignalKind::hangup())?))
    }

    /// Does this with each of them, for as long as the server runs.
    pub(super) fn with_each(mut self, reload: impl Fn() + Send + 'static) {
        tokio::spawn(async move {
            while self.0.recv().await.is_some() {
                reload();
            }
        });
    }
}
