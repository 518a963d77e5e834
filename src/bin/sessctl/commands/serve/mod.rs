//! `serve`: the application behind the hardened listener.

mod listener;
mod signals;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use url::Url;

use sessctl::clock::{OffsetClock, SystemClock};
use sessctl::server::{Limits, Listener, Tls, serve};
use sessctl::session::SessionConfig;
use sessctl::web::{Guard, TrustedProxies};

use super::exit::{Failure, Outcome, survive_size_limit};
use super::store;
use crate::app::accounts::{Accounts, AccountsError};
use crate::app::{self, App, Inspector, Metrics, Observer, ProxyConfig};
use crate::cli::{ServeArgs, StoreAddress};
use crate::output::Output;
use listener::{addresses_of, exposure_of, listen, raise_descriptor_limit, tls_of};
use signals::{Hangups, told_to_stop};

/// How long closing may take.
const CLOSING: Duration = Duration::from_secs(2);

pub(super) fn run(args: &ServeArgs, output: &mut Output) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(serve_until_told(args, output));
    // Whoever still writes to a store has its time; then the store is closed in good order.
    runtime.shutdown_timeout(CLOSING);
    outcome
}

async fn serve_until_told(args: &ServeArgs, output: &mut Output) -> Outcome {
    let (addresses, is_local) = addresses_of(args).await?;
    refuse_what_is_for_this_machine_alone(args, is_local)?;
    let tls = tls_of(args)?;
    let proxying = proxying_of(args, tls.is_some())?;
    let config = SessionConfig::default()
        .cookie_name(&args.cookie_name)
        .secure(args.secure || proxying.is_some() || tls.is_some())
        .idle_timeout(args.idle_timeout)
        .lifetime(args.lifetime)
        .max_per_user(args.max_sessions_per_user.map(|max| max as usize));
    let warn: Arc<dyn Fn(&str) + Send + Sync> = Arc::new(output.operators_warnings(args.log.is_some()));
    let clock = Arc::new(OffsetClock::new(SystemClock));
    let accounts = accounts_of(args, &clock, &warn)?;
    let (metrics, logs) = (Arc::new(Metrics::new()), args.log.is_some());
    let (counts, calls) = (Arc::clone(&metrics), Arc::clone(&metrics));
    let inspector = args.inspect.then(|| Inspector::new(Arc::clone(&clock)).map(Arc::new)).transpose()?;
    let shown = inspector.clone();
    let builder = store::builder(&args.store).await?.config(&config).clock(Arc::clone(&clock));
    let builder = builder
        .on_event(move |event| {
            counts.happened(event);
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
        });
    let builder = match accounts.clone() {
        Some(accounts) => builder.admission(move |record| accounts.admits(record)),
        None => builder,
    };
    let sessions = builder.build().map_err(|error| Failure::usage(error.to_string()))?;
    raise_descriptor_limit();
    survive_size_limit();
    // Before anybody hears that it listens.
    let (stop, hangups) = (told_to_stop()?, tls.as_ref().map(|_| Hangups::begin()).transpose()?);
    let listener = listen(&addresses).with_context(|| format!("cannot listen on {}", args.bind))?;
    let observer = match args.log {
        Some(format) => {
            output.start_log(format);
            Some(Observer(Arc::new(Output::log_access)))
        }
        None => output.is_verbose().then(|| Observer(Arc::new(output.access_log()))),
    };
    let address = listener.local_addr()?;
    if let Some(inspector) = &inspector {
        // Whoever has waited for the line on stdout finds this one there already.
        output.inspecting(address, tls.is_some(), inspector.path(), logs);
    }
    output.listening(address, tls.is_some());
    files_with_secrets(args).filter_map(exposure_of).for_each(|warning| warn(&warning));
    store::shown_password(&args.store).into_iter().for_each(|warning| warn(warning));
    let mut hosts = args.hosts.clone();
    hosts.extend(args.public_url.as_ref().and_then(Url::host_str).map(str::to_owned));
    let hosts = (is_local || !hosts.is_empty()).then_some(hosts);
    let guard = Guard::new(config.secure, hosts, proxying.as_ref().and_then(|it| it.public.clone()));
    let clock = args.time_travel.then_some(clock);
    let stop = {
        let inspector = inspector.clone();
        async move {
            stop.await;
            inspector.iter().for_each(|inspector| inspector.close());
        }
    };
    let app = App {
        sessions: sessions.clone(),
        guard,
        observer,
        proxy: proxying,
        metrics,
        accounts,
        clock,
        inspector,
    };
    if logs {
        Output::log_server("listening");
    }
    let listener = match tls {
        Some(tls) => {
            let renewed = tls.clone();
            if let Some(hangups) = hangups {
                hangups.with_each(move || read_again(&renewed, logs, &warn));
            }
            Listener::over_tls(listener, tls)
        }
        None => Listener::from(listener),
    };
    serve(listener, app::service(app), Limits::default(), stop).await;
    // Clients that have hung up meanwhile may have left something half done.
    let _ = tokio::time::timeout(CLOSING, sessions.settled()).await;
    if logs {
        Output::log_server("stopped");
    }
    Ok(())
}

