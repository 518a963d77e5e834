//! `serve --inspect`: a page that shows live what passes between clients and this server, and which sessions the server
//! keeps. It stands before the application: its own requests are neither shown nor counted, and need no session.

mod capture;
mod exchange;
mod feed;
mod page;
mod pulse;
mod routes;
mod sampling;
mod secrets;
mod snapshot;
mod stream;

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use sessctl::clock::{Clock, OffsetClock, SystemClock, Timestamp};
use sessctl::session::{Event, Sessions};
use sessctl::web::Guard;

pub(super) use capture::{InspectLayer, Witness};
use feed::Feed;

/// What is shown, and to whom.
pub(crate) struct Inspector {
    /// `/inspect/RANDOM/`: who knows it may look.
    path: String,
    clock: Arc<OffsetClock<SystemClock>>,
    feed: Feed,
}

impl Inspector {
    /// # Errors
    /// When the operating system has no randomness to give.
    pub(crate) fn new(clock: Arc<OffsetClock<SystemClock>>) -> Result<Self, getrandom::Error> {
        let mut secret = [0; 16];
        getrandom::fill(&mut secret)?;
        let path = format!("/inspect/{}/", URL_SAFE_NO_PAD.encode(secret));
        Ok(Inspector { path, clock, feed: Feed::default() })
    }

    /// Where its page is.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Something happened to a session. It is called where that is done, so it is quick.
    pub(crate) fn happened(&self, event: &Event) {
        match event {
            Event::Ended { handle, reason, .. } => {
                self.feed.ended(&snapshot::Ended { now: self.now(), handle: *handle, reason: reason.name() });
            }
            Event::Expired { .. } => self.feed.table_is_stale(),
            // The exchange that made it tells of it.
            _ => {}
        }
    }

    /// From now on nothing is shown: streams to viewers end, and with them what keeps a server from stopping.
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

/// A moment as scripts count: milliseconds since 1970.
#[derive(Debug, Clone, Copy, serde::Serialize)]
struct Millis(i64);

impl From<Timestamp> for Millis {
    fn from(moment: Timestamp) -> Self {
        Millis(moment.as_millis())
    }
}

/// An inspector at work in front of an application.
#[derive(Debug, Clone)]
struct Desk {
    inspector: Arc<Inspector>,
    sessions: Sessions,
    /// Only loopback names: whoever is elsewhere is not to look, whatever stands in between.
    guard: Arc<Guard>,
}

impl Desk {
    fn new(inspector: Arc<Inspector>, sessions: Sessions, tls: bool) -> Self {
        pulse::begin(Arc::downgrade(&inspector), sessions.clone());
        Desk { inspector, sessions, guard: Arc::new(Guard::new(tls, Some(Vec::new()), None)) }
    }
}
