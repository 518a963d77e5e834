//! Which connections are open and which of them are silent: what to close when there are too many.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::sync::Notify;

/// How often a server that is full looks for a connection that has fallen silent.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// All open connections of a server.
#[derive(Debug)]
pub(super) struct Connections {
    open: Mutex<Open>,
    left: Notify,
    started: Instant,
}

#[derive(Debug, Default)]
struct Open {
    by_number: BTreeMap<u64, Arc<Connection>>,
    next_number: u64,
}

/// One connection. It is silent while no request of it is being answered.
#[derive(Debug)]
pub(super) struct Connection {
    busy: AtomicBool,
    /// Since when it is silent, or was last, in microseconds of the server's life.
    silent_since: AtomicU64,
    /// Told to close at once.
    pub(super) close: Notify,
    server_started: Instant,
}

pin_project! {
    /// The body of a response, and the knowledge that its connection is busy until all of it was handed on.
    #[derive(Debug)]
    pub(super) struct TrackedBody<B> {
        #[pin]
        body: B,
        busy: Busy,
    }
}

/// Makes its connection busy, and silent when dropped.
#[derive(Debug)]
pub(super) struct Busy(Arc<Connection>);

impl Busy {
    /// Stays for as long as the body does.
    pub(super) fn until_handed_on<B>(self, body: B) -> TrackedBody<B> {
        TrackedBody { body, busy: self }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.fall_silent();
    }
}

impl<B: Body> Body for TrackedBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.project().body.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Connection {
    /// A request begins. The connection is busy until what this returns is dropped.
    pub(super) fn begin_request(self: &Arc<Self>) -> Busy {
        self.busy.store(true, Ordering::Relaxed);
        Busy(Arc::clone(self))
    }

    fn fall_silent(&self) {
        let micros = self.server_started.elapsed().as_micros();
        self.silent_since.store(u64::try_from(micros).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.busy.store(false, Ordering::Relaxed);
    }
}

/// Takes its connection off the list when dropped.
#[derive(Debug)]
pub(super) struct Registration {
    connections: Arc<Connections>,
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
        Arc::new(Connections { open: Mutex::default(), left: Notify::new(), started: Instant::now() })
    }

    pub(super) fn register(self: &Arc<Self>) -> Registration {
        let connection = Connection {
            busy: AtomicBool::new(false),
            silent_since: AtomicU64::new(0),
            close: Notify::new(),
            server_started: self.started,
        };
        connection.fall_silent();
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

    /// Tells the connection that has been silent for longest to close, if one is silent.
    pub(super) fn close_oldest_silent(&self) {
        let open = self.open();
        let silent = open.by_number.values().filter(|c| !c.busy.load(Ordering::Relaxed));
        if let Some(oldest) = silent.min_by_key(|c| c.silent_since.load(Ordering::Relaxed)) {
            oldest.close.notify_one();
        }
    }

    /// Waits until no connection is open.
    pub(super) async fn all_gone(&self) {
        while !self.open().by_number.is_empty() {
            let _ = tokio::time::timeout(LOOK_AGAIN, self.left.notified()).await;
        }
    }

    /// Tells all connections to close at once.
    pub(super) fn close_all(&self) {
        for connection in self.open().by_number.values() {
            connection.close.notify_one();
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        // A panic leaves the list whole: each change of it is one call.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
