//! What a server is told by signals.

use tokio::signal::unix::{SignalKind, signal};

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

/// Does this with each SIGHUP, for as long as the server runs.
pub(super) fn with_each_hangup(reload: impl Fn() + Send + 'static) -> Result<(), Failure> {
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            reload();
        }
    });
    Ok(())
}
