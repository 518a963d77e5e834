//! Values of arguments: text in, typed value or a clear message out.

use std::convert::Infallible;
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Method};
use url::Url;

use sessctl::client::Resolve;

/// `30s`, `1h 30m`, `500ms`; a plain number is seconds.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let parsed = match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        Err(_) => text.parse::<jiff::SignedDuration>().ok().and_then(|duration| duration.try_into().ok()),
    };
    let parsed = parsed.ok_or_else(|| format!("{text:?} is no duration; write 30s, 5m, 1h30m or 500ms"))?;
    match parsed {
        Duration::ZERO => Err("a duration must be longer than zero".to_owned()),
        // A hundred years are for ever, and leave room for adding.
        long => Ok(long.min(Duration::from_secs(100 * 365 * 24 * 60 * 60))),
    }
}

/// `64MiB`, `10k`, `1000000`: octets; units are powers of 1024.
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
    size.ok_or_else(|| format!("{text:?} is no size; write 500000, 64MiB or 1GiB"))
}

/// A method; those that everybody knows in any case of letters: browsers have it so (Fetch, normalize a method) for
/// all but PATCH, where the small letters are a trap of their own.
pub(super) fn method(text: &str) -> Result<Method, String> {
    let upper = text.to_ascii_uppercase();
    let known = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"].contains(&upper.as_str());
    let name = if known { &upper } else { text };
    name.parse().map_err(|_| format!("{text:?} cannot be a method"))
}

/// `name=value`
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) =
        text.split_once('=').ok_or_else(|| format!("{text:?} is not of the form name=value"))?;
    Ok((name.to_owned(), value.to_owned()))
}

/// `Name: value`
pub(super) fn header(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let (name, value) =
        text.split_once(':').ok_or_else(|| format!("{text:?} is not of the form Name: value"))?;
    let name = name.trim().parse().map_err(|_| format!("{name:?} cannot be the name of a header"))?;
    let value =
        HeaderValue::from_str(value.trim()).map_err(|_| format!("{value:?} cannot be sent in a header"))?;
    Ok((name, value))
}

/// A base URL, or nothing: an empty variable of the environment is as good as none.
#[derive(Debug, Clone)]
pub(crate) struct Base(pub(crate) Option<Url>);

pub(super) fn base(text: &str) -> Result<Base, String> {
    if text.is_empty() { Ok(Base(None)) } else { web_address(text).map(|url| Base(Some(url))) }
}

/// A web address with a host.
pub(super) fn web_address(text: &str) -> Result<Url, String> {
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let url = Url::parse(&with_scheme).map_err(|error| format!("{text:?} is no URL: {error}"))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        scheme => Err(format!("{scheme}: is no web address; write http://HOST or https://HOST")),
    }
}

/// An origin that browsers reach over TLS.
pub(super) fn public_url(text: &str) -> Result<Url, String> {
    let url = web_address(text)?;
    if url.scheme() != "https" || url.path() != "/" || url.query().is_some() {
        return Err(format!("{text:?} is no origin over TLS; write https://HOST"));
    }
    Ok(url)
}

/// `HOST:PORT:ADDR`, as curl has it; an IPv6 address may stand in brackets.
pub(super) fn resolve(text: &str) -> Result<Resolve, String> {
    let mut parts = text.splitn(3, ':');
    let parsed = (|| {
        let (host, port, address) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
        let address = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address);
        let address: IpAddr = address.parse().ok()?;
        (!host.is_empty()).then(|| Resolve { host: host.to_owned(), port, address })
    })();
    parsed.ok_or_else(|| format!("{text:?} is not of the form HOST:PORT:ADDRESS"))
}

/// A host name alone, as it stands in a `Host` header without its port.
pub(super) fn host_name(text: &str) -> Result<String, String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    let is_address = text.starts_with('[') && text.ends_with(']');
    if !text.is_empty() && (is_address || text.chars().all(is_name)) {
        return Ok(text.to_owned());
    }
    Err(format!("{text:?} is no host name; write the name alone, without scheme and port"))
}

