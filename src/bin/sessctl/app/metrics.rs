//! [`Metrics`]: requests by route, session events and store calls, for Prometheus.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::StatusCode;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Metric, Registry};

use sessctl::session::{Event, Sessions};

use super::routes::ROUTES;

/// OpenMetrics, the format that Prometheus prefers.
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The label of all paths that are not routes, so that requests cannot add labels.
const OTHER: &str = "other";

/// Upper bounds of the buckets in seconds: from a memory store to the timeout of a store call.
const BUCKETS: [f64; 12] =
    [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.25, 1.0, 2.5];

/// How often the live sessions are counted, which can be expensive for a store.
const COUNT_INTERVAL: Duration = Duration::from_secs(10);

/// A label: its name and its value.
type Label = (&'static str, &'static str);

type Histograms = Family<[Label; 1], Histogram, fn() -> Histogram>;

pub(crate) struct Metrics {
    registry: Registry,
    /// One for each route in the order of the table, then one for all other paths.
    routes: Vec<RouteMetrics>,
    live: Gauge,
    counted: Mutex<Option<Instant>>,
    made: Counter,
    renewed: Counter,
    ended: Family<[Label; 1], Counter>,
    expired: Counter,
    store_time: Histograms,
    store_errors: Family<[Label; 1], Counter>,
}

/// The metrics of one route. They are created at the start, so that a request needs no lookup by label.
struct RouteMetrics {
    /// By the first digit of the status.
    statuses: [Counter; 5],
    time: Histogram,
}

fn registered<M: Metric + Clone + Default>(registry: &mut Registry, name: &str, help: &str) -> M {
    let metric = M::default();
    registry.register(name, help, metric.clone());
    metric
}

fn histograms(registry: &mut Registry, name: &str, help: &str) -> Histograms {
    let histograms: Histograms = Family::new_with_constructor(|| Histogram::new(BUCKETS));
    registry.register(name, help, histograms.clone());
    histograms
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut all = Registry::with_prefix("sessctl");
        let requests: Family<[Label; 2], Counter> =
            registered(&mut all, "requests", "Requests by route and status class");
        let times = histograms(&mut all, "request_seconds", "Time from the request head to the response");
        let route_metrics = |route: &'static str| RouteMetrics {
            statuses: ["1xx", "2xx", "3xx", "4xx", "5xx"]
                .map(|status| requests.get_or_create(&[("route", route), ("status", status)]).clone()),
            time: times.get_or_create(&[("route", route)]).clone(),
        };
        Metrics {
            routes: ROUTES.iter().map(|route| route.path).chain([OTHER]).map(route_metrics).collect(),
            counted: Mutex::default(),
            live: registered(&mut all, "sessions_live", "Live sessions, counted at most every ten seconds"),
            made: registered(&mut all, "sessions_made", "Sessions created"),
            renewed: registered(&mut all, "sessions_renewed", "Sessions whose token was rotated"),
            ended: registered(&mut all, "sessions_ended", "Sessions ended, by reason"),
            expired: registered(&mut all, "sessions_expired", "Expired sessions that were removed"),
            store_time: histograms(
                &mut all,
                "store_seconds",
                "Time of store calls that did not return immediately",
            ),
            store_errors: registered(&mut all, "store_errors", "Failed store calls"),
            registry: all,
        }
    }

    /// The place of a path in the list of routes.
    pub(super) fn route_of(path: &str) -> usize {
        ROUTES.iter().position(|route| route.matches(path)).unwrap_or(ROUTES.len())
    }

    pub(super) fn answered(&self, route: usize, status: StatusCode, took: Duration) {
        let Some(route) = self.routes.get(route) else { return };
        let class = usize::from(status.as_u16() / 100).clamp(1, 5) - 1;
        route.statuses[class].inc();
        route.time.observe(took.as_secs_f64());
    }

    pub(crate) fn happened(&self, event: &Event) {
        match event {
            Event::Created { .. } => _ = self.made.inc(),
            Event::Rotated { .. } => _ = self.renewed.inc(),
            Event::Ended { reason, .. } => {
                self.ended.get_or_create(&[("reason", reason.name())]).inc();
            }
            Event::Expired { .. } => _ = self.expired.inc(),
            _ => {}
        }
    }

    pub(crate) fn store_called(&self, call: &'static str, took: Duration, is_ok: bool) {
        if !is_ok {
            self.store_errors.get_or_create(&[("call", call)]).inc();
        }
        self.store_time.get_or_create(&[("call", call)]).observe(took.as_secs_f64());
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
