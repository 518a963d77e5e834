//! [`Inspector`]: the secret path of the page, and the feed of events.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use sessctl::clock::{Clock, OffsetClock, SystemClock};
use sessctl::session::Event;
use sessctl::web::Guard;

use super::feed::Feed;
use crate::json::json;

pub(crate) struct Inspector {
    /// `/inspect/SECRET/`. Anyone who knows it can open the page.
    path: String,
    clock: Arc<OffsetClock<SystemClock>>,
    /// Accepts only loopback names, so that the page is not reachable through a proxy or by DNS rebinding.
    pub(super) guard: Guard,
    pub(super) feed: Feed,
}

impl Inspector {
    /// # Errors
    /// The operating system provides no randomness.
    pub(crate) fn new(clock: Arc<OffsetClock<SystemClock>>, tls: bool) -> Result<Self, getrandom::Error> {
        let mut secret = [0; 16];
        getrandom::fill(&mut secret)?;
        let path = format!("/inspect/{}/", URL_SAFE_NO_PAD.encode(secret));
        Ok(Inspector { path, clock, guard: Guard::new(tls, Some(Vec::new()), None), feed: Feed::default() })
    }

    /// The path of the page.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Reports a session event. The session engine calls it while it handles a request, so it must not block.
    pub(crate) fn happened(&self, event: &Event) {
        match event {
            Event::Ended { handle, reason, .. } => {
                let reason = reason.name();
                self.feed.ended(&json!({ "now": self.now(), "handle": handle, "reason": reason }));
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

    /// As JavaScript counts: in milliseconds since 1970.
    pub(super) fn now(&self) -> i64 {
        self.clock.now().as_millis()
    }

    /// The rest of the path after `/inspect/SECRET`. `None` for a path of the application.
    pub(super) fn own_path<'a>(&self, path: &'a str) -> Option<&'a str> {
        let rest = path.strip_prefix(self.path.trim_end_matches('/'))?;
        (rest.is_empty() || rest.starts_with('/')).then_some(rest)
    }
}
