//! [`Weaknesses`]: the faults that a server has, checked before it starts.

use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use thiserror::Error;

use sessctl::session::{CookieConfig, CookiePrefix, SessionConfig};

use super::weakness::{Needs, Weakness, Weakness as W};
use crate::app::accounts::AccountsFile;

/// A timeout that no one reaches.
const ENDLESS: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// What a token is.
const TOKENS: &[Weakness] =
    &[W::PredictableToken, W::ReadableToken, W::UnsignedToken, W::SharedToken, W::Textbook];

/// Each fault on the left contradicts each other fault on the right.
const CONTRADICTIONS: &[(&[Weakness], &[Weakness])] = &[
    (TOKENS, TOKENS),
    // The token is chosen before the user is known.
    (&[W::Fixation, W::NoRotation], &[W::ReadableToken, W::UnsignedToken, W::SharedToken]),
    // The first session has no token of its own.
    (&[W::ReloginKeepsFirst], &[W::Fixation, W::NoRotation, W::SharedToken, W::Textbook]),
    // Tokens have no fixed length.
    (&[W::TokenError], &[W::PredictableToken, W::ReadableToken, W::UnsignedToken, W::Fixation, W::Textbook]),
    (&[W::NoLogout, W::Textbook], &[W::LogoutKeepsSession, W::LogoutKeepsCookie, W::LogoutByGet, W::Revival]),
    // Only a session that a logout has ended can be revived.
    (&[W::LogoutKeepsSession], &[W::Revival]),
    // No password is wrong.
    (&[W::AnyPassword], &[W::UserEnumeration, W::NoThrottling]),
];

/// The faults that a server has.
#[derive(Debug, Clone)]
pub(crate) struct Weaknesses {
    /// As they were named.
    named: Vec<Weakness>,
    /// With those that they include.
    all: Vec<Weakness>,
    pub(super) accounts: Option<AccountsFile>,
    /// Where the login form is sent in clear text. The server sets it before it answers requests.
    clear_text_port: OnceLock<u16>,
}

/// Why these faults cannot be combined, or not with these settings.
#[derive(Debug, Error)]
pub(crate) enum WeaknessError {
    #[error("cannot combine the weaknesses {} and {}: they contradict each other; leave one of them out", .0.name(), .1.name())]
    Contradiction(Weakness, Weakness),
    #[error("the weakness {} needs TLS: give --tls-cert and --tls-key", .0.name())]
    NeedsTls(Weakness),
    #[error("the weakness {} needs passwords: give --users FILE", .0.name())]
    NeedsAccounts(Weakness),
}

impl Weaknesses {
    /// `None` without faults.
    pub(crate) fn of(
        named: &[Weakness],
        tls: bool,
        accounts: Option<&Path>,
    ) -> Result<Option<Self>, WeaknessError> {
        for &weakness in named {
            let needs = |needed| weakness.entry().is_some_and(|entry| entry.needs.contains(&needed));
            if needs(Needs::Tls) && !tls {
                return Err(WeaknessError::NeedsTls(weakness));
            }
            if needs(Needs::Accounts) && accounts.is_none() {
                return Err(WeaknessError::NeedsAccounts(weakness));
            }
        }
        for (one, other) in CONTRADICTIONS {
            let find = |group: &[Weakness], than: Option<Weakness>| {
                named.iter().copied().find(|it| group.contains(it) && Some(*it) != than)
            };
            let first = find(one, None);
            if let (Some(first), Some(second)) = (first, first.and_then(|first| find(other, Some(first)))) {
                return Err(WeaknessError::Contradiction(first, second));
            }
        }
        let included = named.iter().flat_map(|weakness| weakness.includes());
        let all = named.iter().chain(included).copied().collect();
        let accounts = accounts.map(AccountsFile::new);
        let clear_text_port = OnceLock::new();
        let weaknesses = Weaknesses { named: named.to_vec(), all, accounts, clear_text_port };
        Ok((!named.is_empty()).then_some(weaknesses))
    }

    pub(crate) fn has(&self, weakness: Weakness) -> bool {
        self.all.contains(&weakness)
    }

    pub(crate) fn set_clear_text_port(&self, port: u16) {
        // It is set only once.
        let _ = self.clear_text_port.set(port);
    }

    pub(super) fn clear_text_port(&self) -> u16 {
        self.clear_text_port.get().copied().unwrap_or_default()
    }

    /// Their names, as `--weaken` takes them.
    pub(crate) fn names(&self) -> String {
        let names: Vec<&str> = self.named.iter().map(|weakness| weakness.name()).collect();
        names.join(",")
    }

    /// The settings with those faults that are settings.
    pub(crate) fn weaken_config(&self, config: SessionConfig) -> SessionConfig {
        let mut weak = config;
        if self.has(Weakness::NoIdleTimeout) {
            weak = weak.idle_timeout(ENDLESS);
        }
        if self.has(Weakness::NoAbsoluteTimeout) {
            weak = weak.lifetime(ENDLESS);
        }
        let cookie = std::mem::take(&mut weak.cookie);
        weak.cookie(self.weaken_cookie(cookie))
    }

    fn weaken_cookie(&self, cookie: CookieConfig) -> CookieConfig {
        // With a prefix, browsers reject a cookie with a domain.
        let has_prefix = !self.has(Weakness::NoPrefix) && !self.has(Weakness::WideDomain);
        let cookie = if has_prefix { cookie } else { cookie.prefix(CookiePrefix::None) };
        if self.has(Weakness::NoSecure) { cookie.secure(false) } else { cookie }
    }
}
