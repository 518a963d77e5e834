//! [`CookieConfig`]: the name and the attributes of the session cookie, validated together.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use super::config::ConfigError;
use super::cookie::CookieTemplate;

/// The name of the session cookie if the application chooses none.
const DEFAULT_NAME: &str = "sessionid";

/// The longest value of an attribute that browsers accept (RFC 6265bis §5.6).
const MAX_ATTRIBUTE_LEN: usize = 1024;

/// The name and the attributes of the session cookie. It is always `HttpOnly`.
///
/// The default is the safest cookie that works on most sites: `Secure`, `SameSite=Lax`, for this host only, with the name
/// `__Host-sessionid`. A combination that browsers reject is a [`ConfigError`].
///
/// ```
/// use sessctl::session::{CookieConfig, SessionConfig, Sessions};
/// use sessctl::stores::MemoryStore;
///
/// // One session for www.example.com and shop.example.com.
/// let cookie = CookieConfig::default().name("sid").domain("example.com");
/// let sessions = Sessions::new(MemoryStore::new(), SessionConfig::default().cookie(cookie))?;
/// assert_eq!(sessions.cookie_name(), "__Secure-sid");
/// # Ok::<(), sessctl::session::ConfigError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct CookieConfig {
    /// The name, without the prefix. Default: `sessionid`, or in a [realm](super::SessionsBuilder::realm) `REALM_sessionid`.
    /// Give two realms different names: otherwise each overwrites the cookie of the other.
    pub name: Option<String>,
    /// The beginning of the name, by which browsers know the rules for the cookie. Default:
    /// [`Automatic`](CookiePrefix::Automatic).
    pub prefix: CookiePrefix,
    /// The domain whose hosts share the cookie, such as `example.com`. Default: only the host that sets it.
    pub domain: Option<String>,
    /// The path below which browsers send the cookie. Default: `/`.
    pub path: String,
    /// Whether browsers send the cookie only over TLS. Default: yes. Most browsers make an exception for `localhost`.
    pub secure: bool,
    /// Which cross-site requests carry the cookie. Default: [`SameSitePolicy::Lax`].
    pub same_site: SameSitePolicy,
    /// Whether a page that embeds this site has its own session (CHIPS). Such a cookie needs
    /// [`SameSitePolicy::None`] to be of use. Default: no.
    pub partitioned: bool,
}

/// The beginning of the cookie's name (RFC 6265bis §4.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CookiePrefix {
    /// The strictest prefix that the other settings allow: `__Host-`, or `__Secure-` with a domain or a path, or none
    /// without `Secure`. A prefix that the name already has is kept.
    #[default]
    Automatic,
    /// The name is used as it is: for a cookie that another library has set.
    None,
    /// `__Host-`: only this host can set the cookie, and only over TLS.
    Host,
    /// `__Secure-`: the cookie can be set only over TLS.
    Secure,
}

/// The `SameSite` attribute of the session cookie (RFC 6265bis §4.1.2.7). The variants have the names of its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SameSitePolicy {
    /// The cookie is sent only with same-site requests, not even with a link from another site.
    Strict,
    /// The cookie is sent with links from other sites, but not with their forms and scripts.
    #[default]
    Lax,
    /// The cookie is sent with all requests. It must be `Secure`.
    None,
}

impl Default for CookieConfig {
    fn default() -> Self {
        CookieConfig {
            name: None,
            prefix: CookiePrefix::Automatic,
            domain: None,
            path: "/".to_owned(),
            secure: true,
            same_site: SameSitePolicy::Lax,
            partitioned: false,
        }
    }
}

impl CookieConfig {
    /// The default without `Secure`, for plain HTTP on this machine. See
    /// [`SessionConfig::development`](super::SessionConfig::development).
    ///
    /// ```
    /// # use sessctl::session::CookieConfig;
    /// assert!(!CookieConfig::development().secure);
    /// ```
    #[must_use]
    pub fn development() -> Self {
        CookieConfig::default().secure(false)
    }

    /// Sets [`name`](CookieConfig#structfield.name).
    ///
    /// ```
    /// # use sessctl::{session::{CookieConfig, SessionConfig, Sessions}, stores::MemoryStore};
    /// let config = SessionConfig::default().cookie(CookieConfig::default().name("id"));
    /// assert_eq!(Sessions::new(MemoryStore::new(), config)?.cookie_name(), "__Host-id");
    /// # Ok::<(), sessctl::session::ConfigError>(())
    /// ```
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> Self {
        CookieConfig { name: Some(name.into()), ..self }
    }

