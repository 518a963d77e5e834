//! What the commands that talk to a server share: the jar around the work, the runtime below it, the answer
//! in JSON after it.

use std::time::{Duration, Instant};

use url::Url;

use sessctl::client::history::{HistoryFile, Record};
use sessctl::client::{AgentConfig, Progress, UserAgent};
use sessctl::clock::SystemClock;
use sessctl::cookies::{JarFile, LastLogin};

use super::exit::{FINE, Failure, Outcome, survive_size_limit};
use super::profile;
use crate::cli::ClientArgs;
use crate::output::{NetworkDocument, Output};

/// A user agent with its jar's file.
pub(super) struct Client {
    pub(super) agent: UserAgent,
    pub(super) last_login: Option<LastLogin>,
    file: JarFile,
    /// What this command is called in the history, if there is one.
    command: &'static str,
    history: Option<HistoryFile>,
}

/// What a command has to say when all went well.
#[derive(Debug, Clone, Default)]
pub(super) struct Verdict {
    pub(super) reason: String,
    pub(super) evidence: Vec<String>,
}

impl Client {
    pub(super) fn open(
        command: &'static str,
        args: &ClientArgs,
        max_redirects: u32,
        progress: Option<Progress>,
    ) -> Result<Client, Failure> {
        let file = profile::jar_file(args)?;
        let history = profile::history_file(args)?;
        let (jar, last_login) = file.load(SystemClock)?;
        let mut config = AgentConfig::default();
        config.transport.ca_file.clone_from(&args.cacert);
        config.transport.insecure = args.insecure;
        config.transport.proxy.clone_from(&args.proxy);
        config.transport.resolve.clone_from(&args.resolve);
        config.timeout = args.timeout;
        config.wait = args.wait.unwrap_or_default();
        config.max_body = args.max_body;
        config.max_redirects = max_redirects;
        config.progress = progress;
        Ok(Client { agent: UserAgent::new(config, jar), last_login, file, command, history })
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

    /// Writes what happened into the history, and answers in JSON if that is wanted.
    pub(super) fn conclude(&self, outcome: Result<Verdict, Failure>, output: &mut Output) -> Outcome {
        let (code, verdict) = match &outcome {
            Ok(verdict) => (FINE, verdict.clone()),
            Err(failure) => (failure.code, Verdict { reason: failure.message.clone(), ..Verdict::default() }),
        };
        if output.is_json() {
            let Verdict { reason, evidence } = verdict.clone();
            output.answer_json(&NetworkDocument::new(code, reason, evidence, self.agent.flow()));
        }
        self.remember(code, verdict, output);
        outcome.map(drop)
    }

    /// Writes what happened into the history. A history that cannot be written changes no verdict.
    pub(super) fn remember(&self, exit: u8, verdict: Verdict, output: &Output) {
        let flow = self.agent.flow();
        let (Some(history), Some(first)) = (&self.history, flow.exchanges.first()) else { return };
        let Verdict { reason, evidence } = verdict;
        let command = self.command.to_owned();
        let record = Record { at: first.started, command, exit, reason, evidence, flow: flow.clone() };
        if let Err(error) = history.append(&record, output.reveals()) {
            output.warn(&format!("{:#}", anyhow::Error::from(error)));
        }
    }
}

/// A command that failed says why; that its cookies were not kept either must not go unsaid.
pub(super) fn warn_if_unsaved<T>(work: &Result<T, Failure>, saved: &Outcome, output: &Output) {
    if let (Err(_), Err(failure)) = (work, saved) {
        output.warn(&failure.message);
    }
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
