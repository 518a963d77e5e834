//! [`Devtools`]: Chromium, controlled with the DevTools protocol over pipes. Unlike a debugging port, no other user of the
//! machine can connect to them.

use std::time::Instant;

use command_fds::{CommandFdExt as _, FdMapping};
use serde_json::{Value, json};
use tokio::io::BufReader;
use tokio::net::unix::pipe::{Receiver, Sender};

use super::connection::{Connection, Wire};
use super::error::BrowserError;
use super::installation::Installation;
use super::page_requests::{PageRequest, PageRequests, RequestKind};
use super::process::{self, BrowserProcess};
use super::remote::Remote;
use super::settings::BrowserSettings;

/// Nothing that a login needs, and nothing that reports to anyone.
const ARGUMENTS: &[&str] = &[
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-startup-window",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-features=Translate,OptimizationHints,MediaRouter,HttpsUpgrades",
    "--disable-sync",
    "--metrics-recording-only",
    "--password-store=basic",
    "--use-mock-keychain",
];

/// Chromium and its tabs.
pub(super) struct Devtools {
    pub(super) remote: Remote,
    tabs: Vec<DevtoolsTab>,
}

struct DevtoolsTab {
    /// The ID of its page, which is also that of its main frame.
    target: String,
    /// The session that controls it.
    session: String,
    /// The browser context of its cookies. `None` is the first one.
    context: Option<String>,
}

impl Devtools {
    /// Starts Chromium. Returns also whether it runs without its sandbox, because it refused to start with it.
    pub(super) async fn start(
        installation: &Installation,
        settings: &BrowserSettings<'_>,
        deadline: Instant,
    ) -> Result<(Self, bool), BrowserError> {
        let is_root = rustix::process::geteuid().is_root();
        if !is_root {
            match Self::start_with(installation, settings, deadline, true).await {
                Err(BrowserError::Crashed { said, .. }) if said.contains("sandbox") => {}
                started => return Ok((started?, false)),
            }
        }
        Ok((Self::start_with(installation, settings, deadline, false).await?, true))
    }

    async fn start_with(
        installation: &Installation,
        settings: &BrowserSettings<'_>,
        deadline: Instant,
        has_sandbox: bool,
    ) -> Result<Self, BrowserError> {
        let cannot = |why| BrowserError::Start { path: installation.path.display().to_string(), why };
        let folder = process::new_folder().map_err(cannot)?;
        let mut command = process::command(installation, &folder).map_err(cannot)?;
        command.arg(format!("--user-data-dir={}", folder.path().join("profile").display())).args(ARGUMENTS);
        command.args(settings.chromium_arguments());
        if !has_sandbox {
            command.arg("--no-sandbox");
        }
        let (its_input, to) = std::io::pipe().map_err(cannot)?;
        let (from, its_output) = std::io::pipe().map_err(cannot)?;
        // Chromium reads commands from 3 and writes answers to 4.
        let mappings = vec![
            FdMapping { parent_fd: its_input.into(), child_fd: 3 },
            FdMapping { parent_fd: its_output.into(), child_fd: 4 },
        ];
        command.fd_mappings(mappings).map_err(|why| cannot(std::io::Error::other(why)))?;
        let wire = Wire::Pipe {
            to: Sender::from_owned_fd(to.into()).map_err(cannot)?,
            from: BufReader::new(Receiver::from_owned_fd(from.into()).map_err(cannot)?),
            unfinished: Vec::new(),
        };
        let process = BrowserProcess::start(command, folder, installation)?;
        let connection = Connection::new(wire, deadline, accept_dialog);
        let mut devtools = Devtools { remote: Remote { connection, process }, tabs: Vec::new() };
        let page = json!({ "url": "about:blank" });
        let made = devtools.remote.call("Target.createTarget", page, None).await?;
        devtools.attach(text(&made["targetId"]), None).await?;
        Ok(devtools)
    }

