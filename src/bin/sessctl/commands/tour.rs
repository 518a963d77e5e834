//! `tour`: starts a server on a free port, and walks through a whole session with it.

use std::io::BufRead;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use url::Url;

use sessctl::clock::{Clock, ManualClock, SystemClock};
use sessctl::server::{Limits, serve};
use sessctl::session::{SessionConfig, Sessions};
use sessctl::stores::MemoryStore;
use sessctl::web::Guard;

use super::command::{Command, Context, Group};
use super::failure::{Failure, Outcome};
use crate::app::{self, App, Metrics};
use crate::output::Output;
use crate::texts::Texts;
use crate::tour::{StepKey, Tour};

/// How long the server may take to stop.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// The keys that end the tour: q, and the letter on the same key of a Korean keyboard.
const QUIT_KEYS: [&str; 2] = ["q", "ㅂ"];

#[derive(Debug, Args)]
pub(super) struct TourArgs {
    /// Do not wait between steps
    #[arg(long)]
    auto: bool,
}

impl Command for TourArgs {
    const NAME: &'static str = "tour";
    const GROUP: Group = Group::Start;
    const ABOUT: &'static str = "Learn how a session works, step by step";
    const DETAILS: Option<&'static str> = Some(
        "Learn how a session works, step by step. The tour starts a server on a free port and shows each request, each \
         response and what they change. Without a terminal, it does not wait between steps.",
    );
    const EXAMPLES: &'static str = "  \
  sessctl tour                                   Enter continues, q quits
  sessctl tour --lang ko                         in Korean
  sessctl tour --auto > tour.txt                 all steps at once";
    const SHARED_OPTIONS: &'static [&'static str] = &["reveal", "color", "lang"];

    fn run(self, _: &Context, output: &mut Output) -> Outcome {
        if output.is_json() {
            return Err(Failure::usage(
                "the tour has no JSON output; history --json prints what commands sent and received",
            ));
        }
        let texts = output.texts;
        let waits = !self.auto && output.is_conversation();
        // The server has its own thread, so that it also answers other clients while the user reads.
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(Failure::cannot("start the runtime"))?;
        let (stop, stopped) = oneshot::channel::<()>();
        let (url, mut tour) = runtime.block_on(start(stopped))?;
        output.tour_begins(&texts, &url);
        let outcome = walk(&runtime, &mut tour, &texts, waits, output);
        drop(stop);
        runtime.shutdown_timeout(CLOSE_TIMEOUT);
        outcome
    }
}

/// Starts a server with a memory store on a free port.
async fn start(stopped: oneshot::Receiver<()>) -> Result<(Url, Tour), Failure> {
    let listen = async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        std::io::Result::Ok((listener, address))
    };
    let (listener, address) = listen.await.map_err(Failure::cannot("listen on 127.0.0.1"))?;
    let url = Url::parse(&format!("http://{address}/")).map_err(Failure::cannot("build the server's URL"))?;
    let clock = Arc::new(ManualClock::new(SystemClock.now()));
    let sessions = Sessions::builder(MemoryStore::new())
        .config(SessionConfig::development())
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
        weaknesses: None,
    };
    let stop = async {
        // The sender is dropped to stop the server.
        let _ = stopped.await;
    };
    tokio::spawn(serve(listener, app::service(app), Limits::default(), stop));
    Ok((url.clone(), Tour::new(url, sessions, clock)))
}

fn walk(runtime: &Runtime, tour: &mut Tour, texts: &Texts, waits: bool, output: &mut Output) -> Outcome {
    let mut steps = Vec::new();
    for key in StepKey::ALL {
        if waits && !continues(key, texts, output)? {
            return Ok(());
        }
        steps.push(runtime.block_on(tour.run(key))?);
        output.tour_step(texts, &steps);
    }
    output.tour_ends(texts);
    Ok(())
}

/// Waits for Enter. The end of the input ends the tour.
fn continues(next: StepKey, texts: &Texts, output: &mut Output) -> Result<bool, Failure> {
    output.tour_prompt(texts, next.number());
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    if read.map_err(Failure::cannot("read standard input"))? == 0 {
        output.tour_input_ended();
        return Ok(false);
    }
    let word = line.trim().to_lowercase();
    Ok(!QUIT_KEYS.contains(&word.as_str()))
}
