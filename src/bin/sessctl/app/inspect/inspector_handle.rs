//! [`InspectorHandle`]: an inspector with the sessions that it shows, and the guard of its page.

use std::sync::Arc;

use sessctl::session::Sessions;
use sessctl::web::Guard;

use super::inspector::Inspector;
use super::ticker;

#[derive(Debug, Clone)]
pub(super) struct InspectorHandle {
    pub(super) inspector: Arc<Inspector>,
    pub(super) sessions: Sessions,
    /// Accepts only loopback names, so that the page is not reachable through a proxy or by DNS rebinding.
    pub(super) guard: Arc<Guard>,
}

impl InspectorHandle {
    /// Call it within a tokio runtime: it starts the ticker.
    pub(super) fn new(inspector: Arc<Inspector>, sessions: Sessions, tls: bool) -> Self {
        ticker::start(Arc::downgrade(&inspector), sessions.clone());
        let guard = Arc::new(Guard::new(tls, Some(Vec::new()), None));
        InspectorHandle { inspector, sessions, guard }
    }

    /// The rest of the path after `/inspect/SECRET`. `None` for a path of the application.
    pub(super) fn own_path<'a>(&self, path: &'a str) -> Option<&'a str> {
        let own = self.inspector.path();
        let rest = path.strip_prefix(own.strip_suffix('/').unwrap_or(own))?;
        (rest.is_empty() || rest.starts_with('/')).then_some(rest)
    }
}