    async fn attach(&mut self, target: String, context: Option<String>) -> Result<(), BrowserError> {
        let attach = json!({ "targetId": target, "flatten": true });
        let attached = self.remote.call("Target.attachToTarget", attach, None).await?;
        let session = text(&attached["sessionId"]);
        for (command, params) in [
            ("Page.enable", json!({})),
            ("Network.enable", json!({ "maxTotalBufferSize": 0 })),
            ("Emulation.setFocusEmulationEnabled", json!({ "enabled": true })),
        ] {
            self.remote.call(command, params, Some(&session)).await?;
        }
        self.tabs.push(DevtoolsTab { target, session, context });
        Ok(())
    }

    /// Opens a tab with no cookies.
    pub(super) async fn open_tab(&mut self) -> Result<(), BrowserError> {
        let context = self.remote.call("Target.createBrowserContext", json!({}), None).await?;
        let context = text(&context["browserContextId"]);
        let page = json!({ "url": "about:blank", "browserContextId": context });
        let made = self.remote.call("Target.createTarget", page, None).await?;
        self.attach(text(&made["targetId"]), Some(context)).await
    }

    pub(super) async fn is_open(&mut self, tab: usize) -> Result<bool, BrowserError> {
        let found = self.remote.call("Target.getTargets", json!({}), None).await?;
        let is_own = |target: &Value| target["targetId"] == json!(self.tabs[tab].target);
        Ok(found["targetInfos"].as_array().is_some_and(|all| all.iter().any(is_own)))
    }

    pub(super) async fn ask(
        &mut self,
        tab: usize,
        command: &str,
        params: Value,
    ) -> Result<Value, BrowserError> {
        let session = self.tabs[tab].session.clone();
        self.remote.call(command, params, Some(&session)).await
    }

    pub(super) async fn navigate(&mut self, tab: usize, url: &str) -> Result<(), BrowserError> {
        let session = self.tabs[tab].session.clone();
        // The answer waits for the server.
        self.remote.post("Page.navigate", json!({ "url": url }), Some(&session)).await
    }

    /// The text that a script returns, which no script of the page can see.
    pub(super) async fn evaluate(
        &mut self,
        tab: usize,
        script: &str,
    ) -> Result<Option<String>, BrowserError> {
        let world = json!({ "frameId": self.tabs[tab].target, "worldName": "sessctl" });
        let made = self.ask(tab, "Page.createIsolatedWorld", world).await;
        let Some(made) = unless_refused(made)? else { return Ok(None) };
        let params = json!({
            "expression": script, "contextId": made["executionContextId"], "returnByValue": true,
        });
        let answer = self.ask(tab, "Runtime.evaluate", params).await;
        Ok(unless_refused(answer)?.and_then(|it| it["result"]["value"].as_str().map(str::to_owned)))
    }

    pub(super) async fn click(&mut self, tab: usize, x: i64, y: i64) -> Result<(), BrowserError> {
        for (kind, count) in [("mouseMoved", 0), ("mousePressed", 1), ("mouseReleased", 1)] {
            let button = if count == 0 { "none" } else { "left" };
            let event = json!({ "type": kind, "x": x, "y": y, "button": button, "clickCount": count });
            self.ask(tab, "Input.dispatchMouseEvent", event).await?;
        }
        Ok(())
    }

