//! [`BrowserArgs`]: the options of a login with a browser.

use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};

use sessctl::client::Credentials;
use sessctl::client::auth::LoginMethod;
use sessctl::client::browser::{BrowserMode, BrowserNotice, Notify};

use super::value_parsers;
use crate::output::Output;
use crate::texts::Message;

/// Who fills in the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Who {
    /// The client, in a browser without a window.
    Headless,
    /// You, in a window.
    Window,
}

#[derive(Debug, Args)]
pub(super) struct BrowserArgs {
    /// Log in with an installed browser
    ///
    /// For pages that only JavaScript draws: Chromium or Firefox opens the page without a window, fills in the form, and
    /// hands over the cookies. With --browser=window, you log in yourself, in a window: with a passkey or a captcha, for
    /// example. SESSCTL_BROWSER names the browser: a path, chromium or firefox.
    #[arg(
        long, value_name = "WHO", num_args = 0..=1, require_equals = true, default_missing_value = "headless",
        hide_possible_values = true, value_enum,
        conflicts_with_all = ["as_json", "as_form", "go_on", "headers", "basic_user"],
    )]
    browser: Option<Who>,
    /// Time for a person to log in
    ///
    /// With --browser=window. --timeout does not count meanwhile.
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = value_parsers::duration)]
    window_timeout: Duration,
}

impl BrowserArgs {
    /// Whether a browser logs in.
    pub(super) const fn is_given(&self) -> bool {
        self.browser.is_some()
    }

    /// Lets a browser send the credentials, if that is wanted.
    pub(super) fn apply(&self, credentials: &mut Credentials<'_>, output: &Output) {
        let Some(who) = self.browser else { return };
        credentials.method = LoginMethod::Browser;
        let config = &mut credentials.browser;
        config.browser = std::env::var("SESSCTL_BROWSER").ok().filter(|browser| !browser.is_empty());
        config.mode = if who == Who::Window { BrowserMode::Window } else { BrowserMode::Headless };
        config.window_timeout = self.window_timeout;
        let (warn, inform, texts) = (output.warnings(), output.notes(), output.texts);
        config.notify = Some(Notify(Arc::new(move |notice| {
            let message = Message::from(&notice);
            let line = message.said(texts);
            if notice == BrowserNotice::WindowOpened { inform(&line) } else { warn(&line) }
        })));
    }
}
