//! Signals that stop a command, and SIGHUP.

use std::fs::File;
use std::future::poll_fn;
use std::task::Poll;

use rustix::process::{Pid, getpgrp, kill_process};
use rustix::termios::tcgetpgrp;
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

/// Runs `work` until it is done. If SIGTERM or SIGINT arrives first, drops it, so that it cleans up, and ends the process
/// as the signal does by default.
pub(super) async fn until_stopped<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let (mut terminate, mut interrupt) =
        (handler(SignalKind::terminate())?, handler(SignalKind::interrupt())?);
    let signal = {
        tokio::select! {
            done = work => return done,
            _ = terminate.recv() => SignalKind::terminate(),
            _ = interrupt.recv() => SignalKind::interrupt(),
        }
    };
    let ended = signal_hook::low_level::emulate_default_handler(signal.as_raw_value());
    Err(Failure::failed(format!("stopped by a signal: {ended:?}")))
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

/// The signals that `exec` forwards to its command. Once this exists, they no longer end the process.
pub(super) struct ForwardedSignals(Vec<(SignalKind, Signal)>);

/// A signal to forward.
pub(super) struct ForwardedSignal(SignalKind);

impl ForwardedSignals {
    pub(super) fn register() -> Result<Self, Failure> {
        let kinds =
            [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup(), SignalKind::quit()];
        let registered = kinds.into_iter().map(|kind| Ok((kind, handler(kind)?)));
        registered.collect::<Result<_, _>>().map(ForwardedSignals)
    }

    /// The next signal.
    pub(super) async fn next(&mut self) -> ForwardedSignal {
        poll_fn(|context| {
            let mut signals = self.0.iter_mut();
            let received =
                signals.find_map(|(kind, signal)| signal.poll_recv(context).is_ready().then_some(*kind));
            received.map_or(Poll::Pending, |kind| Poll::Ready(ForwardedSignal(kind)))
        })
        .await
    }
}

impl ForwardedSignal {
    /// Sends the signal to a process, unless the terminal has sent it already: Ctrl-C reaches all processes of the group.
    pub(super) fn forward_to(&self, process: Option<u32>) {
        if self.0 != SignalKind::terminate() && is_foreground() {
            return;
        }
        let process = process.and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let signal = rustix::process::Signal::from_named_raw(self.0.as_raw_value());
        if let (Some(process), Some(signal)) = (process, signal) {
            // It fails if the process has just ended, which is then reported.
            let _ = kill_process(process, signal);
        }
    }
}

/// Whether this process is in the group that gets the signals of its terminal.
fn is_foreground() -> bool {
    File::open("/dev/tty").is_ok_and(|terminal| tcgetpgrp(&terminal).is_ok_and(|group| group == getpgrp()))
}
