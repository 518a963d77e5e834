//! Which connections are open and what they are at: whom to close when there are too many, or when one lets the
//! server wait for too long.
//!
//! One task looks at all of them now and then: a timer for each would have to be set anew with each request.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::task::Waker;
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::task::AbortHandle;

use super::limits::Limits;

/// How often a server that is full looks for a connection that has fallen silent.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// A connection is not closed for one that waits before it was idle for this long: its request may be in the socket
/// already, and a client that reads is behind for a moment now and then.
const SHORTEST_IDLENESS: Duration = Duration::from_millis(500);

/// How long a client that is told to go may stay without a word.
const TIME_TO_GO: Duration = Duration::from_secs(1);

/// How often connections are looked at, at the least and at the most.
const WATCH_PAUSES: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(1));

/// No time of a server's life.
const NEVER: u64 = u64::MAX;

/// No request will be answered any more.
const CLOSED: u32 = u32::MAX;

/// All open connections of a server.
#[derive(Debug)]
pub(super) struct Connections {
    open: Mutex<Open>,
    left: Notify,
    started: Instant,
    /// No more requests are wanted.
    stopping: AtomicBool,
    /// A connection without a request has to close.
    closing: AtomicBool,
}

#[derive(Debug, Default)]
struct Open {
    by_number: BTreeMap<u64, Arc<Connection>>,
    next_number: u64,
}

/// One connection. It is silent while no request of it is being answered, and stalled while its client does not
/// read what was answered. Times are in microseconds of the server's life.
#[derive(Debug)]
pub(super) struct Connection {
    /// How many requests are being answered, or [`CLOSED`].
    requests: AtomicU32,
    /// Since when it is silent, or was last.
    silent_since: AtomicU64,
    stalled_since: AtomicU64,
    /// Whether it answers many requests at once: such a client is told first that the connection closes.
    has_many_at_once: AtomicBool,
    /// Since when it has to close when it has answered what it was asked.
    leaving_since: AtomicU64,
    /// How many pieces of answers wait for its client to take them.
    queued: AtomicU32,
    /// How much the bodies of its requests hold.
    body_octets: AtomicUsize,
    /// What drives it. It is dropped to close it.
    task: OnceLock<AbortHandle>,
    waker: Mutex<Option<Waker>>,
    server_started: Instant,
}

