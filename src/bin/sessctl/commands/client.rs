//! [`Client`]: what the commands that send requests share: the jar before and after, the history, the verdict.

use std::time::{Duration, Instant};

use sessctl::client::http::Progress;
use sessctl::client::profile::history::{HistoryEntry, HistoryFile};
use sessctl::client::{AgentConfig, UserAgent};
use sessctl::clock::SystemClock;
use sessctl::cookies::{JarFile, LastLogin};
use url::Url;

use super::client_options::ClientArgs;
use super::exit::Exit;
use super::failure::{Failure, Outcome};
use super::verdict_kind::VerdictKind;
use crate::json::Json;
use crate::output::{NetworkDocument, Output, StatusFacts, error_chain};
use crate::texts::Message;

/// The redirects that browsers follow.
pub(super) const MAX_REDIRECTS: u32 = 20;

/// A user agent, and the files that keep its state.
pub(super) struct Client {
    pub(super) agent: UserAgent,
    pub(super) last_login: Option<LastLogin>,
    file: JarFile,
    /// The name of this command in the history.
    command: &'static str,
    history: Option<HistoryFile>,
}

/// How a command ended, and why.
#[derive(Debug, Clone, Default)]
pub(super) struct Conclusion {
    pub(super) kind: VerdictKind,
    pub(super) reason: Message,
    pub(super) evidence: Vec<Message>,
    /// What the command extracted from the response.
    pub(super) values: Vec<Json>,
}

impl Client {
    pub(super) fn open(
        command: &'static str,
        args: &ClientArgs,
        max_redirects: u32,
        progress: Option<Progress>,
    ) -> Result<Client, Failure> {
        let file = args.jar_file()?;
        let history = args.history_file()?;
        let (jar, last_login) = file.load(SystemClock)?;
        let mut config = agent_config(args);
        config.max_redirects = max_redirects;
        config.progress = progress;
        let mut agent = UserAgent::new(config, jar);
        if let Some(tokens) = args.token_file()? {
            agent.keep_tokens_in(tokens)?;
        }
        Ok(Client { agent, last_login, file, command, history })
    }

    /// Saves the cookies and tokens that were received, and the page on which a login ended.
    pub(super) fn save(&self, login: Option<LastLogin>) -> Outcome {
        // A command that timed out still saves its cookies, if the lock is free.
        let deadline = self.agent.deadline().max(Instant::now() + Duration::from_millis(100));
        self.file.save(self.agent.jar(), login, deadline)?;
        Ok(self.agent.save_tokens()?)
    }

    /// Adds the command to the history, and prints the verdict if JSON is wanted.
    pub(super) fn conclude(&self, outcome: Result<Conclusion, Failure>, output: &mut Output) -> Outcome {
        self.conclude_with(outcome, None, output)
    }

    /// The same for `status`, whose JSON has more members.
    pub(super) fn conclude_status(
        &self,
        outcome: Result<Conclusion, Failure>,
        facts: StatusFacts,
        output: &mut Output,
    ) -> Outcome {
        self.conclude_with(outcome, Some(facts), output)
    }

    fn conclude_with(
        &self,
        outcome: Result<Conclusion, Failure>,
        facts: Option<StatusFacts>,
        output: &mut Output,
    ) -> Outcome {
        let outcome = self.with_password_targets(outcome, output);
        let (exit, verdict) = match &outcome {
            Ok(verdict) => (Exit::Success, verdict.clone()),
            Err(Failure { exit, kind, message, .. }) => {
                (*exit, Conclusion { kind: *kind, reason: message.clone(), ..Conclusion::default() })
            }
        };
        if output.is_json() {
            let reason = output.masked(verdict.reason.english()).into_owned();
            let evidence = verdict.evidence.iter().map(ToString::to_string).collect();
            let (kind, flow) = (Some(verdict.kind.to_string()), self.agent.flow());
            let document = NetworkDocument::new(exit.code(), kind, reason, evidence, flow);
            let document = document.with_status(facts).with_values(verdict.values.clone());
            output.answer_json(&document);
        }
        self.remember(exit, verdict, output);
        outcome.map(drop)
    }

    /// Adds to the outcome which other sites received a password.
    fn with_password_targets(
        &self,
        outcome: Result<Conclusion, Failure>,
        output: &mut Output,
    ) -> Result<Conclusion, Failure> {
        let about = |target: &Url| {
            let text = format!("the password was sent to another site than the one you named: {target}");
            Message::new("password-to-other-site", text).with("target", target.as_str())
        };
        let targets: Vec<Message> = self.agent.password_targets().iter().map(about).collect();
        if targets.is_empty() {
            return outcome;
        }
        match outcome {
            Ok(mut conclusion) => {
                output.evidence(&targets);
                conclusion.evidence.extend(targets);
                Ok(conclusion)
            }
            Err(failure) => {
                let message = Message::joined(std::iter::once(failure.message).chain(targets), "; ");
                Err(Failure { message, ..failure })
            }
        }
    }

    /// Adds the command to the history. A history that cannot be written does not change the verdict.
    pub(super) fn remember(&self, exit: Exit, verdict: Conclusion, output: &Output) {
        let flow = self.agent.flow();
        let (Some(history), Some(first)) = (&self.history, flow.exchanges.first()) else { return };
        let without_passwords = |text: &Message| self.agent.redactor().text(text.english()).into_owned();
        let (reason, evidence) = (without_passwords(&verdict.reason), verdict.evidence.iter());
        let entry = HistoryEntry::new(first.started, self.command, exit.code(), &reason, flow.clone());
        let entry = entry.with_kind(verdict.kind.to_string());
        let entry = entry.with_evidence(evidence.map(without_passwords).collect());
        if let Err(error) = history.append(&entry, output.reveals()) {
            output.warn(&error_chain(&error));
        }
    }
}

/// The settings of a client that the options give.
pub(super) fn agent_config(args: &ClientArgs) -> AgentConfig {
    let mut config = AgentConfig::default();
    config.transport.ca_file.clone_from(&args.cacert);
    config.transport.cert_file.clone_from(&args.cert);
    config.transport.key_file.clone_from(&args.key);
    config.transport.insecure = args.insecure;
    config.transport.proxy.clone_from(&args.proxy);
    config.transport.resolve.clone_from(&args.resolve);
    config.timeout = args.timeout;
    config.wait = args.wait.unwrap_or_default();
    config.delay = args.delay.unwrap_or_default();
    config.max_body = args.max_body;
    config
}

/// Warns that the cookies were not saved, if the command reports another failure.
pub(super) fn warn_if_unsaved<T>(work: &Result<T, Failure>, saved: &Outcome, output: &Output) {
    if let (Err(_), Err(failure)) = (work, saved) {
        output.warn(&failure.message.said(output.texts));
    }
}

/// Runs `work` on this thread.
///
/// # Errors
/// Those of `work`, and that the operating system provides no runtime.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(Failure::cannot("start the runtime"))?;
    let outcome = runtime.block_on(work);
    // Do not wait for a host name lookup that is still running.
    runtime.shutdown_background();
    outcome
}
