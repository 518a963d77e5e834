//! [`Inspector`]: the secret path of the page, and the feed of events.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use sessctl::clock::{Clock, OffsetClock, SystemClock};
use sessctl::session::Event;

use super::feed::Feed;
use super::millis::Millis;
use super::snapshot::Ended;

pub(crate) struct Inspector {
    /// `/inspect/SECRET/`. Anyone who knows it can open the page.
    path: String,
    clock: Arc<OffsetClock<SystemClock>>,
    pub(super) feed: Feed,
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
                self.feed.ended(&Ended { now: self.now(), handle: *handle, reason: reason.name() });
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

    pub(super) fn now(&self) -> Millis {
        Millis::from(self.clock.now())
    }
}

impl fmt::Debug for Inspector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inspector")
    }
}