/// Where everybody may log in as anybody, move the clock or look on, nobody from elsewhere may come.
fn refuse_what_is_for_this_machine_alone(args: &ServeArgs, is_local: bool) -> Outcome {
    if !is_local && args.users.is_none() && !args.open_to_anyone {
        return Err(Failure::usage(format!(
            "--bind {} can be reached from elsewhere, where anybody could log in as anybody: --users FILE asks for \
             passwords; --open-to-anyone says that this is meant",
            args.bind
        )));
    }
    if !is_local && args.time_travel {
        return Err(Failure::usage(format!(
            "--bind {} can be reached from elsewhere, where anybody could move the clock: --time-travel is for this machine alone",
            args.bind
        )));
    }
    if !is_local && args.inspect {
        return Err(Failure::usage(format!(
            "--bind {} can be reached from elsewhere, where anybody could look on: --inspect is for this machine alone",
            args.bind
        )));
    }
    Ok(())
}

fn accounts_of(
    args: &ServeArgs,
    clock: &Arc<OffsetClock<SystemClock>>,
    warn: &Arc<dyn Fn(&str) + Send + Sync>,
) -> Result<Option<Arc<Accounts>>, Failure> {
    let Some(file) = &args.users else { return Ok(None) };
    let warn = Arc::clone(warn);
    let on_trouble = move |trouble: Option<&AccountsError>| match trouble {
        Some(error) => warn(&format!("{error}; the accounts stay as they were read before")),
        None => warn("the accounts can be read again"),
    };
    Ok(Some(Arc::new(Accounts::open(file, Arc::clone(clock), on_trouble)?)))
}

/// The files that hold what nobody else should see.
fn files_with_secrets(args: &ServeArgs) -> impl Iterator<Item = &Path> {
    let store = match &args.store {
        StoreAddress::Sqlite(file) => Some(file),
        _ => None,
    };
    [store, args.users.as_ref(), args.tls_key.as_ref()].into_iter().flatten().map(PathBuf::as_path)
}

fn read_again(tls: &Tls, logs: bool, warn: &Arc<dyn Fn(&str) + Send + Sync>) {
    match tls.reload() {
        Ok(()) if logs => Output::log_server("certificate read again"),
        Ok(()) => {}
        Err(error) => warn(&format!(
            "{:#}; the server goes on with the certificate that it has",
            anyhow::Error::from(error)
        )),
    }
}

/// What the arguments say of proxies.
fn proxying_of(args: &ServeArgs, own_tls: bool) -> Result<Option<ProxyConfig>, Failure> {
    if args.trust_proxy.is_empty() {
        return Ok(None);
    }
    let proxies = TrustedProxies::parse(args.trust_proxy.iter().map(String::as_str));
    let proxies = proxies.map_err(|error| Failure::usage(format!("--trust-proxy: {error}")))?;
    let public = args.public_url.as_ref().map(|url| url.origin().ascii_serialization());
    Ok(Some(ProxyConfig { proxies, public, own_tls }))
}
