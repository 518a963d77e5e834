//! [`ConnectionState`]: what one connection is doing. It decides whether the server may close the connection.
//!
//! # States
//! The state follows from the fields of [`ConnectionActivity`]; it is not stored.
//!
//! ```text
//!             a request begins           a write to the socket blocks
//!  ┌──────┐ ─────────────────▶ ┌──────┐ ─────────────────────────────▶ ┌─────────┐
//!  │ idle │                    │ busy │                                │ stalled │
//!  └──────┘ ◀───────────────── └──────┘ ◀───────────────────────────── └─────────┘
//!   │    ▲   the last response    │           the socket takes data         │
//!   │    │   ends                 │ the last response ends, but HTTP/2      │
//!   │    │                        ▼ flow control holds back chunks of it    │
//!   │    │   the client     ┌──────────┐                                    │
//!   │    └───────────────── │ buffered │ (HTTP/2 only)                      │
//!   │        opens its      └──────────┘                                    │
//!   │        window              │                                          │
//!   ▼ head_timeout               ▼ request_timeout                          ▼ request_timeout
//!   HTTP/1.1: closed, HTTP/2: draining (after GOAWAY), then closed          closed
//! ```
//!
//! - A busy connection has no time limit of its own: [`ConnectionService`](super::connection_service) and
//!   [`StreamExecutor`](super::executor) limit each of its requests.
//! - A draining connection is in one of the other states too. It closes when its streams end, and at the latest after
//!   `request_timeout`.
//! - An upgraded connection (101) belongs to the application. It ends when the application drops its socket. The server
//!   ends it after `upgrade_idle_timeout`, and asks it to end when the server stops: reading then returns the end of the
//!   stream. A closed one cannot be written to either.
//! - A connection may also be closed to make room for a new one, or because the server stops: see
//!   [`Connections`](super::connections).
//!
//! # Who writes and who reads
//! The connection's own tasks write what happens: the socket (`stall`, `resume`), requests (`begin_request`,
//! `end_request`, `reserve`, `release`), responses (`queue`, `dequeue`, `buffered_chunk_…`). The tasks of the server (the
//! check for overdue connections, the accept loop, the shutdown) read that, and write `draining_since` and `is_closed`; the
//! executor also starts draining. One mutex guards all fields, so a decision ("no request is active") and its effect ("no
//! request may begin") are one step. The mutex is never held across an `await`. A server task may hold the lock of
//! [`Connections`](super::connections) when it takes this one, never the reverse. To act on a change, the connection's
//! task waits for `signal`, which keeps one wake-up for a task that is not waiting yet: none is lost.
//!
//! Queued bytes of a connection that holds back its responses also count for the whole server, in an atomic sum. It changes
//! only under this mutex, so what was added is what is removed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::connections::{Connections, UpgradePlace};

/// How long a client may stay connected without activity after GOAWAY.
pub(super) const GO_AWAY_TIMEOUT: Duration = Duration::from_secs(1);

/// What the tasks of a server know about one connection.
#[derive(Debug)]
pub(super) struct ConnectionState {
    /// The server's connections, which this one belongs to.
    pub(super) server: Arc<Connections>,
    activity: Mutex<ConnectionActivity>,
    signal: Notify,
    /// Written once. The socket reads it before each operation, so it is outside the mutex.
    is_upgraded: AtomicBool,
}

#[derive(Debug)]
struct ConnectionActivity {
    /// Requests that the service works on, or whose response hyper has not taken completely.
    requests: usize,
    /// Chunks of responses that hyper keeps until HTTP/2 flow control lets it send them.
    buffered_chunks: usize,
    /// Bytes that the bodies of active requests have brought.
    reserved: usize,
    /// Bytes of responses that the client has not taken, and since when there are some.
    queued: usize,
    queued_since: Instant,
    /// When a request ended or the client took data. At first, when the connection opened.
    last_activity: Instant,
    /// Since when the socket takes no more data.
    stalled_since: Option<Instant>,
    /// When the client was told to open no more streams (GOAWAY).
    draining_since: Option<Instant>,
    /// No request may begin, and the connection's task returns.
    is_closed: bool,
    /// HTTP/2: requests run at the same time, and a client gets GOAWAY before its connection closes.
    is_multiplexed: bool,
    /// The server stops, so the connection must end after its active requests.
    is_finishing: bool,
    /// The tasks that read and write an upgraded connection: one for each [`Direction`].
    upgrade_wakers: [Option<Waker>; 2],
    upgrade_place: Option<UpgradePlace>,
}

/// What a task does with the socket of an upgraded connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Read,
    Write,
}

impl ConnectionActivity {
    fn is_idle(&self) -> bool {
        self.stalled_since.is_none() && self.requests == 0 && self.buffered_chunks == 0
    }

