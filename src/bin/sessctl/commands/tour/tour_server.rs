//! [`TourServer`]: a server with a memory store on a free port, as long as a tour or a part of a lesson takes.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use url::Url;

use sessctl::clock::{Clock, ManualClock, SystemClock};
use sessctl::server::{Limits, serve};
use sessctl::session::{SessionConfig, Sessions};
use sessctl::stores::MemoryStore;
use sessctl::web::Guard;

use crate::app::weaknesses::{Weaknesses, sessions_builder};
use crate::app::{self, App, Metrics};
use crate::commands::failure::Failure;

/// How long the server may take to stop.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct TourServer {
    pub(super) runtime: Runtime,
    pub(super) url: Url,
    pub(super) sessions: Sessions,
    pub(super) clock: Arc<ManualClock>,
    stop: oneshot::Sender<()>,
}

impl TourServer {
    pub(super) fn start(weaknesses: Option<Arc<Weaknesses>>) -> Result<Self, Failure> {
        // The server has its own thread, so that it also answers other clients while the user reads.
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(Failure::cannot("start the runtime"))?;
        let (stop, stopped) = oneshot::channel::<()>();
        let (url, sessions, clock) = runtime.block_on(listen(weaknesses, stopped))?;
        Ok(TourServer { runtime, url, sessions, clock, stop })
    }

    pub(super) fn stop(self) {
        drop(self.stop);
        self.runtime.shutdown_timeout(CLOSE_TIMEOUT);
    }
}

async fn listen(
    weaknesses: Option<Arc<Weaknesses>>,
    stopped: oneshot::Receiver<()>,
) -> Result<(Url, Sessions, Arc<ManualClock>), Failure> {
    let listen = async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        std::io::Result::Ok((listener, address))
    };
    let (listener, address) = listen.await.map_err(Failure::cannot("listen on 127.0.0.1"))?;
    let url = Url::parse(&format!("http://{address}/")).map_err(Failure::cannot("build the server's URL"))?;
    let clock = Arc::new(ManualClock::new(SystemClock.now()));
    let config = SessionConfig::development();
    let config = weaknesses.as_ref().map_or_else(|| config.clone(), |it| it.weaken_config(config.clone()));
    let sessions = sessions_builder(MemoryStore::new(), weaknesses.as_ref())
        .config(config)
        .clock(Arc::clone(&clock))
        .build()?;
    let app = App {
        sessions: sessions.clone(),
        guard: Guard::new(false, Some(Vec::new()), None),
        observer: None,
        proxy: None,
        warn: Arc::new(|_| {}),
        metrics: Arc::new(Metrics::new()),
        accounts: None,
        clock: None,
        inspector: None,
        weaknesses,
    };
    let stop = async {
        // The sender is dropped to stop the server.
        let _ = stopped.await;
    };
    tokio::spawn(serve(listener, app::service(app), Limits::default(), stop));
    Ok((url, sessions, clock))
}
