//! Builds the application with everything that observes it: logs, metrics, inspector, accounts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sessctl::clock::{OffsetClock, SystemClock};
use sessctl::session::{Event, SessionsBuilder};

use super::args::ServeArgs;
use super::settings::ServeSettings;
use super::store_watch::StoreWatch;
use crate::app::accounts::{Accounts, AccountsError};
use crate::app::weaknesses::{Weakness, forgetful};
use crate::app::{App, Inspector, Metrics, Observer, Warn};
use crate::commands::failure::Failure;
use crate::output::Output;

/// The warning for [`Event::Ambiguous`], once.
const SEVERAL_SESSIONS: &str = "a request had two session cookies that open different sessions, so it was treated as \
     anonymous: another application on a parent domain or path sets a cookie with the same name; choose another one with \
     --cookie-name, or use TLS, where the name begins with __Host-";

pub(super) fn application(
    args: &ServeArgs,
    store: SessionsBuilder,
    settings: &ServeSettings,
    warn: &Warn,
    output: &Output,
) -> Result<App, Failure> {
    let clock = Arc::new(OffsetClock::new(SystemClock));
    let accounts = accounts(args, settings, &clock, warn)?;
    let (metrics, logs) = (Arc::new(Metrics::new()), args.log.is_some());
    let (ambiguous, has_warned) = (Arc::clone(warn), AtomicBool::new(false));
    let (counts, calls) = (Arc::clone(&metrics), Arc::clone(&metrics));
    let inspector =
        args.inspect.then(|| Inspector::new(Arc::clone(&clock), settings.guard.tls).map(Arc::new));
    let inspector =
        inspector.transpose().map_err(Failure::cannot("create the secret URL of the inspector"))?;
    let shown = inspector.clone();
    let watch = (!logs).then(|| StoreWatch::new(warn));
    let builder = store.config(settings.session.clone()).clock(Arc::clone(&clock));
    let builder = builder
        .on_event(move |event| {
            counts.happened(event);
            if matches!(event, Event::Ambiguous { .. }) && !has_warned.swap(true, Ordering::Relaxed) {
                ambiguous(SEVERAL_SESSIONS);
            }
            shown.iter().for_each(|inspector| inspector.happened(event));
            if logs {
                Output::log_event(event);
            }
        })
        .on_store_call(move |call, took, outcome| {
            calls.store_called(call, took, outcome.is_ok());
            if let (true, Err(error)) = (logs, outcome) {
                Output::log_store_failure(call, took, error);
            }
            watch.iter().for_each(|watch| watch.called(call, outcome));
        });
    let builder = match accounts.clone() {
        Some(accounts) => builder.admission(move |record| std::future::ready(Ok(accounts.admits(&record)))),
        None => builder,
    };
    let observer: Option<Observer> = match args.log {
        Some(_) => Some(Arc::new(Output::log_access)),
        None if output.is_verbose() => Some(Arc::new(output.access_log())),
        None => None,
    };
    Ok(App {
        sessions: builder.build()?,
        guard: settings.guard.clone(),
        observer,
        proxy: settings.proxy.clone(),
        warn: Arc::clone(warn),
        metrics,
        accounts,
        clock: args.time_travel.then_some(clock),
        inspector,
        weaknesses: settings.weaknesses.clone(),
    })
}

fn accounts(
    args: &ServeArgs,
    settings: &ServeSettings,
    clock: &Arc<OffsetClock<SystemClock>>,
    warn: &Warn,
) -> Result<Option<Arc<Accounts>>, Failure> {
    let Some(file) = &args.users else { return Ok(None) };
    let warn = Arc::clone(warn);
    let on_trouble = move |trouble: Option<&AccountsError>| match trouble {
        Some(error) => warn(&format!("{error}; the accounts that were read before stay valid")),
        None => warn("the accounts file is readable again"),
    };
    let clock = Arc::clone(clock);
    let is_throttled = settings.weaknesses.as_ref().is_none_or(|it| !it.has(Weakness::NoThrottling));
    let accounts = match is_throttled {
        true => Accounts::open(file, clock, on_trouble),
        false => Accounts::open(file, forgetful(clock), on_trouble),
    };
    Ok(Some(Arc::new(accounts?)))
}