    /// How long the server has waited for the client; `None` while it works on a request.
    fn waiting_time(&self) -> Option<Duration> {
        match self.stalled_since {
            Some(since) => Some(since.elapsed()),
            None => (self.requests == 0).then(|| self.last_activity.elapsed()),
        }
    }

    /// Whether its queued bytes count for the whole server. An HTTP/1.1 client usually takes a response at once: its bytes
    /// count when its socket takes no more. Over HTTP/2, flow control can hold back responses without the socket.
    fn holds_back(&self) -> bool {
        self.is_multiplexed || self.stalled_since.is_some()
    }

    fn start_draining(&mut self) -> Instant {
        *self.draining_since.get_or_insert_with(Instant::now)
    }
}

impl ConnectionState {
    pub(super) fn new(server: Arc<Connections>) -> Self {
        let activity = ConnectionActivity {
            requests: 0,
            buffered_chunks: 0,
            reserved: 0,
            queued: 0,
            queued_since: Instant::now(),
            last_activity: Instant::now(),
            stalled_since: None,
            draining_since: None,
            is_closed: false,
            is_multiplexed: false,
            is_finishing: false,
            upgrade_wakers: [None, None],
            upgrade_place: None,
        };
        let is_upgraded = AtomicBool::new(false);
        ConnectionState { server, activity: Mutex::new(activity), signal: Notify::new(), is_upgraded }
    }

    fn activity(&self) -> MutexGuard<'_, ConnectionActivity> {
        // No code panics while it holds the lock.
        self.activity.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns false if the connection is closed, so that no request may begin.
    pub(super) fn begin_request(&self) -> bool {
        let mut activity = self.activity();
        if !activity.is_closed {
            activity.requests += 1;
        }
        !activity.is_closed
    }

    pub(super) fn end_request(&self) {
        let mut activity = self.activity();
        activity.requests -= 1;
        activity.last_activity = Instant::now();
    }

    pub(super) fn buffered_chunk_added(&self) {
        self.activity().buffered_chunks += 1;
    }

    /// The client takes a part of a chunk.
    pub(super) fn buffered_chunk_advanced(&self) {
        self.activity().last_activity = Instant::now();
    }

    pub(super) fn buffered_chunk_removed(&self) {
        let mut activity = self.activity();
        activity.buffered_chunks -= 1;
        activity.last_activity = Instant::now();
    }

    /// Counts `bytes` of a request body, and returns the sum over all active requests.
    pub(super) fn reserve(&self, bytes: usize) -> usize {
        let mut activity = self.activity();
        activity.reserved += bytes;
        activity.reserved
    }

    pub(super) fn release(&self, bytes: usize) {
        self.activity().reserved -= bytes;
    }

    /// Counts bytes of a response that the client has not taken.
    pub(super) fn queue(&self, bytes: usize) {
        let mut activity = self.activity();
        if activity.queued == 0 {
            activity.queued_since = Instant::now();
        }
        activity.queued += bytes;
        if activity.holds_back() {
            self.server.add_queued(bytes);
        }
    }

    pub(super) fn dequeue(&self, bytes: usize) {
        let mut activity = self.activity();
        activity.queued -= bytes;
        if activity.holds_back() {
            self.server.remove_queued(bytes);
        }
    }

    /// How many bytes of responses count for the whole server, with all of this connection.
    pub(super) fn queued_in_server(&self) -> usize {
        let activity = self.activity();
        let uncounted = if activity.holds_back() { 0 } else { activity.queued };
        self.server.queued() + uncounted
    }

    /// How many bytes of responses the client has not taken, if it has taken nothing for this long.
    pub(super) fn unread_for(&self, time: Duration) -> Option<usize> {
        let activity = self.activity();
        let since = activity.queued_since.max(activity.last_activity);
        let is_unread =
            activity.queued > 0 && activity.holds_back() && !activity.is_closed && since.elapsed() >= time;
        is_unread.then_some(activity.queued)
    }

    /// The socket takes no more data.
    pub(super) fn stall(&self) {
        let mut activity = self.activity();
        if !activity.holds_back() {
            self.server.add_queued(activity.queued);
        }
        activity.stalled_since = Some(Instant::now());
    }

    /// The socket takes data again.
    pub(super) fn resume(&self) {
        let mut activity = self.activity();
        activity.stalled_since = None;
        activity.last_activity = Instant::now();
        if !activity.holds_back() {
            self.server.remove_queued(activity.queued);
        }
    }

    pub(super) fn set_multiplexed(&self) {
        self.activity().is_multiplexed = true;
    }

    pub(super) fn is_multiplexed(&self) -> bool {
        self.activity().is_multiplexed
    }

