//! [`BrowserLogin`]: a login in a browser, with what the agent knows of it.

use url::Url;

use super::browser_flow;
use super::credentials::Credentials;
use super::error::LoginError;
use crate::client::auth::trace::TraceStep;
use crate::client::browser::browser::Browser;
use crate::client::browser::config::BrowserNotice;
use crate::client::browser::drawn_page::DrawnPage;
use crate::client::http::agent::UserAgent;
use crate::client::http::error::{ClientError, host_and_port};
use crate::cookies::StoredCookie;

/// The tab in which the login happens.
pub(super) const TAB: usize = 0;

/// A login in a browser.
pub(super) struct BrowserLogin<'a> {
    pub(super) agent: &'a mut UserAgent,
    pub(super) browser: Browser,
    pub(super) start: Url,
    pub(super) trace: &'a mut Vec<TraceStep>,
    /// The number of requests that are in the flow.
    pub(super) recorded: usize,
    /// The cookies of the browser when they were last read.
    pub(super) cookies: Vec<StoredCookie>,
    /// The cookies that were left out and reported.
    pub(super) left_out: Vec<String>,
}

impl BrowserLogin<'_> {
    /// Opens a page.
    pub(super) async fn open(&mut self, url: &Url) -> Result<DrawnPage, LoginError> {
        let drawn = self.browser.open(TAB, url).await?;
        let failed =
            self.browser.traffic().page_of(TAB).filter(|it| it.status.is_none() && it.error.is_some());
        match failed.and_then(|request| request.error.as_deref()) {
            Some(why) => Err(connection_error(url, why).into()),
            None => Ok(drawn),
        }
    }

    /// Takes the cookies of the browser over into the jar, and the requests into the flow.
    pub(super) async fn record(&mut self, credentials: &Credentials<'_>) -> Result<(), LoginError> {
        let now = self.agent.jar().now();
        let imported = self.browser.cookies(TAB, now).await?;
        let mut cookies = Vec::new();
        if let Some(imported) = imported {
            for rejection in &imported.rejected {
                let (cookie, why) = (rejection.place.clone(), rejection.cause.to_string());
                if !self.left_out.contains(&cookie) {
                    self.left_out.push(cookie.clone());
                    credentials.browser.notify(BrowserNotice::CookieLeftOut { cookie, why });
                }
            }
            cookies = imported.cookies;
        }
        let requests = self.browser.traffic().since(self.recorded).to_vec();
        self.recorded += requests.len();
        browser_flow::record(self.agent, &requests, &self.cookies, &cookies);
        let gone = |cookie: &StoredCookie| !cookies.iter().any(|other| other.is_same_as(cookie));
        self.agent.jar().remove(gone);
        self.agent.jar().merge(cookies.iter().cloned());
        self.cookies = cookies;
        Ok(())
    }
}

/// The error for a page that a browser cannot load, in the words of Chromium or Firefox.
fn connection_error(url: &Url, why: &str) -> ClientError {
    let host = host_and_port(url);
    if why.contains("CONNECTION_REFUSED") {
        return ClientError::Refused { host };
    }
    let why = why.trim_start_matches("net::").to_owned();
    let is_certificate = ["ERR_CERT", "SEC_ERROR", "MOZILLA_PKIX", "SSL_ERROR_BAD_CERT"];
    match is_certificate.iter().any(|it| why.contains(it)) {
        true => ClientError::Certificate { host, why },
        false => ClientError::Connect { host, why },
    }
}
