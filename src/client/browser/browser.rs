//! [`Browser`]: opens pages, waits until they are drawn, fills them in, and has their cookies and their storage.

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::bidi::Bidi;
use super::config::{BrowserConfig, BrowserMode, BrowserNotice};
use super::devtools::{Devtools, unless_refused};
use super::drawn_page::{self, DrawnPage, DrawnText};
use super::error::BrowserError;
use super::installation::{BrowserKind, Installation};
use super::page_requests::PageRequests;
use super::settings::BrowserSettings;
use super::stored_item::StoredItem;
use crate::client::http::transport::TransportConfig;
use crate::clock::Timestamp;
use crate::cookies::{ImportError, Imported, import};

const CONTROL_SCRIPT: &str = include_str!("control.js");
const STORAGE_SCRIPT: &str = include_str!("storage.js");

/// A page is drawn if it has not changed for this time, and no request is on its way.
const QUIET: Duration = Duration::from_millis(500);

const INTERVAL: Duration = Duration::from_millis(100);

/// A page that still changes after this time shows a clock or an animation.
const MAX_RESTLESS: Duration = Duration::from_secs(10);

/// A browser. It ends with this value.
pub(crate) struct Browser {
    driver: Driver,
    traffic: PageRequests,
    /// The texts of the dialogs that scripts have opened.
    pub(crate) dialogs: Vec<String>,
}

enum Driver {
    Chromium(Devtools),
    Firefox(Bidi),
}

/// Where a control is on the screen.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ControlState {
    is_gone: bool,
    x: i64,
    y: i64,
    /// Nothing else is in front of it.
    is_hit: bool,
    is_checked: bool,
}

