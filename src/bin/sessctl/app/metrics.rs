//! What the server counts, as Prometheus reads it: requests and their time by route, sessions and what became of them,
//! calls of the store.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::StatusCode;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use sessctl::session::{Event, Sessions};

/// What the text is: OpenMetrics, which Prometheus asks for first.
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The routes by their paths; all others are counted as one, so that nobody makes the list grow.
const ROUTES: [&str; 13] = [
    "/",
    "/login",
    "/logout",
    "/session",
    "/counter",
    "/sessions",
    "/sessions/revoke",
    "/healthz",
    "/readyz",
    "/metrics",
    "/style.css",
    "/clock/advance",
    "other",
];

/// Upper bounds of the buckets, in seconds: from what memory takes to what a store may take.
const BUCKETS: [f64; 12] =
    [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.25, 1.0, 2.5];

/// How old the number of live sessions may be: a store may have to count them.
const SAMPLE: Duration = Duration::from_secs(10);

/// All that is counted.
pub(crate) struct Metrics {
    registry: Registry,
    routes: Vec<Route>,
    made: Counter,
    renewed: Counter,
    ended: Family<Reason, Counter>,
    expired: Counter,
    live: Gauge,
    sampled: Mutex<Option<Instant>>,
    store_time: Family<Call, Histogram, fn() -> Histogram>,
    store_errors: Family<Call, Counter>,
}

/// One route, its counters found beforehand.
struct Route {
    /// By the first digit of the status.
    statuses: [Counter; 5],
    time: Histogram,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: &'static str,
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteName {
    route: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Call {
    call: &'static str,
}

fn histogram() -> Histogram {
    Histogram::new(BUCKETS)
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("sessctl");
        let requests = Family::<RouteLabels, Counter>::default();
        let times = Family::<RouteName, Histogram, fn() -> Histogram>::new_with_constructor(histogram);
        let store_time = Family::<Call, Histogram, fn() -> Histogram>::new_with_constructor(histogram);
        let (made, renewed, expired) = (Counter::default(), Counter::default(), Counter::default());
        let (ended, store_errors) =
            (Family::<Reason, Counter>::default(), Family::<Call, Counter>::default());
        let live = Gauge::default();
        registry.register("requests", "Requests answered, by route and class of status", requests.clone());
        registry.register("request_seconds", "Time from the request's head to its response", times.clone());
        registry.register("sessions_live", "Sessions alive, counted every ten seconds at most", live.clone());
        registry.register("sessions_made", "Sessions that began", made.clone());
        registry.register("sessions_renewed", "Sessions that got a new token", renewed.clone());
        registry.register("sessions_ended", "Sessions that were ended, by reason", ended.clone());
        registry.register("sessions_expired", "Expired sessions that were swept", expired.clone());
        registry.register(
            "store_seconds",
            "Time of the store's calls that did not answer at once",
            store_time.clone(),
        );
        registry.register("store_errors", "Calls of the store that failed", store_errors.clone());
        let route = |route: &'static str| Route {
            statuses: ["1xx", "2xx", "3xx", "4xx", "5xx"]
                .map(|status| requests.get_or_create(&RouteLabels { route, status }).clone()),
            time: times.get_or_create(&RouteName { route }).clone(),
        };
        let routes = ROUTES.into_iter().map(route).collect();
        Metrics {
            registry,
            routes,
            made,
            renewed,
            ended,
            expired,
            live,
            sampled: Mutex::default(),
            store_time,
            store_errors,
        }
    }

    /// The number of a path's route.
    pub(super) fn route_of(path: &str) -> usize {
        ROUTES.iter().position(|route| *route == path).unwrap_or(ROUTES.len() - 1)
    }

    pub(super) fn answered(&self, route: usize, status: StatusCode, took: Duration) {
        let Some(route) = self.routes.get(route) else { return };
        let class = usize::from(status.as_u16() / 100).clamp(1, 5) - 1;
        route.statuses[class].inc();
        route.time.observe(took.as_secs_f64());
    }

    pub(crate) fn happened(&self, event: &Event) {
        match event {
            Event::Created { .. } => {
                self.made.inc();
            }
            Event::Rotated { .. } => {
                self.renewed.inc();
            }
            Event::Ended { reason, .. } => {
                self.ended.get_or_create(&Reason { reason: reason.name() }).inc();
            }
            Event::Expired { count, .. } => {
                self.expired.inc_by(*count as u64);
            }
            _ => {}
        }
    }

    pub(crate) fn store_called(&self, call: &'static str, took: Duration, is_ok: bool) {
        if !is_ok {
            self.store_errors.get_or_create(&Call { call }).inc();
        }
        self.store_time.get_or_create(&Call { call }).observe(took.as_secs_f64());
    }

    /// All of it as text.
    pub(super) async fn text(&self, sessions: &Sessions) -> String {
        let is_due = {
            let mut sampled = self.sampled.lock().unwrap_or_else(PoisonError::into_inner);
            let is_due = sampled.is_none_or(|at| at.elapsed() >= SAMPLE);
            if is_due {
                *sampled = Some(Instant::now());
            }
            is_due
        };
        if is_due && let Ok(Some(count)) = sessions.count().await {
            self.live.set(count.cast_signed());
        }
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}
