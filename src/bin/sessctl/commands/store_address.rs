//! [`StoreAddress`]: the store that `--store` names.

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;

/// Where sessions are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum StoreAddress {
    Memory,
    Sqlite(PathBuf),
    Redis(StoreUrl),
    Postgres(StoreUrl),
    /// Anything else. It may contain a password, so it is not repeated in an error message.
    Unknown,
}

/// The URL of a store. It may contain a password, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct StoreUrl(String);

impl StoreUrl {
    /// The whole URL, to open the store.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether the URL contains a password. Given as an argument, every user of this machine sees it in the process list.
    pub(super) fn has_password(&self) -> bool {
        let authority =
            self.0.split_once("://").map(|(_, rest)| rest.split(['/', '?']).next().unwrap_or(rest));
        let query = self.0.split_once('?').map_or("", |(_, query)| query);
        authority.and_then(|it| it.rsplit_once('@')).is_some_and(|(user, _)| user.contains(':'))
            || query.split('&').any(|it| it.starts_with("pass=") || it.starts_with("sentinel_password="))
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Parses `memory`, `sqlite:FILE`, or the URL of a Redis or PostgreSQL server. An empty environment variable counts as
/// unset.
pub(super) fn store(text: &str) -> Result<StoreAddress, Infallible> {
    Ok(match text.split_once(':') {
        None if text == "memory" || text.is_empty() => StoreAddress::Memory,
        Some(("sqlite", file)) if !file.is_empty() => {
            StoreAddress::Sqlite(file.strip_prefix("//").unwrap_or(file).into())
        }
        Some(("redis" | "rediss" | "redis+sentinel" | "rediss+sentinel" | "unix" | "redis+unix", _)) => {
            StoreAddress::Redis(StoreUrl(text.to_owned()))
        }
        Some(("postgres" | "postgresql", _)) => StoreAddress::Postgres(StoreUrl(text.to_owned())),
        _ => StoreAddress::Unknown,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("unix:///socket?pass=secret", true),
            ("redis+sentinel://a,b/service?sentinel_password=secret", true),
            ("redis+sentinel://a,b/service?prefix=x:", false),
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
}
