//! Signals that stop a command, and SIGHUP.

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::failure::Failure;

fn handler(kind: SignalKind) -> Result<Signal, Failure> {
    signal(kind).map_err(Failure::cannot("handle signals"))
}

/// Completes on the first SIGTERM or SIGINT.
pub(super) fn stop_signal() -> Result<impl Future<Output = ()>, Failure> {
    let (mut terminate, mut interrupt) =
        (handler(SignalKind::terminate())?, handler(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// SIGHUP. Once this exists, the signal no longer ends the process.
pub(super) struct Hangups(Signal);

impl Hangups {
    pub(super) fn register() -> Result<Self, Failure> {
        Ok(Hangups(handler(SignalKind::hangup())?))
    }

    /// Calls `reload` on each signal, for as long as the server runs.
    pub(super) fn on_each(mut self, reload: impl Fn() + Send + 'static) {
        tokio::spawn(async move {
            while self.0.recv().await.is_some() {
                reload();
            }
        });
    }
}
