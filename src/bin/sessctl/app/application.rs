//! [`App`]: what the application needs from its caller.

use std::sync::Arc;

use sessctl::clock::{OffsetClock, SystemClock};
use sessctl::session::Sessions;
use sessctl::web::Guard;

use super::access_log::Observer;
use super::accounts::Accounts;
use super::inspect::Inspector;
use super::metrics::Metrics;
use super::proxy::ProxyConfig;
use super::weaknesses::Weaknesses;

/// Warns the operator of the server, in the log if there is one.
pub(crate) type Warn = Arc<dyn Fn(&str) + Send + Sync>;

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) sessions: Sessions,
    pub(crate) guard: Guard,
    /// Called for every request.
    pub(crate) observer: Option<Observer>,
    pub(crate) proxy: Option<ProxyConfig>,
    pub(crate) warn: Warn,
    pub(crate) metrics: Arc<Metrics>,
    /// `None`: any name logs in, without a password.
    pub(crate) accounts: Option<Arc<Accounts>>,
    /// The clock, if `POST /clock/advance` may advance it.
    pub(crate) clock: Option<Arc<OffsetClock<SystemClock>>>,
    pub(crate) inspector: Option<Arc<Inspector>>,
    /// The faults of `--weaken`.
    pub(crate) weaknesses: Option<Arc<Weaknesses>>,
}
