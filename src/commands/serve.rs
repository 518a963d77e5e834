//! `serve`: the application behind the hardened listener.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::{SignalKind, signal};
use url::Url;

use sessctl::clock::{MovedClock, SystemClock};
use sessctl::server::{Limits, serve};
use sessctl::session::SessionConfig;
use sessctl::web::{Guard, TrustedProxies};

use super::exit::{Failure, Outcome, survive_size_limit};
use super::store;
use crate::app::accounts::Accounts;
use crate::app::{self, App, Metrics, Observer, Proxying};
use crate::cli::ServeArgs;
use crate::output::Output;

/// How long closing may take.
const CLOSING: Duration = Duration::from_secs(2);

/// How many clients may knock at once; the operating system may allow fewer.
const BACKLOG: u32 = 4096;

pub(super) fn run(args: &ServeArgs, output: &mut Output) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(serve_until_told(args, output));
    // Whoever still writes to a store has its time; then the store is closed in good order.
    runtime.shutdown_timeout(CLOSING);
    outcome
}

async fn serve_until_told(args: &ServeArgs, output: &mut Output) -> Outcome {
    let addresses: Vec<SocketAddr> = tokio::net::lookup_host(&args.bind)
        .await
        .map_err(|error| Failure::usage(format!("--bind {}: {error}; write ADDRESS:PORT", args.bind)))?
        .collect();
    let is_local = addresses.iter().all(|address| address.ip().is_loopback());
    if !is_local && args.users.is_none() && !args.open_to_anyone {
        return Err(Failure::usage(format!(
            "--bind {} can be reached from elsewhere, where anybody could log in as anybody: --users FILE asks for \
             passwords; --open-to-anyone says that this is meant",
            args.bind
        )));
    }
    let proxying = proxying_of(args)?;
    let config = SessionConfig {
        cookie_name: args.cookie_name.clone(),
        secure: args.secure || proxying.is_some(),
        idle_timeout: args.idle_timeout,
        lifetime: args.lifetime,
        max_per_user: args.max_sessions_per_user.map(|most| most as usize),
        ..SessionConfig::default()
    };
    if args.time_travel && !is_local {
        return Err(Failure::usage(format!(
            "--bind {} can be reached from elsewhere, where anybody could move the clock: --time-travel is for this machine alone",
            args.bind
        )));
    }
    let clock = Arc::new(MovedClock::new(SystemClock));
    let accounts = match &args.users {
        Some(file) => Some(Arc::new(Accounts::open(file, Arc::clone(&clock))?)),
        None => None,
    };
    let (metrics, logs) = (Arc::new(Metrics::new()), args.log.is_some());
    let (counts, calls) = (Arc::clone(&metrics), Arc::clone(&metrics));
    let builder = store::builder(&args.store)?.config(&config).clock(Arc::clone(&clock));
    let builder = builder
        .on_event(move |event| {
            counts.happened(event);
            if logs {
                Output::log_event(event);
            }
        })
        .on_store_call(move |call, took, did| {
            calls.store_called(call, took, did);
            if logs && !did {
                Output::log_store_failure(call, took);
            }
        });
    let builder = match accounts.clone() {
        Some(accounts) => builder.admission(move |record| accounts.admits(record)),
        None => builder,
    };
    let sessions = builder.build().map_err(|error| Failure::usage(error.to_string()))?;
    raise_descriptor_limit();
    survive_size_limit();
    let stop = told_to_stop()?;
    let listener = listen(&addresses).with_context(|| format!("cannot listen on {}", args.bind))?;
    output.listening(listener.local_addr()?);
    let observer = match args.log {
        Some(format) => {
            output.start_log(format);
            Some(Observer(Arc::new(Output::log_access)))
        }
        None => output.is_verbose().then(|| Observer(Arc::new(output.access_log()))),
    };
    let mut hosts = args.hosts.clone();
    hosts.extend(args.public_url.as_ref().and_then(Url::host_str).map(str::to_owned));
    let guard = Guard {
        tls: config.secure,
        hosts: (is_local || !hosts.is_empty()).then_some(hosts),
        origin: proxying.as_ref().and_then(|proxying| proxying.public.clone()),
    };
    let clock = args.time_travel.then_some(clock);
    let app = App { sessions, guard, observer, proxying, metrics, accounts, clock };
    if logs {
        Output::log_server("listening");
    }
    serve(listener, app::service(app), Limits::default(), stop).await;
    if logs {
        Output::log_server("stopped");
    }
    Ok(())
}

/// What the arguments say of proxies.
fn proxying_of(args: &ServeArgs) -> Result<Option<Proxying>, Failure> {
    if args.trust_proxy.is_empty() {
        return Ok(None);
    }
    let proxies = TrustedProxies::parse(args.trust_proxy.iter().map(String::as_str));
    let proxies = proxies.map_err(|error| Failure::usage(format!("--trust-proxy: {error}")))?;
    let public = args.public_url.as_ref().map(|url| url.origin().ascii_serialization());
    Ok(Some(Proxying { proxies, public }))
}

/// Listens on the first of the addresses that can be had.
fn listen(addresses: &[SocketAddr]) -> std::io::Result<TcpListener> {
    let mut refused = std::io::ErrorKind::AddrNotAvailable.into();
    for address in addresses {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // A port may be used again at once after a restart.
        socket.set_reuseaddr(true)?;
        match socket.bind(*address).and_then(|()| socket.listen(BACKLOG)) {
            Ok(listener) => return Ok(listener),
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

/// A connection takes a descriptor, and the usual limit is far below that of connections. As far as it can be
/// raised it is; beyond that the listener makes room by itself.
fn raise_descriptor_limit() {
    let _ = rlimit::increase_nofile_limit(u64::MAX);
}

/// Ends with the first SIGTERM or SIGINT.
fn told_to_stop() -> Result<impl Future<Output = ()>, Failure> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
