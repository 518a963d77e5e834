//! Parsers for the values of options and arguments. clap prefixes their errors with the option and the value.

use std::net::IpAddr;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Method, StatusCode};
use url::Url;

use sessctl::client::http::Resolve;
use sessctl::internal::is_secure;

/// Parses `30s`, `1h 30m` or `500ms`; a plain number is in seconds.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let parsed = match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        Err(_) => text.parse::<jiff::SignedDuration>().ok().and_then(|duration| duration.try_into().ok()),
    };
    let parsed = parsed.ok_or("not a duration; write 30s, 5m, 1h30m or 500ms")?;
    match parsed {
        Duration::ZERO => Err("a duration must be longer than zero".to_owned()),
        // Later additions to a clock must not overflow.
        long => Ok(long.min(Duration::from_secs(100 * 365 * 24 * 60 * 60))),
    }
}

/// Parses `64MiB`, `10k` or `1000000` into bytes; units are powers of 1024.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => Some(1),
        "k" | "kb" | "kib" => Some(1 << 10),
        "m" | "mb" | "mib" => Some(1 << 20),
        "g" | "gb" | "gib" => Some(1_u64 << 30),
        _ => None,
    };
    let size = factor.and_then(|factor| number.parse::<u64>().ok()?.checked_mul(factor));
    size.ok_or_else(|| "not a size; write 500000, 64MiB or 1GiB".to_owned())
}

/// Parses a method. Common methods are accepted in any case, as in browsers (Fetch, "normalize a method"), and so is
/// `patch`, which browsers would send in lower case.
pub(super) fn method(text: &str) -> Result<Method, String> {
    let upper = text.to_ascii_uppercase();
    let known = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"].contains(&upper.as_str());
    let name = if known { &upper } else { text };
    name.parse().map_err(|_| "not an HTTP method; write GET or POST".to_owned())
}

/// Parses a status, or a class of them: `200`, `2xx`.
pub(super) fn status(text: &str) -> Result<String, String> {
    let text = text.to_ascii_lowercase();
    let is_class = text.strip_suffix("xx").is_some_and(|class| matches!(class, "1" | "2" | "3" | "4" | "5"));
    if is_class || text.parse::<StatusCode>().is_ok() {
        return Ok(text);
    }
    Err("not a status code; write 200, or 2xx for a class".to_owned())
}

/// Parses `NAME=VALUE`.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("there is no =; write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Parses `NAME: VALUE`.
pub(super) fn header(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let (name, value) = text.split_once(':').ok_or("there is no colon; write \"NAME: VALUE\"")?;
    let name = name.trim().parse().map_err(|_| format!("{name:?} is not a valid header name"))?;
    let value = HeaderValue::from_str(value.trim()).map_err(|_| "the value contains a control character")?;
    Ok((name, value))
}

/// A header that is expected of a response, with any value if none is given.
#[derive(Debug, Clone)]
pub(super) struct ExpectedHeader {
    pub(super) name: HeaderName,
    pub(super) value: Option<String>,
}

/// Parses `NAME` or `NAME: VALUE`.
pub(super) fn expected_header(text: &str) -> Result<ExpectedHeader, String> {
    let (name, value) = text.split_once(':').map_or((text, None), |(name, value)| (name, Some(value)));
    let name = name.trim().parse().map_err(|_| format!("{name:?} is not a valid header name"))?;
    Ok(ExpectedHeader { name, value: value.map(|value| value.trim().to_owned()) })
}

/// A value that is expected at a place of a JSON body.
#[derive(Debug, Clone)]
pub(super) struct ExpectedJson {
    /// A JSON pointer (RFC 6901).
    pub(super) pointer: String,
    pub(super) value: String,
}

/// Parses `POINTER=VALUE`.
pub(super) fn expected_json(text: &str) -> Result<ExpectedJson, String> {
    let (pointer, value) = text.split_once('=').ok_or("there is no =; write POINTER=VALUE")?;
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return Err(format!("{pointer:?} is not a JSON pointer; write /{pointer}={value}"));
    }
    Ok(ExpectedJson { pointer: pointer.to_owned(), value: value.to_owned() })
}

