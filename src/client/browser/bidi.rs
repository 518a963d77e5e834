//! [`Bidi`]: Firefox, controlled with WebDriver BiDi over a WebSocket.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::time::sleep;
use tokio_tungstenite::connect_async;

use super::connection::{Connection, Wire};
use super::devtools::{text, unless_refused};
use super::error::BrowserError;
use super::installation::Installation;
use super::page_requests::{PageRequest, PageRequests, RequestKind};
use super::process::{self, BrowserProcess};
use super::remote::Remote;
use super::settings::BrowserSettings;
use crate::client::browser::config::BrowserMode;

/// What Firefox writes when its port is open.
const LISTENS: &str = "WebDriver BiDi listening on ";

const RETRY_DELAY: Duration = Duration::from_millis(50);

const EVENTS: &[&str] = &[
    "browsingContext.userPromptOpened",
    "network.beforeRequestSent",
    "network.fetchError",
    "network.responseCompleted",
    "network.responseStarted",
];

/// Firefox and its tabs.
pub(super) struct Bidi {
    pub(super) remote: Remote,
    tabs: Vec<BidiTab>,
}

struct BidiTab {
    context: String,
    /// The container of its cookies.
    user_context: String,
}

impl Bidi {
    pub(super) async fn start(
        installation: &Installation,
        settings: &BrowserSettings<'_>,
        deadline: Instant,
    ) -> Result<Self, BrowserError> {
        let cannot = |why| BrowserError::Start { path: installation.path.display().to_string(), why };
        let folder = process::new_folder().map_err(cannot)?;
        let profile = folder.path().join("profile");
        let write = || fs::write(profile.join("user.js"), settings.firefox_preferences());
        fs::create_dir(&profile).and_then(|()| write()).map_err(cannot)?;
        let mut command = process::command(installation, &folder).map_err(cannot)?;
        if settings.mode == BrowserMode::Headless {
            command.arg("--headless");
        }
        command
            .args(["--no-remote", "--remote-debugging-port=0", "--profile"])
            .arg(&profile)
            .arg("about:blank");
        let mut process = BrowserProcess::start(command, folder, installation)?;
        let address = address(&mut process, deadline).await?;
        let connected = tokio::time::timeout_at(deadline.into(), connect_async(format!("{address}/session")));
        let (socket, _) = match connected.await {
            Ok(Ok(connected)) => connected,
            Ok(Err(why)) => return Err(cannot(std::io::Error::other(why))),
            Err(_) => return Err(BrowserError::TimedOut),
        };
        let connection = Connection::new(Wire::WebSocket(Box::new(socket)), deadline, |_| None);
        let mut bidi = Bidi { remote: Remote { connection, process }, tabs: Vec::new() };
        bidi.begin(settings).await?;
        Ok(bidi)
    }

    async fn begin(&mut self, settings: &BrowserSettings<'_>) -> Result<(), BrowserError> {
        let wanted = json!({
            "acceptInsecureCerts": settings.transport.insecure, "unhandledPromptBehavior": { "default": "accept" },
        });
        let session = json!({ "capabilities": { "alwaysMatch": wanted } });
        self.remote.call("session.new", session, None).await?;
        self.remote.call("session.subscribe", json!({ "events": EVENTS }), None).await?;
        let tree = self.remote.call("browsingContext.getTree", json!({ "maxDepth": 0 }), None).await?;
        let first = &tree["contexts"][0];
        let (context, user_context) = (text(&first["context"]), text(&first["userContext"]));
        self.tabs.push(BidiTab { context, user_context });
        Ok(())
    }

    /// Opens a tab with no cookies.
    pub(super) async fn open_tab(&mut self) -> Result<(), BrowserError> {
        let made = self.remote.call("browser.createUserContext", json!({}), None).await?;
        let user_context = text(&made["userContext"]);
        let tab = json!({ "type": "tab", "userContext": user_context });
        let made = self.remote.call("browsingContext.create", tab, None).await?;
        self.tabs.push(BidiTab { context: text(&made["context"]), user_context });
        Ok(())
    }

    pub(super) async fn is_open(&mut self, tab: usize) -> Result<bool, BrowserError> {
        let tree = self.remote.call("browsingContext.getTree", json!({ "maxDepth": 0 }), None).await?;
        let is_own = |context: &Value| context["context"] == json!(self.tabs[tab].context);
        Ok(tree["contexts"].as_array().is_some_and(|all| all.iter().any(is_own)))
    }

    async fn ask(&mut self, tab: usize, command: &str, mut params: Value) -> Result<Value, BrowserError> {
        params["context"] = json!(self.tabs[tab].context);
        self.remote.call(command, params, None).await
    }

    pub(super) async fn navigate(&mut self, tab: usize, url: &str) -> Result<(), BrowserError> {
        self.ask(tab, "browsingContext.navigate", json!({ "url": url, "wait": "none" })).await.map(drop)
    }

