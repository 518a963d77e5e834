//! [`BrowserSettings`]: the options of the client, as arguments and preferences of a browser. An option that a browser does
//! not have is refused.

use url::Url;

use super::config::BrowserMode;
use super::error::BrowserError;
use super::installation::BrowserKind;
use crate::client::http::transport::TransportConfig;

/// The options of the client that concern a browser.
#[derive(Debug)]
pub(super) struct BrowserSettings<'a> {
    pub(super) mode: BrowserMode,
    pub(super) transport: &'a TransportConfig,
}

/// Preferences of Firefox: nothing that reports to anyone, or that asks the person.
const PREFERENCES: &[(&str, &str)] = &[
    ("app.normandy.enabled", "false"),
    ("app.update.enabled", "false"),
    ("browser.aboutwelcome.enabled", "false"),
    ("browser.safebrowsing.malware.enabled", "false"),
    ("browser.safebrowsing.phishing.enabled", "false"),
    ("browser.shell.checkDefaultBrowser", "false"),
    ("browser.startup.homepage_override.mstone", "\"ignore\""),
    ("browser.startup.page", "0"),
    ("datareporting.healthreport.uploadEnabled", "false"),
    ("datareporting.policy.dataSubmissionEnabled", "false"),
    ("dom.security.https_first", "false"),
    ("extensions.autoDisableScopes", "15"),
    ("network.captive-portal-service.enabled", "false"),
    ("network.connectivity-service.enabled", "false"),
    ("network.proxy.allow_hijacking_localhost", "false"),
    ("signon.rememberSignons", "false"),
    ("termsofuse.bypassNotification", "true"),
    ("toolkit.telemetry.enabled", "false"),
    ("toolkit.telemetry.reportingpolicy.firstRun", "false"),
];

impl BrowserSettings<'_> {
    /// Refuses the options that the browser does not have.
    pub(super) fn check(&self, kind: BrowserKind) -> Result<(), BrowserError> {
        let TransportConfig { ca_file, cert_file, proxy, resolve, .. } = self.transport;
        let has_credentials = |proxy: &Url| !proxy.username().is_empty() || proxy.password().is_some();
        let is_firefox = kind == BrowserKind::Firefox;
        let refused = [
            (
                ca_file.is_some(),
                "--cacert",
                "browsers trust only the authorities of the system and of their profile; add the authority there, or use --insecure",
            ),
            (
                cert_file.is_some(),
                "--cert",
                "a certificate of a client must be in the profile of the browser",
            ),
            (
                proxy.as_ref().is_some_and(has_credentials),
                "--proxy",
                "a browser asks a person for the password of a proxy",
            ),
            (
                is_firefox && !resolve.is_empty(),
                "--resolve",
                "it has no such setting; use SESSCTL_BROWSER=chromium",
            ),
        ];
        match refused.into_iter().find(|(is_given, ..)| *is_given) {
            Some((_, option, why)) => {
                Err(BrowserError::UnsupportedOption { browser: kind.name(), option, why })
            }
            None => Ok(()),
        }
    }

    pub(super) fn chromium_arguments(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        if self.mode == BrowserMode::Headless {
            arguments.extend(["--headless=new".to_owned(), "--disable-gpu".to_owned()]);
        }
        if self.transport.insecure {
            arguments.push("--ignore-certificate-errors".to_owned());
        }
        if let Some(proxy) = &self.transport.proxy {
            arguments.push(format!("--proxy-server={}", proxy.origin().ascii_serialization()));
        }
        let rules = self.transport.resolve.iter().map(|rule| {
            let address = match rule.address {
                std::net::IpAddr::V6(address) => format!("[{address}]"),
                address => address.to_string(),
            };
            format!("MAP {}:{} {address}:{}", rule.host, rule.port, rule.port)
        });
        let rules: Vec<String> = rules.collect();
        if !rules.is_empty() {
            arguments.push(format!("--host-resolver-rules={}", rules.join(",")));
        }
        arguments
    }

    /// The file `user.js` of a profile.
    pub(super) fn firefox_preferences(&self) -> String {
        let mut preferences: Vec<(&str, String)> =
            PREFERENCES.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        if let Some(proxy) = &self.transport.proxy {
            let (host, port) = (proxy.host_str().unwrap_or_default(), proxy.port_or_known_default());
            preferences.push(("network.proxy.type", "1".to_owned()));
            for (name, port_name) in [
                ("network.proxy.http", "network.proxy.http_port"),
                ("network.proxy.ssl", "network.proxy.ssl_port"),
            ] {
                preferences.push((name, format!("{host:?}")));
                preferences.push((port_name, port.unwrap_or(80).to_string()));
            }
        }
        preferences.iter().map(|(name, value)| format!("user_pref({name:?}, {value});\n")).collect()
    }
}
