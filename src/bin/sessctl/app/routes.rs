//! [`ROUTES`]: the one table of routes. The router, the 405 responses, the metrics and the proxy rules read it.

#[derive(Debug)]
pub(super) struct Route {
    pub(super) handler: Handler,
    /// It is also the label in the metrics.
    pub(super) path: &'static str,
    /// The value of `Allow`.
    pub(super) methods: &'static str,
    /// For the operator: never answered through the public address.
    pub(super) is_operational: bool,
}

/// Names a function that `router` binds to the route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Handler {
    Index,
    Login,
    Logout,
    Facts,
    Count,
    ListSessions,
    RevokeSessions,
    Style,
    AdvanceClock,
    Healthz,
    Readyz,
    Metrics,
}

const GET: &str = "GET, HEAD";
const POST: &str = "POST";

pub(super) static ROUTES: [Route; 12] = [
    route(Handler::Index, GET, "/"),
    route(Handler::Login, POST, "/login"),
    route(Handler::Facts, GET, "/session"),
    route(Handler::Count, POST, "/counter"),
    route(Handler::Logout, POST, "/logout"),
    route(Handler::ListSessions, GET, "/sessions"),
    route(Handler::RevokeSessions, POST, "/sessions/revoke"),
    route(Handler::Style, GET, "/style.css"),
    route(Handler::AdvanceClock, POST, "/clock/advance"),
    operational(Handler::Healthz, "/healthz"),
    operational(Handler::Readyz, "/readyz"),
    operational(Handler::Metrics, "/metrics"),
];

const fn route(handler: Handler, methods: &'static str, path: &'static str) -> Route {
    Route { handler, path, methods, is_operational: false }
}

const fn operational(handler: Handler, path: &'static str) -> Route {
    Route { handler, path, methods: GET, is_operational: true }
}

impl Route {
    /// A slash at the end of a path is ignored.
    pub(super) fn matches(&self, path: &str) -> bool {
        path == self.path || path.strip_suffix('/').is_some_and(|path| path == self.path && path != "/")
    }

    pub(super) fn allows(&self, method: &str) -> bool {
        self.methods.split(", ").any(|allowed| allowed == method)
    }
}

pub(super) fn find(path: &str) -> Option<&'static Route> {
    ROUTES.iter().find(|route| route.matches(path))
}
