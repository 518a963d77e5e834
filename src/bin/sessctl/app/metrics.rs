//! [`Metrics`]: requests by route, session events and store calls, for Prometheus.

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

use super::routes::{self, ROUTES};

/// OpenMetrics, the format that Prometheus prefers.
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The label of all paths that are not routes, so that requests cannot add labels.
const OTHER: &str = "other";

/// Upper bounds of the buckets in seconds: from a memory store to the timeout of a store call.
const BUCKETS: [f64; 12] =
    [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.25, 1.0, 2.5];

/// How often the live sessions are counted, which can be expensive for a store.
const COUNT_INTERVAL: Duration = Duration::from_secs(10);

pub(crate) struct Metrics {
    registry: Registry,
    /// One for each route in the order of the table, then one for all other paths.
    routes: Vec<RouteMetrics>,
    made: Counter,
    renewed: Counter,
    ended: Family<ReasonLabel, Counter>,
    expired: Counter,
    live: Gauge,
    counted: Mutex<Option<Instant>>,
    store_time: Family<CallLabel, Histogram, fn() -> Histogram>,
    store_errors: Family<CallLabel, Counter>,
}

/// The metrics of one route. They are created at the start, so that a request needs no lookup by label.
struct RouteMetrics {
    /// By the first digit of the status.
    statuses: [Counter; 5],
    time: Histogram,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: &'static str,
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabel {
    route: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabel {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabel {
    call: &'static str,
}

fn histogram() -> Histogram {
    Histogram::new(BUCKETS)
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("sessctl");
        let requests = Family::<RequestLabels, Counter>::default();
        let times = Family::<RouteLabel, Histogram, fn() -> Histogram>::new_with_constructor(histogram);
        let store_time = Family::<CallLabel, Histogram, fn() -> Histogram>::new_with_constructor(histogram);
        let (made, renewed, expired) = (Counter::default(), Counter::default(), Counter::default());
        let (ended, store_errors) =
            (Family::<ReasonLabel, Counter>::default(), Family::<CallLabel, Counter>::default());
        let live = Gauge::default();
        registry.register("requests", "Requests by route and status class", requests.clone());
        registry.register("request_seconds", "Time from the request head to the response", times.clone());
        registry.register("sessions_live", "Live sessions, counted at most every ten seconds", live.clone());
        registry.register("sessions_made", "Sessions created", made.clone());
        registry.register("sessions_renewed", "Sessions whose token was rotated", renewed.clone());
        registry.register("sessions_ended", "Sessions ended, by reason", ended.clone());
        registry.register("sessions_expired", "Expired sessions that were removed", expired.clone());
        registry.register(
            "store_seconds",
            "Time of store calls that did not return immediately",
            store_time.clone(),
        );
        registry.register("store_errors", "Failed store calls", store_errors.clone());
        let route_metrics = |route: &'static str| RouteMetrics {
            statuses: ["1xx", "2xx", "3xx", "4xx", "5xx"]
                .map(|status| requests.get_or_create(&RequestLabels { route, status }).clone()),
            time: times.get_or_create(&RouteLabel { route }).clone(),
        };
        let routes = ROUTES.iter().map(|route| route.path).chain([OTHER]).map(route_metrics).collect();
        Metrics {
            registry,
            routes,
            made,
            renewed,
            ended,
            expired,
            live,
            counted: Mutex::default(),
            store_time,
            store_errors,
        }
    }

    /// The index of a path's metrics.
    pub(super) fn route_of(path: &str) -> usize {
        routes::position(path).unwrap_or(ROUTES.len())
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
                self.ended.get_or_create(&ReasonLabel { reason: reason.name() }).inc();
            }
            Event::Expired { count, .. } => {
                self.expired.inc_by(*count as u64);
            }
            _ => {}
        }
    }

    pub(crate) fn store_called(&self, call: &'static str, took: Duration, is_ok: bool) {
        if !is_ok {
            self.store_errors.get_or_create(&CallLabel { call }).inc();
        }
        self.store_time.get_or_create(&CallLabel { call }).observe(took.as_secs_f64());
    }

    /// All metrics in the OpenMetrics format.
    pub(super) async fn text(&self, sessions: &Sessions) -> String {
        let is_due = {
            let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
            let is_due = counted.is_none_or(|at| at.elapsed() >= COUNT_INTERVAL);
            if is_due {
                *counted = Some(Instant::now());
            }
            is_due
        };
        if is_due && let Ok(Some(count)) = sessions.count().await {
            self.live.set(count.cast_signed());
        }
        let mut text = String::new();
        // Writing to a String does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}