    /// Sets [`prefix`](CookieConfig#structfield.prefix).
    ///
    /// ```
    /// # use sessctl::{session::{CookieConfig, CookiePrefix, SessionConfig, Sessions}, stores::MemoryStore};
    /// let as_before = CookieConfig::default().name("connect.sid").prefix(CookiePrefix::None);
    /// let sessions = Sessions::new(MemoryStore::new(), SessionConfig::default().cookie(as_before))?;
    /// assert_eq!(sessions.cookie_name(), "connect.sid");
    /// # Ok::<(), sessctl::session::ConfigError>(())
    /// ```
    #[must_use]
    pub fn prefix(self, prefix: CookiePrefix) -> Self {
        CookieConfig { prefix, ..self }
    }

    /// Sets [`domain`](CookieConfig#structfield.domain).
    ///
    /// ```
    /// # use sessctl::{session::{ConfigError, CookieConfig, SessionConfig, Sessions}, stores::MemoryStore};
    /// let all = CookieConfig::default().domain("com"); // browsers reject a cookie for a whole top-level domain
    /// let rejected = Sessions::new(MemoryStore::new(), SessionConfig::default().cookie(all)).err();
    /// assert_eq!(rejected, Some(ConfigError::Domain("com".to_owned())));
    /// ```
    #[must_use]
    pub fn domain(self, domain: impl Into<String>) -> Self {
        CookieConfig { domain: Some(domain.into()), ..self }
    }

    /// Sets [`path`](CookieConfig#structfield.path).
    ///
    /// ```
    /// # use sessctl::{session::{CookieConfig, SessionConfig, Sessions}, stores::MemoryStore};
    /// // An application below https://example.com/wiki. `__Host-` needs the path `/`, so the prefix is weaker.
    /// let config = SessionConfig::default().cookie(CookieConfig::default().path("/wiki"));
    /// assert_eq!(Sessions::new(MemoryStore::new(), config)?.cookie_name(), "__Secure-sessionid");
    /// # Ok::<(), sessctl::session::ConfigError>(())
    /// ```
    #[must_use]
    pub fn path(self, path: impl Into<String>) -> Self {
        CookieConfig { path: path.into(), ..self }
    }

    /// Sets [`secure`](CookieConfig#structfield.secure).
    ///
    /// ```
    /// # use sessctl::{session::{ConfigError, CookieConfig, CookiePrefix, SessionConfig, Sessions}, stores::MemoryStore};
    /// let cookie = CookieConfig::default().prefix(CookiePrefix::Host).secure(false);
    /// let rejected = Sessions::new(MemoryStore::new(), SessionConfig::default().cookie(cookie)).err();
    /// assert_eq!(rejected, Some(ConfigError::PrefixNeedsSecure("__Host-sessionid".to_owned())));
    /// ```
    #[must_use]
    pub fn secure(self, secure: bool) -> Self {
        CookieConfig { secure, ..self }
    }

    /// Sets [`same_site`](CookieConfig#structfield.same_site).
    ///
    /// ```
    /// # use sessctl::{session::{CookieConfig, SameSitePolicy, SessionConfig, Sessions}, stores::MemoryStore};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let cookie = CookieConfig::default().same_site(SameSitePolicy::Strict);
    /// let session = Sessions::new(MemoryStore::new(), SessionConfig::default().cookie(cookie))?.open([]);
    /// session.login("alice").await?;
    /// assert!(session.set_cookie().is_some_and(|line| line.to_str().is_ok_and(|line| line.contains("SameSite=Strict"))));
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn same_site(self, same_site: SameSitePolicy) -> Self {
        CookieConfig { same_site, ..self }
    }

    /// Sets [`partitioned`](CookieConfig#structfield.partitioned).
    ///
    /// ```
    /// # use sessctl::session::{CookieConfig, SameSitePolicy};
    /// // A widget that other sites embed: one session for each of these sites.
    /// let cookie = CookieConfig::default().same_site(SameSitePolicy::None).partitioned(true);
    /// ```
    #[must_use]
    pub fn partitioned(self, partitioned: bool) -> Self {
        CookieConfig { partitioned, ..self }
    }