/// Where sessions live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StoreAddress {
    Memory,
    Sqlite(PathBuf),
    Redis(StoreUrl),
    Postgres(StoreUrl),
    /// Something else. It may hold a password, and a parser that refuses it would have it shown.
    Unknown,
}

/// The URL of a store, which may hold a password: it is shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct StoreUrl(String);

impl StoreUrl {
    /// For the one who opens the store.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether a password stands in it, which everybody on this machine can see in the list of processes if it was given as
    /// an argument.
    pub(crate) fn has_password(&self) -> bool {
        let authority =
            self.0.split_once("://").map(|(_, rest)| rest.split(['/', '?']).next().unwrap_or(rest));
        authority.and_then(|it| it.rsplit_once('@')).is_some_and(|(user, _)| user.contains(':'))
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// `memory`, `sqlite:FILE`, or the URL of a Redis or PostgreSQL server.
pub(super) fn store(text: &str) -> Result<StoreAddress, Infallible> {
    Ok(match text.split_once(':') {
        // An empty variable of the environment is as good as none.
        None if text == "memory" || text.is_empty() => StoreAddress::Memory,
        Some(("sqlite", file)) if !file.is_empty() => {
            StoreAddress::Sqlite(file.strip_prefix("//").unwrap_or(file).into())
        }
        Some(("redis" | "rediss" | "unix" | "redis+unix", _)) => {
            StoreAddress::Redis(StoreUrl(text.to_owned()))
        }
        Some(("postgres" | "postgresql", _)) => StoreAddress::Postgres(StoreUrl(text.to_owned())),
        _ => StoreAddress::Unknown,
    })
}

/// A profile is a folder: its name must stay in its place.
pub(super) fn profile(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if text.is_empty() {
        return Ok("default".to_owned()); // as an empty variable of the environment
    }
    if text.len() > 64 || text.starts_with('.') || !text.chars().all(is_plain) {
        return Err(format!(
            "{text:?} cannot name a profile: use letters, digits, '.', '_' and '-', up to 64"
        ));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_are_read_with_their_units() {
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
    fn a_store_is_named_by_its_kind() {
        assert_eq!(store("memory"), Ok(StoreAddress::Memory));
        assert_eq!(store("sqlite:a/b.db"), Ok(StoreAddress::Sqlite("a/b.db".into())));
        assert_eq!(store("sqlite:///var/x"), Ok(StoreAddress::Sqlite("/var/x".into())));
        for bad in ["sqlite", "sqlite:", "file.db", "mysql://u:secret@h"] {
            assert_eq!(store(bad), Ok(StoreAddress::Unknown), "{bad}");
        }
        for (url, has_password) in [
            ("redis://h", false),
            ("rediss://:secret@h:1/2", true),
            ("postgres://u@h/d", false),
            ("postgresql://u:secret@h/d?x=@:", true),
        ] {
            let Ok(address @ (StoreAddress::Redis(found) | StoreAddress::Postgres(found))) = &store(url)
            else {
                panic!("{url}")
            };
            assert_eq!((found.reveal(), found.has_password()), (url, has_password));
            assert!(!format!("{address:?}").contains("secret"), "{address:?}");
        }
    }

    #[test]
    fn a_profile_stays_in_its_place() {
        assert!(profile("ci-1.x").is_ok());
        for bad in ["..", ".hidden", "a/b", "a b", &"x".repeat(65)] {
            assert!(profile(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn resolve_takes_both_kinds_of_addresses() {
        let of = |text| resolve(text).map(|rule| rule.address.to_string());
        assert_eq!(of("a.test:80:127.0.0.1"), Ok("127.0.0.1".into()));
        assert_eq!(of("a.test:80:[::1]"), Ok("::1".into()));
        assert!(of("a.test:80").is_err() && of(":80:::1").is_err() && of("a:b:::1").is_err());
    }
}