/// A base URL. An empty environment variable counts as unset.
#[derive(Debug, Clone)]
pub(super) struct BaseUrl(pub(super) Option<Url>);

pub(super) fn base_url(text: &str) -> Result<BaseUrl, String> {
    if text.is_empty() { Ok(BaseUrl(None)) } else { web_address(text).map(|url| BaseUrl(Some(url))) }
}

/// Parses an http or https URL; the scheme may be left out.
pub(super) fn web_address(text: &str) -> Result<Url, String> {
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let url = Url::parse(&with_scheme)
        .map_err(|error| format!("not a URL ({error}); write http://HOST or https://HOST"))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        scheme => Err(format!("the scheme {scheme} is not supported; write http://HOST or https://HOST")),
    }
}

/// Parses an https origin.
pub(super) fn public_url(text: &str) -> Result<Url, String> {
    let url = web_address(text)?;
    if url.scheme() != "https" || url.path() != "/" || url.query().is_some() {
        return Err("not an https origin; write https://HOST, without a path".to_owned());
    }
    Ok(url)
}

/// Parses `HOST:PORT:ADDR` as curl does; an IPv6 address may be in brackets.
pub(super) fn resolve(text: &str) -> Result<Resolve, String> {
    let mut parts = text.splitn(3, ':');
    let parsed = (|| {
        let (host, port, address) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
        let address = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address);
        let address: IpAddr = address.parse().ok()?;
        (!host.is_empty()).then(|| Resolve::new(host, port, address))
    })();
    let rule = parsed.ok_or_else(|| "write HOST:PORT:ADDR, where ADDR is an IP address".to_owned())?;
    if is_local(&rule.host) && !rule.address.is_loopback() {
        return Err("this host is always this machine, which may get secrets without TLS".to_owned());
    }
    Ok(rule)
}

/// Whether a host name or address is always this machine.
pub(super) fn is_local(host: &str) -> bool {
    Url::parse(&format!("http://{host}/")).is_ok_and(|url| is_secure(&url))
}

/// Parses a host name without scheme and port.
pub(super) fn host_name(text: &str) -> Result<String, String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    let is_address = text.starts_with('[') && text.ends_with(']');
    if !text.is_empty() && (is_address || text.chars().all(is_name)) {
        return Ok(text.to_owned());
    }
    Err("not a host name; write the name without scheme and port".to_owned())
}

/// Parses the name of a profile. It names a folder, so it must not lead out of the folder of profiles.
pub(super) fn profile(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if text.is_empty() {
        return Ok("default".to_owned()); // an empty environment variable counts as unset
    }
    if text.len() > 64 || text.starts_with('.') || !text.chars().all(is_plain) {
        return Err(
            "not a profile name; use at most 64 letters, digits, '.', '_' and '-', no '.' first".to_owned()
        );
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_have_units() {
        assert_eq!(duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("1h30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("0.5"), Ok(Duration::from_millis(500)));
        for bad in ["", "0", "0s", "-1", "soon", "nan", "inf", "-5m"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
        assert_eq!((size("64MiB"), size("10k"), size("7")), (Ok(64 << 20), Ok(10 << 10), Ok(7)));
        assert!(size("x").is_err() && size("1T").is_err() && size("99999999999999999999G").is_err());
    }

    #[test]
    fn a_profile_name_cannot_leave_its_folder() {
        assert!(profile("ci-1.x").is_ok());
        for bad in ["..", ".hidden", "a/b", "a b", &"x".repeat(65)] {
            assert!(profile(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn resolve_accepts_ipv4_and_ipv6_addresses() {
        let of = |text| resolve(text).map(|rule| rule.address.to_string());
        assert_eq!(of("a.test:80:127.0.0.1"), Ok("127.0.0.1".into()));
        assert_eq!(of("a.test:80:[::1]"), Ok("::1".into()));
        assert!(of("localhost:80:192.0.2.1").is_err() && of("x.localhost:80:127.0.0.1").is_ok());
        assert!(of("a.test:80").is_err() && of(":80:::1").is_err() && of("a:b:::1").is_err());
    }
}