    /// Checks the settings, and returns the cookie that they describe.
    pub(super) fn validate(&self, realm: Option<&str>) -> Result<CookieTemplate, ConfigError> {
        let name = self.full_name(realm)?;
        let domain = self.domain.as_deref().map(valid_domain).transpose()?;
        if !is_valid_path(&self.path) {
            return Err(ConfigError::Path(self.path.clone()));
        }
        if self.same_site == SameSitePolicy::None && !self.secure {
            return Err(ConfigError::SameSiteNoneNeedsSecure);
        }
        if self.partitioned && !self.secure {
            return Err(ConfigError::PartitionedNeedsSecure);
        }
        self.check_prefix(&name)?;
        let mut attributes = format!("; HttpOnly; SameSite={:?}; Path={}", self.same_site, self.path);
        for (is_set, attribute) in [(self.secure, "; Secure"), (self.partitioned, "; Partitioned")] {
            attributes.push_str(if is_set { attribute } else { "" });
        }
        if let Some(domain) = domain {
            attributes.extend(["; Domain=", domain]);
        }
        Ok(CookieTemplate::new(name, attributes))
    }

    fn full_name(&self, realm: Option<&str>) -> Result<String, ConfigError> {
        let name = match (&self.name, realm) {
            (Some(name), _) => name,
            (None, None) => DEFAULT_NAME,
            // Two layers with the same name would overwrite each other's cookie.
            (None, Some(realm)) => &format!("{realm}_{DEFAULT_NAME}"),
        };
        let is_token_char = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty() || name.len() > 128 || !name.chars().all(is_token_char) {
            return Err(ConfigError::CookieName(name.to_owned()));
        }
        let prefix = match self.prefix {
            CookiePrefix::Automatic if has_prefix(name, &PREFIXES) || !self.secure => "",
            CookiePrefix::Automatic if self.is_for_one_host() => "__Host-",
            CookiePrefix::Automatic | CookiePrefix::Secure => "__Secure-",
            CookiePrefix::Host => "__Host-",
            CookiePrefix::None => "",
        };
        Ok(if name.starts_with(prefix) { name.to_owned() } else { format!("{prefix}{name}") })
    }

    /// What `__Host-` requires beside `Secure`.
    fn is_for_one_host(&self) -> bool {
        self.domain.is_none() && self.path == "/"
    }

    /// RFC 6265bis §5.7 steps 20 and 21, and the two prefixes of its successor draft.
    fn check_prefix(&self, name: &str) -> Result<(), ConfigError> {
        if has_prefix(name, &PREFIXES) && !self.secure {
            return Err(ConfigError::PrefixNeedsSecure(name.to_owned()));
        }
        if has_prefix(name, &HOST_PREFIXES) && !self.is_for_one_host() {
            return Err(ConfigError::HostPrefix(name.to_owned()));
        }
        Ok(())
    }
}

const PREFIXES: [&str; 4] = ["__secure-", "__host-", "__http-", "__host-http-"];
const HOST_PREFIXES: [&str; 2] = ["__host-", "__host-http-"];

/// Browsers compare prefixes without regard to case.
fn has_prefix(name: &str, prefixes: &[&str]) -> bool {
    let lower = name.to_ascii_lowercase();
    prefixes.iter().any(|prefix| lower.starts_with(prefix))
}

/// The value of the `Domain` attribute: a host name with at least two labels. Browsers ignore the dot before it, and reject
/// an address or the name of a top-level domain.
fn valid_domain(domain: &str) -> Result<&str, ConfigError> {
    let name = domain.strip_prefix('.').unwrap_or(domain);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_name = name.len() <= 253 && name.contains('.') && name.split('.').all(is_label);
    if is_name && name.parse::<Ipv4Addr>().is_err() {
        Ok(name)
    } else {
        Err(ConfigError::Domain(domain.to_owned()))
    }
}

fn is_valid_path(path: &str) -> bool {
    let is_path_char = |byte: u8| byte.is_ascii_graphic() && byte != b';';
    path.starts_with('/') && path.len() <= MAX_ATTRIBUTE_LEN && path.bytes().all(is_path_char)
}
