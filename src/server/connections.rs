//! [`Connections`]: all open connections, and which of them to close when there are too many, when they are overdue, or
//! when the server stops.
//!
//! One task checks all connections at an interval: a timer for each would have to be reset with each request.
//!
//! The list is behind a mutex: [`Registration`] adds and removes a connection, the tasks of the server read the list.
//! `ended` wakes the task that waits for a free place or for the last connection. It also looks again after
//! `POLL_INTERVAL`, because a connection that becomes idle wakes nobody. `is_stopping` is written once, by the shutdown.
//! Responses read it without ordering, because a response that just misses it is an ordinary one.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;

use super::connection_state::ConnectionState;
use super::limits::Limits;

/// How often a server at its limit looks for a connection that has become idle.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// How long a connection must be idle before it is closed to make room: its next request may already be in the socket,
/// and a client that reads may fall behind for a moment.
const MIN_IDLE_TIME: Duration = Duration::from_millis(500);

/// Bounds of the interval of the check for overdue connections.
const MIN_CHECK_INTERVAL: Duration = Duration::from_millis(10);
const MAX_CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// All open connections of a server.
#[derive(Debug)]
pub(super) struct Connections {
    pub(super) limits: Limits,
    open: Mutex<OpenConnections>,
    ended: Notify,
    is_stopping: AtomicBool,
    /// The bytes of responses that clients do not take. Only a sum: it orders no other memory.
    queued: AtomicUsize,
    /// The number of connections that are upgraded, or whose request asks for it.
    upgraded: AtomicUsize,
}

#[derive(Debug, Default)]
struct OpenConnections {
    by_id: BTreeMap<u64, Arc<ConnectionState>>,
    next_id: u64,
}

/// The entry of a connection in the list: dropping it removes the connection.
#[derive(Debug)]
pub(super) struct Registration {
    pub(super) connection: Arc<ConnectionState>,
    id: u64,
}

impl Drop for Registration {
    fn drop(&mut self) {
        let server = &self.connection.server;
        server.open().by_id.remove(&self.id);
        server.ended.notify_one();
    }
}

/// One of the upgraded connections: dropping it makes room for another one.
#[derive(Debug)]
pub(super) struct UpgradePlace(Arc<Connections>);

impl Drop for UpgradePlace {
    fn drop(&mut self) {
        self.0.upgraded.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Connections {
    pub(super) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Connections {
            limits,
            open: Mutex::default(),
            ended: Notify::new(),
            is_stopping: AtomicBool::new(false),
            queued: AtomicUsize::new(0),
            upgraded: AtomicUsize::new(0),
        })
    }

    fn open(&self) -> MutexGuard<'_, OpenConnections> {
        // A panic leaves the list consistent: each change of it is one call.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn register(self: &Arc<Self>) -> Registration {
        let connection = Arc::new(ConnectionState::new(Arc::clone(self)));
        let mut open = self.open();
        let id = open.next_id;
        open.next_id += 1;
        open.by_id.insert(id, Arc::clone(&connection));
        Registration { connection, id }
    }

    /// A place for a connection that may switch to another protocol. `None`: too many have, or the server stops.
    pub(super) fn reserve_upgrade(self: &Arc<Self>) -> Option<UpgradePlace> {
        let max = self.limits.max_upgraded_connections;
        let one_more = |count: usize| (count < max && !self.is_stopping()).then_some(count + 1);
        let is_reserved = self.upgraded.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).is_ok();
        is_reserved.then(|| UpgradePlace(Arc::clone(self)))
    }

    /// Waits until there are fewer connections than the limit, and closes idle ones to get there.
    pub(super) async fn capacity(&self) {
        while self.open().by_id.len() >= self.limits.max_connections {
            self.close_longest_idle();
            let _ = tokio::time::timeout(POLL_INTERVAL, self.ended.notified()).await;
        }
    }

    /// Closes the connection whose client has kept the server waiting for longest, if there is one.
    pub(super) fn close_longest_idle(&self) {
        let open = self.open();
        let others = open.by_id.values().filter(|it| !it.was_just_told_to_go_away());
        let waiting = others.filter_map(|connection| Some((connection.waiting_time()?, connection)));
        let longest = waiting.max_by_key(|(time, _)| *time);
        if let Some((_, connection)) = longest.filter(|(time, _)| *time >= MIN_IDLE_TIME) {
            connection.close_if_idle();
        }
    }

    pub(super) fn queued(&self) -> usize {
        self.queued.load(Ordering::Relaxed)
    }

    pub(super) fn add_queued(&self, bytes: usize) {
        self.queued.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn remove_queued(&self, bytes: usize) {
        self.queued.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Closes the connection that holds the most bytes of responses without reading them. Returns whether there is one.
    pub(super) fn close_longest_queue(&self) -> bool {
        let open = self.open();
        let unread = open.by_id.values().filter_map(|it| Some((it.unread_for(MIN_IDLE_TIME)?, it)));
        let longest = unread.max_by_key(|(bytes, _)| *bytes);
        longest.inspect(|(_, connection)| connection.close()).is_some()
    }

    /// Closes connections that exceed a time limit, for as long as the server exists.
    pub(super) async fn close_overdue(this: Weak<Self>) {
        let Some(interval) = this.upgrade().map(|connections| connections.check_interval()) else { return };
        loop {
            tokio::time::sleep(interval).await;
            let Some(connections) = this.upgrade() else { return };
            for connection in connections.open().by_id.values().filter(|it| it.is_overdue()) {
                connection.close_if_idle();
            }
        }
    }

    fn check_interval(&self) -> Duration {
        let Limits { head_timeout, request_timeout, upgrade_idle_timeout, .. } = self.limits;
        let shortest = head_timeout.min(request_timeout).min(upgrade_idle_timeout);
        (shortest / 8).clamp(MIN_CHECK_INTERVAL, MAX_CHECK_INTERVAL)
    }

    /// From now on, each HTTP/1.1 response says that it is the last of its connection.
    pub(super) fn announce_stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }

    /// Lets every connection end after its active requests.
    pub(super) fn finish_all(&self) {
        self.open().by_id.values().for_each(|connection| connection.finish());
    }

    /// Waits until no connection is open, and closes those whose client ignores GOAWAY.
    pub(super) async fn all_ended(&self) {
        while !self.open().by_id.is_empty() {
            let _ = tokio::time::timeout(POLL_INTERVAL, self.ended.notified()).await;
            let open = self.open();
            open.by_id.values().filter(|it| it.ignores_go_away()).for_each(|it| it.close_if_idle());
        }
    }

    /// Closes all connections at once.
    pub(super) fn close_all(&self) {
        self.open().by_id.values().for_each(|connection| connection.close());
    }
}