    pub(super) async fn type_text(&mut self, tab: usize, typed: &str) -> Result<(), BrowserError> {
        for c in typed.chars() {
            let c = c.to_string();
            if c.is_ascii() {
                let down = json!({ "type": "keyDown", "key": c, "text": c, "unmodifiedText": c });
                self.ask(tab, "Input.dispatchKeyEvent", down).await?;
                self.ask(tab, "Input.dispatchKeyEvent", json!({ "type": "keyUp", "key": c })).await?;
            } else {
                self.ask(tab, "Input.insertText", json!({ "text": c })).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn press_enter(&mut self, tab: usize) -> Result<(), BrowserError> {
        for (kind, typed) in [("keyDown", "\r"), ("keyUp", "")] {
            let event = json!({
                "type": kind, "key": "Enter", "code": "Enter", "text": typed, "windowsVirtualKeyCode": 13,
            });
            self.ask(tab, "Input.dispatchKeyEvent", event).await?;
        }
        Ok(())
    }

    /// The cookies of all hosts in the context of the tab, as in a storage state.
    pub(super) async fn cookies(&mut self, tab: usize) -> Result<Vec<Value>, BrowserError> {
        let params = match &self.tabs[tab].context {
            Some(context) => json!({ "browserContextId": context }),
            None => json!({}),
        };
        let mut found = self.remote.call("Storage.getCookies", params, None).await?;
        Ok(found["cookies"].as_array_mut().map(std::mem::take).unwrap_or_default())
    }

    /// Adds the events since the last call to the traffic. Returns the texts of dialogs.
    pub(super) fn take_events(&mut self, traffic: &mut PageRequests) -> Vec<String> {
        let mut dialogs = Vec::new();
        for event in self.remote.connection.take_events() {
            let params = &event["params"];
            let Some(tab) = self.tabs.iter().position(|tab| event["sessionId"] == json!(tab.session)) else {
                continue;
            };
            let id = params["requestId"].as_str().unwrap_or_default();
            let status = |response: &Value| response["status"].as_u64().and_then(|it| u16::try_from(it).ok());
            match event["method"].as_str().unwrap_or_default() {
                "Network.requestWillBeSent" => {
                    if let Some(status) = status(&params["redirectResponse"]) {
                        traffic.change(id, |request| request.end(Some(status)));
                    }
                    traffic.started(self.request_of(tab, params));
                }
                "Network.responseReceived" => {
                    traffic.change(id, |request| request.status = status(&params["response"]));
                }
                "Network.loadingFinished" => traffic.change(id, |request| request.end(None)),
                "Network.loadingFailed" => traffic.change(id, |request| {
                    request.error = params["errorText"].as_str().map(str::to_owned);
                    request.end(None);
                }),
                "Page.javascriptDialogOpening" => dialogs.push(text(&params["message"])),
                _ => {}
            }
        }
        dialogs
    }

    fn request_of(&self, tab: usize, params: &Value) -> PageRequest {
        let is_main = params["frameId"] == json!(self.tabs[tab].target);
        let kind = match params["type"].as_str().unwrap_or_default() {
            "Document" if is_main => RequestKind::Page,
            "Fetch" | "XHR" => RequestKind::Script,
            "EventSource" | "WebSocket" | "Media" | "Ping" | "Prefetch" => RequestKind::Endless,
            _ => RequestKind::Other,
        };
        let headers = params["request"]["headers"].as_object().into_iter().flatten();
        let header = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
        PageRequest {
            tab,
            id: text(&params["requestId"]),
            method: text(&params["request"]["method"]),
            url: text(&params["request"]["url"]),
            kind,
            started: Instant::now(),
            elapsed: None,
            status: None,
            error: None,
            header_values: headers.filter_map(header).collect(),
        }
    }
}

/// A page that is being replaced refuses commands.
pub(super) fn unless_refused(answer: Result<Value, BrowserError>) -> Result<Option<Value>, BrowserError> {
    match answer {
        Err(BrowserError::Refused { .. }) => Ok(None),
        answer => answer.map(Some),
    }
}

/// A dialog such as `alert` stops the page until it is closed.
fn accept_dialog(event: &Value) -> Option<Value> {
    let is_dialog = event["method"] == "Page.javascriptDialogOpening";
    is_dialog.then(|| {
        json!({
            "method": "Page.handleJavaScriptDialog", "params": { "accept": true }, "sessionId": event["sessionId"],
        })
    })
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
