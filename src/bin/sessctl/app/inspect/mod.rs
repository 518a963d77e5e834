//! `serve --inspect`: a live page of the exchanges with this server and of the sessions that it stores. It runs in front
//! of the application: its own requests are neither shown nor counted, and need no session.

mod endpoints;
mod event_stream;
mod feed;
mod inspect_layer;
mod inspect_page;
mod observed_exchange;
mod rate_limit;
mod secrets;
mod snapshot;
mod ticker;

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use sessctl::clock::{Clock, OffsetClock, SystemClock, Timestamp};
use sessctl::session::{Event, Sessions};
use sessctl::web::Guard;

use feed::Feed;
pub(super) use inspect_layer::{InspectLayer, SessionSlot};

pub(crate) struct Inspector {
    /// `/inspect/SECRET/`. Anyone who knows it can open the page.
    path: String,
    clock: Arc<OffsetClock<SystemClock>>,
    feed: Feed,
}

impl Inspector {
    /// # Errors
    /// The operating system provides no randomness.
    pub(crate) fn new(clock: Arc<OffsetClock<SystemClock>>) -> Result<Self, getrandom::Error> {
        let mut secret = [0; 16];
        getrandom::fill(&mut secret)?;
        let path = format!("/inspect/{}/", URL_SAFE_NO_PAD.encode(secret));
        Ok(Inspector { path, clock, feed: Feed::default() })
    }

    /// The path of the page.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Reports a session event. The session engine calls it while it handles a request, so it must not block.
    pub(crate) fn happened(&self, event: &Event) {
        match event {
            Event::Ended { handle, reason, .. } => {
                self.feed.ended(&snapshot::Ended { now: self.now(), handle: *handle, reason: reason.name() });
            }
            Event::Expired { .. } => self.feed.mark_stale(),
            // The exchange that caused the event reports it.
            _ => {}
        }
    }

    /// Ends all streams, which would otherwise delay the shutdown of the server.
    pub(crate) fn close(&self) {
        self.feed.close();
    }

    fn now(&self) -> Millis {
        Millis::from(self.clock.now())
    }
}

impl fmt::Debug for Inspector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inspector")
    }
}

/// A time as JavaScript counts it: milliseconds since 1970.
#[derive(Debug, Clone, Copy, serde::Serialize)]
struct Millis(i64);

impl From<Timestamp> for Millis {
    fn from(time: Timestamp) -> Self {
        Millis(time.as_millis())
    }
}

/// An inspector with the sessions that it shows.
#[derive(Debug, Clone)]
struct InspectorHandle {
    inspector: Arc<Inspector>,
    sessions: Sessions,
    /// Accepts only loopback names, so that the page is not reachable through a proxy or by DNS rebinding.
    guard: Arc<Guard>,
}

impl InspectorHandle {
    /// Call it within a tokio runtime: it starts the ticker.
    fn new(inspector: Arc<Inspector>, sessions: Sessions, tls: bool) -> Self {
        ticker::start(Arc::downgrade(&inspector), sessions.clone());
        let guard = Arc::new(Guard::new(tls, Some(Vec::new()), None));
        InspectorHandle { inspector, sessions, guard }
    }
}