    /// From now on the connection speaks another protocol.
    pub(super) fn set_upgraded(&self, place: UpgradePlace) {
        let mut activity = self.activity();
        activity.last_activity = Instant::now();
        activity.upgrade_place = Some(place);
        drop(activity);
        self.is_upgraded.store(true, Ordering::Release);
    }

    pub(super) fn is_upgraded(&self) -> bool {
        self.is_upgraded.load(Ordering::Acquire)
    }

    /// Whether an upgraded connection has ended in this direction. Otherwise the task is woken when it ends.
    pub(super) fn has_ended(&self, direction: Direction, cx: &Context<'_>) -> bool {
        let mut activity = self.activity();
        let has_ended = activity.is_closed || (activity.is_finishing && direction == Direction::Read);
        let waker = &mut activity.upgrade_wakers[direction as usize];
        if !waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            *waker = Some(cx.waker().clone());
        }
        has_ended
    }

    /// An upgraded connection has sent or received data.
    pub(super) fn moved_data(&self) {
        self.activity().last_activity = Instant::now();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.activity().is_closed
    }

    /// Whether an HTTP/1.1 connection can be closed without losing a request or a response.
    pub(super) fn is_idle_http1(&self) -> bool {
        let activity = self.activity();
        activity.is_idle() && !activity.is_multiplexed
    }

    pub(super) fn waiting_time(&self) -> Option<Duration> {
        // Its application decides what an upgraded connection waits for.
        if self.is_upgraded() { None } else { self.activity().waiting_time() }
    }

    /// Whether the client has kept the server waiting for longer than the limits allow.
    pub(super) fn is_overdue(&self) -> bool {
        let (activity, limits) = (self.activity(), &self.server.limits);
        if self.is_upgraded() {
            return activity.last_activity.elapsed() > limits.upgrade_idle_timeout
                || activity.stalled_since.is_some_and(|since| since.elapsed() > limits.request_timeout);
        }
        let is_sending = activity.stalled_since.is_some() || activity.buffered_chunks > 0;
        let limit = if is_sending { limits.request_timeout } else { limits.head_timeout };
        activity.waiting_time().is_some_and(|time| time > limit)
            || activity.draining_since.is_some_and(|since| since.elapsed() > limits.request_timeout)
    }

    /// Whether GOAWAY was sent so recently that the client may not have received it.
    pub(super) fn was_just_told_to_go_away(&self) -> bool {
        self.activity().draining_since.is_some_and(|since| since.elapsed() < GO_AWAY_TIMEOUT)
    }

    /// Whether an HTTP/2 client without active requests has stayed connected for longer than it may after GOAWAY.
    pub(super) fn ignores_go_away(&self) -> bool {
        let activity = self.activity();
        activity.is_multiplexed
            && activity.is_idle()
            && activity.waiting_time().is_some_and(|time| time > GO_AWAY_TIMEOUT)
    }

    /// Closes the connection unless a request is active.
    ///
    /// An HTTP/2 client gets GOAWAY first, because its next request may be on the way. A call after
    /// [`GO_AWAY_TIMEOUT`] closes its connection. A stalled client would not read GOAWAY.
    pub(super) fn close_if_idle(&self) {
        let mut activity = self.activity();
        let is_stalled = activity.stalled_since.is_some();
        if activity.is_multiplexed && !is_stalled {
            activity.is_closed |= activity.start_draining().elapsed() >= GO_AWAY_TIMEOUT;
        } else if is_stalled || activity.requests == 0 {
            activity.is_closed = true;
        } else {
            return;
        }
        self.signal_end(activity);
    }

    /// Tells an HTTP/2 client to open no more streams. Its active requests finish.
    pub(super) fn go_away(&self) {
        self.activity().start_draining();
        self.signal.notify_one();
    }

    /// Lets the connection end after its active requests, because the server stops.
    pub(super) fn finish(&self) {
        let mut activity = self.activity();
        activity.is_finishing = true;
        self.signal_end(activity);
    }

    /// Drops the connection with its active requests.
    pub(super) fn close(&self) {
        let mut activity = self.activity();
        activity.is_closed = true;
        self.signal_end(activity);
    }

    fn signal_end(&self, mut activity: MutexGuard<'_, ConnectionActivity>) {
        let wakers = std::mem::take(&mut activity.upgrade_wakers);
        drop(activity);
        self.signal.notify_one();
        wakers.into_iter().flatten().for_each(Waker::wake);
    }

    /// Waits until the connection has to end. Then [`is_closed`](Self::is_closed) tells whether immediately or gracefully.
    pub(super) async fn signaled(&self) {
        self.signal.notified().await;
    }
}