impl Connection {
    /// A request begins. `false`: the connection was closed meanwhile, and nothing may be begun.
    pub(super) fn begin_request(&self) -> bool {
        let one_more = |requests| if requests == CLOSED { None } else { Some(requests + 1) };
        self.requests.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more).is_ok()
    }

    pub(super) fn end_request(&self) {
        self.silent_since.store(self.now(), Ordering::Relaxed);
        self.requests.fetch_sub(1, Ordering::Release);
    }

    /// A piece of an answer is kept until its client takes it.
    pub(super) fn piece_comes(&self) {
        self.queued.fetch_add(1, Ordering::AcqRel);
    }

    /// Its client takes some of one.
    pub(super) fn piece_moves(&self) {
        self.silent_since.store(self.now(), Ordering::Relaxed);
    }

    pub(super) fn piece_has_gone(&self) {
        self.piece_moves();
        self.queued.fetch_sub(1, Ordering::Release);
    }

    /// The bodies of its requests take so much more room. Tells how much they take together.
    pub(super) fn take_room(&self, octets: usize) -> usize {
        self.body_octets.fetch_add(octets, Ordering::AcqRel) + octets
    }

    pub(super) fn give_room_back(&self, octets: usize) {
        self.body_octets.fetch_sub(octets, Ordering::AcqRel);
    }

    fn is_busy(&self) -> bool {
        !matches!(self.requests.load(Ordering::Acquire), 0 | CLOSED)
    }

    fn has_queued(&self) -> bool {
        self.queued.load(Ordering::Acquire) > 0
    }

    /// Its client reads nothing.
    pub(super) fn stall(&self) {
        self.stalled_since.store(self.now(), Ordering::Release);
    }

    /// Its client has read something.
    pub(super) fn resume(&self) {
        // In this order, so that nobody takes it for one that has been silent since before.
        self.silent_since.store(self.now(), Ordering::Relaxed);
        self.stalled_since.store(NEVER, Ordering::Release);
    }

    /// Whether no request of it is being answered, and all answers were read.
    fn is_silent(&self) -> bool {
        !self.is_stalled() && !self.is_busy() && !self.has_queued()
    }

    fn is_stalled(&self) -> bool {
        self.stalled_since.load(Ordering::Acquire) != NEVER
    }

    /// Whether it has kept the server waiting for longer than allowed.
    fn is_overdue(&self, limits: &Limits) -> bool {
        let limit =
            if self.is_stalled() || self.has_queued() { limits.request_time } else { limits.head_time };
        let has_stayed = self.time_since(&self.leaving_since).is_some_and(|time| time > limits.request_time);
        has_stayed || self.idle_for().is_some_and(|time| time > limit)
    }

    /// For how long it has stalled, or been silent, or has had answers that its client does not take.
    fn idle_for(&self) -> Option<Duration> {
        match self.time_since(&self.stalled_since) {
            None if self.is_busy() => None,
            None => self.time_since(&self.silent_since),
            stalled => stalled,
        }
    }

    fn time_since(&self, moment: &AtomicU64) -> Option<Duration> {
        let moment = moment.load(Ordering::Acquire);
        (moment != NEVER).then(|| Duration::from_micros(self.now().saturating_sub(moment)))
    }

    /// Drops what drives it, unless a request has begun meanwhile. One that was just opened, and has no task yet, is
    /// found again with the next look. A client that has many requests at once is told first: its next one may be on its
    /// way.
    fn close_if_idle(&self) {
        if self.has_many_at_once() && !self.is_stalled() {
            match self.time_since(&self.leaving_since) {
                None => return self.leave(),
                Some(time) if time < TIME_TO_GO => return,
                Some(_) => return self.close(),
            }
        }
        let closed = self.requests.compare_exchange(0, CLOSED, Ordering::AcqRel, Ordering::Acquire);
        if self.is_stalled() || closed.is_ok() || closed == Err(CLOSED) {
            self.close();
        }
    }

    /// Has its client told that nothing more is answered than what was asked already.
    pub(super) fn leave(&self) {
        let _ = self.leaving_since.compare_exchange(NEVER, self.now(), Ordering::AcqRel, Ordering::Acquire);
        self.wake();
    }

    /// Drops what drives it, and what it was doing.
    fn close(&self) {
        if let Some(task) = self.task.get() {
            task.abort();
        }
    }

    pub(super) fn can_have_many_at_once(&self) {
        self.has_many_at_once.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_many_at_once(&self) -> bool {
        self.has_many_at_once.load(Ordering::Relaxed)
    }

    /// Whether nothing is lost when it is closed now.
    pub(super) fn may_close(&self) -> bool {
        self.is_silent() && !self.has_many_at_once()
    }

    fn stays_without_a_word(&self) -> bool {
        self.has_many_at_once() && self.is_silent() && self.idle_for().is_some_and(|time| time > TIME_TO_GO)
    }

    fn goes_just_now(&self) -> bool {
        self.time_since(&self.leaving_since).is_some_and(|time| time < TIME_TO_GO)
    }

    pub(super) fn is_leaving(&self) -> bool {
        self.leaving_since.load(Ordering::Relaxed) != NEVER
    }

    pub(super) fn is_driven_by(&self, task: AbortHandle) {
        // It is set once, by whoever spawned it.
        let _ = self.task.set(task);
    }

    pub(super) fn wake_with(&self, waker: &Waker) {
        *self.waker.lock().unwrap_or_else(PoisonError::into_inner) = Some(waker.clone());
    }

    fn wake(&self) {
        if let Some(waker) = &*self.waker.lock().unwrap_or_else(PoisonError::into_inner) {
            waker.wake_by_ref();
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.server_started.elapsed().as_micros()).unwrap_or(NEVER)
    }
}

