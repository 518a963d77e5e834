//! Each weakness of `serve --weaken` is found by exactly its checks, and nothing is found on the sound server.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;
use sessctl::audit::{Audit, AuditAccount, AuditConfig, AuditReport, CheckVerdict, Severity};
use sessctl::client::{AgentConfig, UserAgent};
use sessctl::cookies::Jar;

use crate::support::{Authority, Home, Serve};

const PASSWORD: &str = "correct horse";

/// The weaknesses that are audited at once.
const THREADS: usize = 3;

/// A server to audit, and what the audit is told about it.
struct Target {
    weakness: Option<String>,
    uses_tls: bool,
    has_accounts: bool,
    has_clock: bool,
}

impl Target {
    fn sound(uses_tls: bool, has_accounts: bool) -> Self {
        Target { weakness: None, uses_tls, has_accounts, has_clock: true }
    }

    fn audit(&self) -> AuditReport {
        let home = Home::new();
        let mut args = vec!["--time-travel", "--max-sessions-per-user", "0"];
        if self.has_accounts {
            for user in ["alice", "bob"] {
                home.run_with_input(["users", "add", "accounts.json", user, "--password-stdin"], PASSWORD)
                    .exits(0);
            }
            args.extend(["--users", "accounts.json"]);
        }
        let authority = self.uses_tls.then(Authority::new);
        let options = authority.as_ref().map(Authority::options);
        args.extend(options.iter().flatten().map(String::as_str));
        if let Some(weakness) = &self.weakness {
            args.extend(["--weaken", weakness]);
        }
        let server = Serve::with(&home, &args);
        // `Domain` cannot be an address.
        let address = server.url().replace("127.0.0.1", "app.localhost");
        let mut config = AuditConfig::new(address.parse().expect("a URL"), self.account("alice"));
        config.second = Some(self.account("bob"));
        config.write = Some("POST /counter".parse().expect("a request"));
        config.value = Some("/count".parse().expect("a pointer"));
        config.max_requests = 600;
        config.max_wrong_passwords = if self.has_clock { 16 } else { 2 };
        if self.has_clock {
            (config.idle_timeout, config.absolute_timeout) =
                (Some(Duration::from_secs(30 * 60)), Some(Duration::from_secs(12 * 60 * 60)));
            let url = server.url();
            config.clock = Some(Box::new(move |by| {
                let seconds = format!("{}s", by.as_secs());
                let ran = home.run(["clock", "advance", &seconds, "--url", &url, "--insecure"]);
                if ran.code == Some(0) { Ok(()) } else { Err(ran.stderr) }
            }));
        }
        run(config)
    }

    fn account(&self, user: &str) -> AuditAccount {
        match self.has_accounts {
            true => AuditAccount::new(user, PASSWORD),
            false => AuditAccount::without_password(user),
        }
    }
}

fn run(config: AuditConfig) -> AuditReport {
    let mut settings = AgentConfig::default();
    settings.transport.insecure = true;
    let client = UserAgent::new(settings, Jar::new());
    let mut audit = Audit::new(&client, config);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        audit.run().await;
        audit.end_sessions().await;
    });
    audit.into_report()
}

/// The checks that have a finding. The one about two cookies of a name only remarks.
fn found(report: &AuditReport) -> BTreeSet<String> {
    let is_found = |it: &&sessctl::audit::CheckResult| {
        it.verdict == CheckVerdict::Fail
            || (it.verdict == CheckVerdict::Info && it.check.id == "duplicate-cookies")
    };
    report.results.iter().filter(is_found).map(|it| it.check.id.to_owned()).collect()
}

fn texts(list: &Value) -> BTreeSet<String> {
    list.as_array().expect("a list").iter().filter_map(|it| Some(it.as_str()?.to_owned())).collect()
}

#[test]
fn each_weakness_is_found_by_exactly_its_checks() {
    let list = Home::new().run(["serve", "--weaken", "list", "--json"]).exits(0).json();
    let weaknesses = list["weaknesses"].as_array().expect("a list").clone();
    let next = Mutex::new(weaknesses.iter());
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let Some(weakness) = next.lock().expect("a list").next() else { break };
                    let name = weakness["name"].as_str().expect("a name");
                    let needs = texts(&weakness["needs"]);
                    let target = Target {
                        weakness: Some(name.to_owned()),
                        uses_tls: needs.contains("tls"),
                        has_accounts: needs.contains("accounts"),
                        has_clock: ["timeout", "endless", "throttling"].iter().any(|it| name.contains(it)),
                    };
                    let report = target.audit();
                    let mut expected =
                        texts(&weakness[if target.uses_tls { "checks_over_tls" } else { "checks" }]);
                    if !target.has_clock {
                        expected.retain(|check| !check.ends_with("-timeout"));
                    }
                    let found = found(&report);
                    if found != expected || (report.is_incomplete() && name != "any-password") {
                        let results = report.results.iter().filter(|it| it.verdict != CheckVerdict::Pass);
                        let results: Vec<String> = results
                            .map(|it| format!("{} {}: {}", it.verdict.name(), it.check.id, it.reason))
                            .collect();
                        let line = format!(
                            "{name}: expected {expected:?}, found {found:?}\n  {}",
                            results.join("\n  ")
                        );
                        wrong.lock().expect("a list").push(line);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("a list");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(weaknesses.len() > 40, "{}", weaknesses.len());
}

#[test]
fn nothing_above_a_remark_is_found_on_the_sound_server() {
    for (uses_tls, has_accounts) in [(false, false), (true, true)] {
        let report = Target::sound(uses_tls, has_accounts).audit();
        let worst: Vec<String> = report
            .results
            .iter()
            .filter(|it| it.verdict == CheckVerdict::Fail)
            .map(|it| format!("{}: {}", it.check.id, it.reason))
            .collect();
        assert!(worst.is_empty(), "{worst:?}");
        assert!(report.findings(Severity::Info).next().is_none());
        assert!(!report.is_incomplete(), "{report:?}");
        assert_eq!(report.sessions_left, 0);
    }
}
