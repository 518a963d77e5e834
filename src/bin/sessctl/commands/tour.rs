//! `tour`: a server of its own, and a walk through it.

use std::io::BufRead;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use url::Url;

use sessctl::clock::{Clock, ManualClock, SystemClock};
use sessctl::server::{Limits, serve};
use sessctl::session::Sessions;
use sessctl::stores::MemoryStore;
use sessctl::web::Guard;

use super::exit::{Failure, Outcome};
use super::language;
use crate::app::{self, App, Metrics};
use crate::cli::TourArgs;
use crate::output::Output;
use crate::texts::Texts;
use crate::tour::{StepKey, Tour};

/// How long the server may take to stop.
const CLOSING: Duration = Duration::from_secs(1);

/// The keys that end the tour: on a Korean keyboard one has another letter.
const ENDS: [&str; 2] = ["q", "ㅂ"];

pub(super) fn run(args: &TourArgs, output: &mut Output) -> Outcome {
    if output.is_json() {
        return Err(Failure::usage(
            "the tour is for people: it has no JSON; history --json has what commands did",
        ));
    }
    let texts = language::texts(&args.language);
    let waits = !args.auto && output.is_conversation();
    // With a thread of its own, so that the server also answers others while a person reads.
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let (url, mut tour) = runtime.block_on(begin(stopped))?;
    output.tour_begins(&texts, &url);
    let outcome = walk(&runtime, &mut tour, &texts, waits, output);
    drop(stop);
    runtime.shutdown_timeout(CLOSING);
    outcome
}

/// Starts a server on a free port of this machine, in memory alone.
async fn begin(stopped: oneshot::Receiver<()>) -> Result<(Url, Tour), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = Url::parse(&format!("http://{}/", listener.local_addr()?))?;
    let clock = Arc::new(ManualClock::new(SystemClock.now()));
    let sessions = Sessions::builder(MemoryStore::new()).clock(Arc::clone(&clock)).build()?;
    let app = App {
        sessions: sessions.clone(),
        guard: Guard::new(false, Some(Vec::new()), None),
        observer: None,
        proxy: None,
        metrics: Arc::new(Metrics::new()),
        accounts: None,
        clock: None,
        inspector: None,
    };
    let told = async {
        // The other end is dropped: that is the sign.
        let _ = stopped.await;
    };
    tokio::spawn(serve(listener, app::service(app), Limits::default(), told));
    Ok((url.clone(), Tour::new(url, sessions, clock)))
}

fn walk(runtime: &Runtime, tour: &mut Tour, texts: &Texts, waits: bool, output: &mut Output) -> Outcome {
    let mut steps = Vec::new();
    for key in StepKey::ALL {
        if waits && !goes_on(key, texts, output)? {
            return Ok(());
        }
        steps.push(runtime.block_on(tour.run(key))?);
        output.tour_step(texts, &steps);
    }
    output.tour_ends(texts);
    Ok(())
}

/// Waits for Enter. The end of the input is an end of the tour.
fn goes_on(next: StepKey, texts: &Texts, output: &mut Output) -> Result<bool, Failure> {
    output.tour_prompt(texts, next.number());
    let mut line = String::new();
    if std::io::stdin().lock().read_line(&mut line)? == 0 {
        output.tour_input_ended();
        return Ok(false);
    }
    let word = line.trim().to_lowercase();
    Ok(!ENDS.contains(&word.as_str()))
}
