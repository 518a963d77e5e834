//! `serve`: runs the session server: settings from the arguments, then the application, then the listener.

mod application;
mod args;
mod listener;
mod settings;
mod store_watch;
mod weaken;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::net::TcpListener;

use sessctl::server::{Limits, Listener, Tls, serve};

use super::command::{Command, Context, Group};
use super::failure::{Failure, Outcome};
use super::signals::{Hangups, stop_signal};
use super::store;
use super::store_address::StoreAddress;
use crate::app::weaknesses::{WEAKNESSES, clear_text_service};
use crate::app::{self, App, Warn};
use crate::output::{Output, error_chain};
use application::application;
pub(super) use args::ServeArgs;
use listener::{exposure_of, listen, raise_descriptor_limit};
use settings::ServeSettings;
use weaken::Weaken;

/// How long open work may delay the end of the process.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

impl Command for ServeArgs {
    const NAME: &'static str = "serve";
    const GROUP: Group = Group::Server;
    const ABOUT: &'static str = "Run a session server";
    const EXAMPLES: &'static str = "  \
  sessctl serve                                  on http://127.0.0.1:8000
  sessctl serve -v --bind 127.0.0.1:0            a free port; a line per request
  sessctl serve --inspect                        with a live view of the traffic
  sessctl serve --store sqlite:sessions.db       sessions survive a restart
  sessctl serve --idle-timeout 5m --lifetime 1h  sessions that end sooner
  sessctl serve --users accounts.json --tls-cert cert.pem --tls-key key.pem";
    const SHARED_OPTIONS: &'static [&'static str] = &["verbose", "quiet", "color", "wait"];

    fn run(self, context: &Context, output: &mut Output) -> Outcome {
        store::reject_client_options(&context.client)?;
        if self.weaken.contains(&Weaken::List) {
            output.print(WEAKNESSES);
            return Ok(());
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.map_err(Failure::cannot("start the runtime"))?;
        let outcome = runtime.block_on(run_server(&self, context.client.wait, output));
        // Lets writes to the store finish before the store is closed.
        runtime.shutdown_timeout(CLOSE_TIMEOUT);
        outcome
    }
}

async fn run_server(args: &ServeArgs, wait: Option<Duration>, output: &mut Output) -> Outcome {
    let settings = ServeSettings::of(args).await?;
    let logs = args.log.is_some();
    let warn: Warn = Arc::new(output.operators_warnings(logs));
    let (weaknesses, wait) = (settings.weaknesses.as_ref(), wait.unwrap_or_default());
    let store = store::wait_for(&args.store, weaknesses, wait, &*warn).await?;
    let app = application(args, store, &settings, &warn, output)?;
    raise_descriptor_limit();
    // Before the line that says that the server listens: a script may send a signal right after it.
    let stop = stop_signal()?;
    let hangups = settings.tls.as_ref().map(|_| Hangups::register()).transpose()?;
    let listener = listen(&settings.addresses).map_err(|error| not_listening(&args.bind, &error))?;
    let admin = admin_listener(args, &settings)?;
    let address = address_of(&listener)?;
    let clear_text = weaken::clear_text_listener(weaknesses, address)?;
    if let Some(format) = args.log {
        output.start_log(format);
    }
    announce(output, &app, &settings, (address, admin.as_ref().map(address_of).transpose()?), logs);
    output.listening(address, settings.tls.is_some());
    files_with_secrets(args).filter_map(exposure_of).for_each(|warning| warn(&warning));
    store::exposed_password(&args.store).into_iter().for_each(|warning| warn(warning));
    let (sessions, inspector) = (app.sessions.clone(), app.inspector.clone());
    let stop = async move {
        stop.await;
        inspector.iter().for_each(|inspector| inspector.close());
    };
    let stop = stop.shared();
    let guard = app.guard.clone();
    if logs {
        Output::log_server("listening");
    }
    if let (Some(tls), Some(hangups)) = (settings.tls.clone(), hangups) {
        hangups.on_each(move || reload(&tls, logs, &warn));
    }
    let listener = match settings.tls {
        Some(tls) => Listener::over_tls(listener, tls).redirect_hosts(move |host| guard.serves(host)),
        None => Listener::from(listener),
    };
    let administration = async {
        if let Some(admin) = admin {
            serve(admin, app::admin_service(app.clone()), Limits::default(), stop.clone()).await;
        }
    };
    let clear_text_logins = async {
        if let Some(clear_text) = clear_text {
            let service = clear_text_service(address.port());
            serve(clear_text, service, Limits::default(), stop.clone()).await;
        }
    };
    let serving = serve(listener, app::service(app.clone()), Limits::default(), stop.clone());
    tokio::join!(serving, administration, clear_text_logins);
    // Changes of clients that disconnected may still be on their way to the store.
    let _ = tokio::time::timeout(CLOSE_TIMEOUT, sessions.settled()).await;
    if logs {
        Output::log_server("stopped");
    }
    Ok(())
}

/// Writes to stderr what is known before the server listens: scripts wait for the line on stdout, and then read these.
fn announce(
    output: &Output,
    app: &App,
    settings: &ServeSettings,
    (address, admin): (SocketAddr, Option<SocketAddr>),
    logs: bool,
) {
    if let Some(admin) = admin {
        output.administrating(admin, logs);
    }
    if let Some(inspector) = &app.inspector {
        output.inspecting(address, settings.tls.is_some(), inspector.path(), logs);
    }
    if let Some(weaknesses) = &app.weaknesses {
        output.weakened(&weaknesses.names(), logs);
    }
}

fn address_of(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener.local_addr().map_err(Failure::cannot("read the address of the listener"))
}

fn admin_listener(args: &ServeArgs, settings: &ServeSettings) -> Result<Option<TcpListener>, Failure> {
    let (Some(bind), Some(addresses)) = (&args.admin_bind, &settings.admin_addresses) else {
        return Ok(None);
    };
    listen(addresses).map(Some).map_err(|error| not_listening(bind, &error))
}

fn not_listening(bind: &str, error: &std::io::Error) -> Failure {
    let failure = Failure::failed(format!("cannot listen on {bind}: {error}"));
    match error.kind() {
        ErrorKind::AddrInUse => {
            failure.with_hint("another program uses this port; --bind 127.0.0.1:0 picks a free one")
        }
        _ => failure,
    }
}

/// The files that only their owner should be able to read.
fn files_with_secrets(args: &ServeArgs) -> impl Iterator<Item = &Path> {
    let store = match &args.store {
        StoreAddress::Sqlite(file) => Some(file),
        _ => None,
    };
    [store, args.users.as_ref(), args.tls_key.as_ref()].into_iter().flatten().map(PathBuf::as_path)
}

fn reload(tls: &Tls, logs: bool, warn: &Warn) {
    match tls.reload() {
        Ok(()) if logs => Output::log_server("certificate reloaded"),
        Ok(()) => {}
        Err(error) => warn(&format!("{}; the server keeps using the old certificate", error_chain(&error))),
    }
}
