//! [`BrowserConfig`]: how a browser logs in.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How a browser logs in.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BrowserConfig {
    /// The browser: a path, `chromium` or `firefox`. Without it, the first one that is installed.
    pub browser: Option<String>,
    /// Who fills in the form.
    pub mode: BrowserMode,
    /// How long a person may take to log in.
    pub window_timeout: Duration,
    /// Called for what the user should know while the browser runs.
    pub notify: Option<Notify>,
}

/// Who fills in the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum BrowserMode {
    /// The client, in a browser without a window.
    #[default]
    Headless,
    /// A person, in a window.
    Window,
}

/// What the user should know while the browser runs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BrowserNotice {
    /// The system forbids the sandbox of the browser, so it runs without.
    NoSandbox,
    /// The window is open: the person can log in.
    WindowOpened,
    /// A cookie was not stored: it belongs to a partition of the browser, and a jar has none.
    CookieLeftOut {
        /// Its place among the cookies, or its name.
        cookie: String,
        /// Why.
        why: String,
    },
}

impl fmt::Display for BrowserNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BrowserNotice::NoSandbox => f.write_str(
                "the browser runs without its sandbox, because the system forbids it (root, or no user namespaces): log in only to applications that you trust",
            ),
            BrowserNotice::WindowOpened => {
                f.write_str("log in in the window of the browser; it closes when the session exists")
            }
            BrowserNotice::CookieLeftOut { cookie, why } => {
                write!(f, "{cookie} of the browser was not stored: {why}")
            }
        }
    }
}

/// A callback for a [`BrowserNotice`].
#[derive(Clone)]
pub struct Notify(pub Arc<dyn Fn(BrowserNotice) + Send + Sync>);

impl fmt::Debug for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Notify")
    }
}

impl Default for BrowserConfig {
    fn default() -> Self {
        BrowserConfig {
            browser: None,
            mode: BrowserMode::default(),
            window_timeout: Duration::from_secs(10 * 60),
            notify: None,
        }
    }
}

impl BrowserConfig {
    pub(crate) fn notify(&self, notice: BrowserNotice) {
        if let Some(Notify(notify)) = &self.notify {
            notify(notice);
        }
    }
}