impl Browser {
    /// Starts the browser. Its first tab, number 0, is empty.
    pub(crate) async fn start(
        config: &BrowserConfig,
        transport: &TransportConfig,
        deadline: Instant,
    ) -> Result<Browser, BrowserError> {
        let has_display = ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|it| std::env::var_os(it).is_some_and(|it| !it.is_empty()));
        if config.mode == BrowserMode::Window && !has_display {
            return Err(BrowserError::NoDisplay);
        }
        let installation = Installation::find(config.browser.as_deref())?;
        let settings = BrowserSettings { mode: config.mode, transport };
        settings.check(installation.kind)?;
        let driver = match installation.kind {
            BrowserKind::Chromium => {
                let (devtools, is_unprotected) = Devtools::start(&installation, &settings, deadline).await?;
                if is_unprotected {
                    config.notify(BrowserNotice::NoSandbox);
                }
                Driver::Chromium(devtools)
            }
            BrowserKind::Firefox => Driver::Firefox(Bidi::start(&installation, &settings, deadline).await?),
        };
        Ok(Browser { driver, traffic: PageRequests::default(), dialogs: Vec::new() })
    }

    /// Changes the end of the time limit.
    pub(crate) fn set_deadline(&mut self, deadline: Instant) {
        match &mut self.driver {
            Driver::Chromium(devtools) => devtools.remote.connection.deadline = deadline,
            Driver::Firefox(bidi) => bidi.remote.connection.deadline = deadline,
        }
    }

    /// The requests of all tabs.
    pub(crate) fn traffic(&self) -> &PageRequests {
        &self.traffic
    }

    /// Opens a second tab without any cookies.
    pub(crate) async fn open_tab(&mut self) -> Result<(), BrowserError> {
        match &mut self.driver {
            Driver::Chromium(devtools) => devtools.open_tab().await,
            Driver::Firefox(bidi) => bidi.open_tab().await,
        }
    }

    /// Whether the person has left the tab open.
    pub(crate) async fn is_open(&mut self, tab: usize) -> Result<bool, BrowserError> {
        match &mut self.driver {
            Driver::Chromium(devtools) => devtools.is_open(tab).await,
            Driver::Firefox(bidi) => bidi.is_open(tab).await,
        }
    }

    /// Starts to load a page.
    pub(crate) async fn navigate(&mut self, tab: usize, url: &Url) -> Result<(), BrowserError> {
        match &mut self.driver {
            Driver::Chromium(devtools) => devtools.navigate(tab, url.as_str()).await,
            Driver::Firefox(bidi) => bidi.navigate(tab, url.as_str()).await,
        }
    }

    /// Loads a page and waits until it is drawn.
    pub(crate) async fn open(&mut self, tab: usize, url: &Url) -> Result<DrawnPage, BrowserError> {
        let before = self.traffic.len();
        self.navigate(tab, url).await?;
        let started = Instant::now();
        // An address that differs only in its fragment needs no request.
        while self.traffic.since(before).is_empty() && started.elapsed() < 2 * QUIET {
            self.wait(INTERVAL).await?;
        }
        self.draw(tab).await
    }

    /// Receives events for this time.
    pub(crate) async fn wait(&mut self, time: Duration) -> Result<(), BrowserError> {
        let traffic = &mut self.traffic;
        let dialogs = match &mut self.driver {
            Driver::Chromium(devtools) => {
                devtools.remote.wait(time).await?;
                devtools.take_events(traffic)
            }
            Driver::Firefox(bidi) => {
                bidi.remote.wait(time).await?;
                bidi.take_events(traffic)
            }
        };
        self.dialogs.extend(dialogs);
        Ok(())
    }

    async fn evaluate(&mut self, tab: usize, script: &str) -> Result<Option<String>, BrowserError> {
        match &mut self.driver {
            Driver::Chromium(devtools) => devtools.evaluate(tab, script).await,
            Driver::Firefox(bidi) => bidi.evaluate(tab, script).await,
        }
    }

    /// Waits until no request is on its way and the page is unchanged for a while, and returns the page.
    pub(crate) async fn draw(&mut self, tab: usize) -> Result<DrawnPage, BrowserError> {
        let started = Instant::now();
        let (mut quiet_since, mut last) = (started, None);
        loop {
            self.wait(INTERVAL).await?;
            let drawn = self.look(tab, false).await?;
            if drawn.is_none() && !self.is_open(tab).await? {
                return Err(BrowserError::WindowClosed);
            }
            let now = drawn.as_ref().map(|it| (it.hash, it.url.clone()));
            let is_ready = drawn.as_ref().is_some_and(|it| !it.is_loading);
            let is_busy = self.traffic.is_busy(tab) || !is_ready;
            let is_restless = now != last && started.elapsed() < MAX_RESTLESS;
            if is_busy || is_restless {
                quiet_since = Instant::now();
            }
            last = now;
            if quiet_since.elapsed() >= QUIET
                && let Some(text) = self.look(tab, true).await?
                && let Ok(url) = Url::parse(&text.url)
            {
                let status = self.traffic.page_of(tab).and_then(|request| request.status);
                return Ok(DrawnPage::of(text, url, status));
            }
        }
    }

    /// The page as it is now. `None` while another page is loaded.
    async fn look(&mut self, tab: usize, with_html: bool) -> Result<Option<DrawnText>, BrowserError> {
        let script = format!("({})({with_html})", drawn_page::SCRIPT);
        let text = self.evaluate(tab, &script).await?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    async fn control(
        &mut self,
        tab: usize,
        number: usize,
        action: &str,
        text: &str,
    ) -> Result<ControlState, BrowserError> {
        let script = format!("({CONTROL_SCRIPT})({number}, {}, {})", json!(action), json!(text));
        for _ in 0..2 {
            let answer = self.evaluate(tab, &script).await?;
            let state: ControlState =
                answer.and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_default();
            if !state.is_gone {
                return Ok(state);
            }
            // A script has drawn the controls again.
            self.look(tab, false).await?;
        }
        Ok(ControlState { is_gone: true, ..ControlState::default() })
    }

    /// Clicks a control that the page numbers.
    pub(crate) async fn click(&mut self, tab: usize, number: usize) -> Result<(), BrowserError> {
        let place = self.control(tab, number, "place", "").await?;
        if !place.is_hit {
            return self.control(tab, number, "click", "").await.map(drop);
        }
        let clicked = match &mut self.driver {
            Driver::Chromium(devtools) => devtools.click(tab, place.x, place.y).await,
            Driver::Firefox(bidi) => bidi.click(tab, place.x, place.y).await,
        };
        // The click may load another page, which refuses the rest of it.
        unless_refused(clicked.map(|()| Value::Null)).map(drop)
    }

    /// Types a text into a field, in place of the text that it has.
    pub(crate) async fn fill(&mut self, tab: usize, number: usize, text: &str) -> Result<(), BrowserError> {
        self.click(tab, number).await?;
        self.control(tab, number, "focus", "").await?;
        match &mut self.driver {
            Driver::Chromium(devtools) => devtools.type_text(tab, text).await?,
            Driver::Firefox(bidi) => bidi.type_text(tab, text).await?,
        }
        self.set(tab, number, text).await
    }

    /// Sets the value of a field that it does not have yet, such as the option of a list.
    pub(crate) async fn set(&mut self, tab: usize, number: usize, text: &str) -> Result<(), BrowserError> {
        self.control(tab, number, "set", text).await.map(drop)
    }

    /// Checks a checkbox or a radio button, or unchecks it.
    pub(crate) async fn check(
        &mut self,
        tab: usize,
        number: usize,
        is_wanted: bool,
    ) -> Result<(), BrowserError> {
        let state = self.control(tab, number, "state", "").await?;
        if state.is_checked == is_wanted { Ok(()) } else { self.click(tab, number).await }
    }

    /// Presses Enter in the field that has the focus.
    pub(crate) async fn press_enter(&mut self, tab: usize) -> Result<(), BrowserError> {
        let pressed = match &mut self.driver {
            Driver::Chromium(devtools) => devtools.press_enter(tab).await,
            Driver::Firefox(bidi) => bidi.press_enter(tab).await,
        };
        unless_refused(pressed.map(|()| Value::Null)).map(drop)
    }

    /// The cookies of all hosts, as far as a jar may store them.
    pub(crate) async fn cookies(
        &mut self,
        tab: usize,
        now: Timestamp,
    ) -> Result<Option<Imported>, BrowserError> {
        let cookies = match &mut self.driver {
            Driver::Chromium(devtools) => devtools.cookies(tab).await?,
            Driver::Firefox(bidi) => bidi.cookies(tab).await?,
        };
        let state = json!({ "cookies": cookies, "origins": [] }).to_string();
        match import(state.as_bytes(), None, now) {
            Ok(imported) => Ok(Some(imported)),
            Err(ImportError::NoCookies { .. }) => Ok(None),
            Err(why) => {
                Err(BrowserError::Refused { command: "the cookies".to_owned(), why: why.to_string() })
            }
        }
    }

    /// The local and the session storage of the page.
    pub(crate) async fn storage(&mut self, tab: usize) -> Result<Vec<StoredItem>, BrowserError> {
        let found = self.evaluate(tab, STORAGE_SCRIPT).await?;
        Ok(found.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }
}