/// Takes its connection off the list when dropped.
#[derive(Debug)]
pub(super) struct Registration {
    pub(super) connections: Arc<Connections>,
    number: u64,
    pub(super) connection: Arc<Connection>,
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.connections.open().by_number.remove(&self.number);
        self.connections.left.notify_one();
    }
}

impl Connections {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Connections {
            open: Mutex::default(),
            left: Notify::new(),
            started: Instant::now(),
            stopping: AtomicBool::new(false),
            closing: AtomicBool::new(false),
        })
    }

    pub(super) fn register(self: &Arc<Self>) -> Registration {
        let connection = Connection {
            requests: AtomicU32::new(0),
            silent_since: AtomicU64::new(u64::try_from(self.started.elapsed().as_micros()).unwrap_or(NEVER)),
            stalled_since: AtomicU64::new(NEVER),
            has_many_at_once: AtomicBool::new(false),
            leaving_since: AtomicU64::new(NEVER),
            queued: AtomicU32::new(0),
            body_octets: AtomicUsize::new(0),
            task: OnceLock::new(),
            waker: Mutex::default(),
            server_started: self.started,
        };
        let connection = Arc::new(connection);
        let mut open = self.open();
        let number = open.next_number;
        open.next_number += 1;
        open.by_number.insert(number, Arc::clone(&connection));
        Registration { connections: Arc::clone(self), number, connection }
    }

    /// Waits until there is room below `limit`, making it where a silent connection can be closed.
    pub(super) async fn room(&self, limit: usize) {
        while self.open().by_number.len() >= limit {
            self.close_oldest_silent();
            // Somebody leaves, or falls silent and can be made to.
            let _ = tokio::time::timeout(LOOK_AGAIN, self.left.notified()).await;
        }
    }

    /// Closes the connection for which nothing has been done for longest, if there is one.
    pub(super) fn close_oldest_silent(&self) {
        let open = self.open();
        // Those that were told to go have their time for it.
        let others = open.by_number.values().filter(|it| !it.goes_just_now());
        let idle = others.filter_map(|connection| Some((connection.idle_for()?, connection)));
        let oldest = idle.max_by_key(|(time, _)| *time);
        if let Some((_, oldest)) = oldest.filter(|(time, _)| *time >= SHORTEST_IDLENESS) {
            oldest.close_if_idle();
        }
    }

    /// Closes the connections that keep the server waiting, for as long as there is a server.
    pub(super) async fn close_overdue(this: Weak<Self>, limits: Limits) {
        let (shortest, longest) = WATCH_PAUSES;
        let pause = (limits.head_time.min(limits.request_time) / 8).clamp(shortest, longest);
        loop {
            tokio::time::sleep(pause).await;
            let Some(connections) = this.upgrade() else { return };
            for connection in connections.open().by_number.values().filter(|it| it.is_overdue(&limits)) {
                connection.close_if_idle();
            }
        }
    }

    /// From now on each response says that it is the last of its connection.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// From now on connections close when they have answered what they were asked.
    pub(super) fn close_when_answered(&self) {
        // Whoever asks after this sees it; whoever asked before has left a waker, under the same lock.
        self.closing.store(true, Ordering::Relaxed);
        self.open().by_number.values().for_each(|connection| connection.wake());
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }

    /// Waits until no connection is open. One whose client neither goes, as it was told, nor takes what it is sent is
    /// closed.
    pub(super) async fn all_gone(&self) {
        while !self.open().by_number.is_empty() {
            let _ = tokio::time::timeout(LOOK_AGAIN, self.left.notified()).await;
            let open = self.open();
            open.by_number.values().filter(|it| it.stays_without_a_word()).for_each(|it| it.close_if_idle());
        }
    }

    /// Closes all connections at once.
    pub(super) fn close_all(&self) {
        self.open().by_number.values().for_each(|connection| connection.close());
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        // A panic leaves the list whole: each change of it is one call.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
