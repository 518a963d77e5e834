//! `serve`: runs the session server: settings from the arguments, then the application, then the listener.

mod application;
mod args;
mod listener;
mod settings;
mod signals;
mod store_watch;
mod weaken;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::net::TcpListener;

use sessctl::server::{Limits, Listener, Tls, serve};

use super::command::{Command, Context, Group};
use super::failure::{Failure, Outcome};
use super::store;
use super::store_address::StoreAddress;
use crate::app::weaknesses::WEAKNESSES;
use crate::app::{self, Warn};
use crate::output::{Output, error_chain};
use application::application;
pub(super) use args::ServeArgs;
use listener::{exposure_of, listen, raise_descriptor_limit};
use settings::ServeSettings;
use signals::{Hangups, stop_signal};
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
    let store =
        store::wait_for(&args.store, settings.weaknesses.as_ref(), wait.unwrap_or_default(), &*warn).await?;
    let app = application(args, store, &settings, &warn, output)?;
    raise_descriptor_limit();
    // Before the line that says that the server listens: a script may send a signal right after it.
    let stop = stop_signal()?;
    let hangups = settings.tls.as_ref().map(|_| Hangups::register()).transpose()?;
    let listener = listen(&settings.addresses).map_err(|error| not_listening(&args.bind, &error))?;
    let admin = admin_listener(args, &settings)?;
    let address = listener.local_addr().map_err(Failure::cannot("read the address of the listener"))?;
    if let Some(format) = args.log {
        output.start_log(format);
    }
    if let Some(admin) = &admin {
        // Before the line on stdout, too.
        output.administrating(
            admin.local_addr().map_err(Failure::cannot("read the address of the listener"))?,
            logs,
        );
    }
    if let Some(inspector) = &app.inspector {
        // Before the line on stdout, for scripts that wait for that line and then read this one.
        output.inspecting(address, settings.tls.is_some(), inspector.path(), logs);
    }
    if let Some(weaknesses) = &app.weaknesses {
        // Before the line on stdout, too.
        output.weakened(&weaknesses.names(), logs);
    }
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
    let listener = match settings.tls {
        Some(tls) => {
            let renewed = tls.clone();
            if let Some(hangups) = hangups {
                hangups.on_each(move || reload(&renewed, logs, &warn));
            }
            Listener::over_tls(listener, tls).redirect_hosts(move |host| guard.serves(host))
        }
        None => Listener::from(listener),
    };
    let administration = async {
        if let Some(admin) = admin {
            serve(admin, app::admin_service(app.clone()), Limits::default(), stop.clone()).await;
        }
    };
    tokio::join!(serve(listener, app::service(app.clone()), Limits::default(), stop.clone()), administration);
    // Changes of clients that disconnected may still be on their way to the store.
    let _ = tokio::time::timeout(CLOSE_TIMEOUT, sessions.settled()).await;
    if logs {
        Output::log_server("stopped");
    }
    Ok(())
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
