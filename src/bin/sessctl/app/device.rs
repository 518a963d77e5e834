//! Describes the client of a login, so that users can tell their sessions apart.

use std::net::IpAddr;

/// The longest description, in bytes: each session keeps one.
const MAX_LEN: usize = 48;

/// Parts of `User-Agent` with the name of the browser. Most browsers name others too, so the first match counts.
const BROWSERS: [(&str, &str); 9] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Safari/", "Safari"),
];

/// The same for the system.
const SYSTEMS: [(&str, &str); 7] = [
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// `Firefox on Linux, 203.0.113.9`: as much as fits into 48 bytes. Empty if nothing is known.
pub(super) fn description(user_agent: &str, address: Option<IpAddr>) -> String {
    let first = |names: &[(&str, &'static str)]| {
        names.iter().find(|(part, _)| user_agent.contains(part)).map(|(_, name)| *name)
    };
    let address = address.map(|address| address.to_canonical().to_string());
    let browser = first(&BROWSERS).unwrap_or_else(|| product(user_agent));
    let system = first(&SYSTEMS).filter(|_| !browser.is_empty());
    let device = system.map(|system| format!("{browser} on {system}"));
    let devices = [device.as_deref(), Some(browser), Some("")].into_iter().flatten();
    let mut descriptions = devices.map(|device| {
        let parts = [device, address.as_deref().unwrap_or_default()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<&str>>().join(", ")
    });
    descriptions.find(|description| description.len() <= MAX_LEN).unwrap_or_default()
}

/// The first product of `User-Agent` (RFC 9110 §10.1.5), such as `curl`.
fn product(user_agent: &str) -> &str {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    &user_agent[..user_agent.find(|c| !is_token(c)).unwrap_or(user_agent.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_description_fits_and_names_browser_system_and_address() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 \
                    Safari/537.36 Edg/140.0";
        let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                      Version/18.0 Mobile/15E148 Safari/604.1";
        for (user_agent, address, expected) in [
            (firefox, "203.0.113.9", "Firefox on Linux, 203.0.113.9"),
            (edge, "::ffff:203.0.113.9", "Edge on Windows, 203.0.113.9"),
            (safari, "2001:db8::1", "Safari on iPhone, 2001:db8::1"),
            (edge, "2001:db8:1111:2222:3333:4444:5555:6666", "Edge, 2001:db8:1111:2222:3333:4444:5555:6666"),
            ("curl/8.0", "203.0.113.9", "curl, 203.0.113.9"),
            ("\u{202e}evil", "203.0.113.9", "203.0.113.9"),
            ("", "203.0.113.9", "203.0.113.9"),
        ] {
            assert_eq!(description(user_agent, address.parse().ok()), expected, "{user_agent}");
        }
        assert_eq!(description(&"x".repeat(100), None), "");
        assert_eq!(description("", None), "");
    }
}
