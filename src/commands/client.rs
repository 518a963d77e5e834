//! What the commands that talk to a server share: the jar around the work, the runtime below it, the answer
//! in JSON after it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use url::Url;

use sessctl::client::jar::{JarFile, LastLogin};
use sessctl::client::{AgentConfig, Progress, TransportConfig, UserAgent};
use sessctl::clock::SystemClock;

use super::exit::{FINE, Failure, Outcome};
use super::profile;
use crate::cli::ClientArgs;
use crate::output::{NetworkDocument, Output};

/// A user agent with its jar's file.
pub(super) struct Client {
    pub(super) agent: UserAgent,
    pub(super) last_login: Option<LastLogin>,
    file: JarFile,
}

/// What a command has to say when all went well.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    pub(super) reason: String,
    pub(super) evidence: Vec<String>,
}

impl Client {
    pub(super) fn open(
        args: &ClientArgs,
        max_redirects: u32,
        progress: Option<Progress>,
    ) -> Result<Client, Failure> {
        let file = profile::jar_file(args)?;
        let (jar, last_login) = file.load(SystemClock)?;
        let config = AgentConfig {
            transport: TransportConfig {
                ca_file: args.cacert.clone(),
                insecure: args.insecure,
                proxy: args.proxy.clone(),
                resolve: args.resolve.clone(),
            },
            timeout: args.timeout,
            wait: args.wait.unwrap_or_default(),
            max_body: args.max_body,
            max_redirects,
            progress,
        };
        Ok(Client { agent: UserAgent::new(config, jar), last_login, file })
    }

    /// The server that paths are of.
    pub(super) fn base(&self, args: &ClientArgs) -> Result<Url, Failure> {
        profile::base_url(args, self.last_login.as_ref())
    }

    /// Writes the cookies that came, and where a login ended.
    pub(super) fn save(&self, login: Option<LastLogin>) -> Outcome {
        survive_size_limit();
        // A command that ran out of time still keeps its cookies, if the lock is free at once.
        let deadline = self.agent.deadline().max(Instant::now() + Duration::from_millis(100));
        Ok(self.file.save(self.agent.jar(), login, deadline)?)
    }

    /// Shows the exchanges to those who asked, and answers in JSON if that is wanted.
    pub(super) fn conclude(&self, outcome: Result<Verdict, Failure>, output: &mut Output) -> Outcome {
        if output.is_json() {
            let (code, verdict) = match &outcome {
                Ok(verdict) => (FINE, (verdict.reason.clone(), verdict.evidence.clone())),
                Err(failure) => (failure.code, (failure.message.clone(), Vec::new())),
            };
            output.answer_json(&NetworkDocument::new(code, verdict.0, verdict.1, self.agent.flow()));
        }
        outcome.map(drop)
    }
}

/// A command that failed says why; that its cookies were not kept either must not go unsaid.
pub(super) fn warn_if_unsaved<T>(work: &Result<T, Failure>, saved: &Outcome, output: &Output) {
    if let (Err(_), Err(failure)) = (work, saved) {
        output.warn(&failure.message);
    }
}

/// At its file size limit a process is killed unless it handles the signal; then the write fails, and that can
/// be told.
pub(super) fn survive_size_limit() {
    const SIGXFSZ: i32 = 25;
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::default());
}

/// Runs `work` to its end on this thread.
///
/// # Errors
/// Those of `work`, and when the operating system gives no runtime.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = runtime.block_on(work);
    // A name that is still being looked up must not hold up the end.
    runtime.shutdown_background();
    outcome
}