    /// The text that a script returns, which no script of the page can see.
    pub(super) async fn evaluate(
        &mut self,
        tab: usize,
        script: &str,
    ) -> Result<Option<String>, BrowserError> {
        let target = json!({ "context": self.tabs[tab].context, "sandbox": "sessctl" });
        let params = json!({ "expression": script, "target": target, "awaitPromise": false });
        let answer = self.remote.call("script.evaluate", params, None).await;
        Ok(unless_refused(answer)?.and_then(|it| it["result"]["value"].as_str().map(str::to_owned)))
    }

    pub(super) async fn click(&mut self, tab: usize, x: i64, y: i64) -> Result<(), BrowserError> {
        let steps = json!([
            { "type": "pointerMove", "x": x, "y": y, "origin": "viewport" },
            { "type": "pointerDown", "button": 0 },
            { "type": "pointerUp", "button": 0 },
        ]);
        let mouse = json!({ "type": "pointer", "id": "mouse", "actions": steps });
        self.ask(tab, "input.performActions", json!({ "actions": [mouse] })).await.map(drop)
    }

    pub(super) async fn type_text(&mut self, tab: usize, typed: &str) -> Result<(), BrowserError> {
        let strokes = typed.chars().flat_map(|c| ["keyDown", "keyUp"].map(|kind| (kind, c)));
        let strokes: Vec<Value> =
            strokes.map(|(kind, c)| json!({ "type": kind, "value": c.to_string() })).collect();
        let keys = json!({ "type": "key", "id": "keys", "actions": strokes });
        self.ask(tab, "input.performActions", json!({ "actions": [keys] })).await.map(drop)
    }

    pub(super) async fn press_enter(&mut self, tab: usize) -> Result<(), BrowserError> {
        self.type_text(tab, "\u{E007}").await
    }

    /// The cookies of all hosts in the container of the tab, as in a storage state.
    pub(super) async fn cookies(&mut self, tab: usize) -> Result<Vec<Value>, BrowserError> {
        let partition = json!({ "type": "storageKey", "userContext": self.tabs[tab].user_context });
        let found = self.remote.call("storage.getCookies", json!({ "partition": partition }), None).await?;
        let cookies = found["cookies"].as_array().cloned().unwrap_or_default().into_iter();
        let as_in_state = |mut cookie: Value| {
            cookie["value"] = cookie["value"]["value"].take();
            cookie["expires"] = cookie["expiry"].take();
            cookie
        };
        Ok(cookies.map(as_in_state).collect())
    }

    /// Adds the events since the last call to the traffic. Returns the texts of dialogs.
    pub(super) fn take_events(&mut self, traffic: &mut PageRequests) -> Vec<String> {
        let mut dialogs = Vec::new();
        for event in self.remote.connection.take_events() {
            let params = &event["params"];
            // A frame is not in the list: the last tab is the one that is used.
            let tab = self.tabs.iter().position(|tab| params["context"] == json!(tab.context));
            let is_main = tab.is_some();
            let tab = tab.unwrap_or(self.tabs.len().saturating_sub(1));
            let id = params["request"]["request"].as_str().unwrap_or_default();
            let status = params["response"]["status"].as_u64().and_then(|it| u16::try_from(it).ok());
            match event["method"].as_str().unwrap_or_default() {
                "network.beforeRequestSent" => traffic.started(request_of(tab, is_main, params)),
                "network.responseStarted" => traffic.change(id, |request| request.status = status),
                "network.responseCompleted" => traffic.change(id, |request| request.end(status)),
                "network.fetchError" => traffic.change(id, |request| {
                    request.error = params["errorText"].as_str().map(str::to_owned);
                    request.end(None);
                }),
                "browsingContext.userPromptOpened" => dialogs.push(text(&params["message"])),
                _ => {}
            }
        }
        dialogs
    }
}

fn request_of(tab: usize, is_main: bool, params: &Value) -> PageRequest {
    let request = &params["request"];
    let initiator = request["initiatorType"].as_str().unwrap_or_default();
    let kind = match request["destination"].as_str().unwrap_or_default() {
        "document" if is_main => RequestKind::Page,
        "" if matches!(initiator, "fetch" | "xmlhttprequest") => RequestKind::Script,
        "audio" | "video" => RequestKind::Endless,
        _ if matches!(initiator, "beacon" | "eventsource" | "websocket") => RequestKind::Endless,
        _ => RequestKind::Other,
    };
    let headers = request["headers"].as_array().into_iter().flatten();
    let header = |it: &Value| Some((text(&it["name"]), it["value"]["value"].as_str()?.to_owned()));
    PageRequest {
        tab,
        id: text(&request["request"]),
        method: text(&request["method"]),
        url: text(&request["url"]),
        kind,
        started: Instant::now(),
        elapsed: None,
        status: None,
        error: None,
        header_values: headers.filter_map(header).collect(),
    }
}

/// The address at which Firefox listens.
async fn address(process: &mut BrowserProcess, deadline: Instant) -> Result<String, BrowserError> {
    loop {
        let messages = process.messages();
        let address = messages.lines().find_map(|line| line.split_once(LISTENS));
        if let Some((_, address)) = address {
            return Ok(address.trim().to_owned());
        }
        if process.has_ended() {
            return Err(process.crash());
        }
        if Instant::now() >= deadline {
            return Err(BrowserError::TimedOut);
        }
        sleep(RETRY_DELAY).await;
    }
}
