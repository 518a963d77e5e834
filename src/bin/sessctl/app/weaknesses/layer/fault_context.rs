//! [`FaultContext`]: what faults know about the server.

use std::sync::Arc;

use sessctl::session::Sessions;

use crate::app::accounts::{Account, canonical_name};
use crate::app::form_fields::FormFields;
use crate::app::weaknesses::weakness::Weakness;
use crate::app::weaknesses::weaknesses::Weaknesses;

#[derive(Clone)]
pub(in crate::app) struct FaultContext {
    pub(in crate::app::weaknesses) weaknesses: Arc<Weaknesses>,
    pub(in crate::app::weaknesses) sessions: Sessions,
    /// The name of the session cookie.
    pub(in crate::app::weaknesses) cookie: String,
    /// Whether browsers use TLS.
    pub(in crate::app::weaknesses) tls: bool,
}

impl FaultContext {
    /// `None` for a server without faults.
    pub(in crate::app) fn of(
        weaknesses: Option<Arc<Weaknesses>>,
        sessions: &Sessions,
        tls: bool,
    ) -> Option<Self> {
        let cookie = sessions.cookie_name().to_owned();
        Some(FaultContext { weaknesses: weaknesses?, sessions: sessions.clone(), cookie, tls })
    }

    /// The name of the session cookie without its prefix.
    pub(in crate::app::weaknesses) fn short_cookie_name(&self) -> &str {
        let name = &*self.cookie;
        ["__Host-", "__Secure-"].into_iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name)
    }

    /// A `Set-Cookie` line with the attributes of the sound server.
    pub(in crate::app::weaknesses) fn set_cookie(&self, name: &str, value: &str) -> String {
        let is_secure = self.tls && !self.weaknesses.has(Weakness::NoSecure);
        let secure = if is_secure { "; Secure" } else { "" };
        format!("{name}={value}; HttpOnly; SameSite=Lax; Path=/{secure}")
    }

    /// The user whose session this token of the sound server opens.
    pub(in crate::app::weaknesses) async fn user_of(&self, real: &str) -> String {
        let session = self.sessions.open([format!("{}={real}", self.cookie).as_bytes()]);
        // Without an answer of the store, the token is that of a user without a name.
        session.peek().await.ok().flatten().and_then(|it| it.user.clone()).unwrap_or_default().to_string()
    }

    /// The account that a login form names.
    pub(in crate::app::weaknesses) fn account_of(&self, form: &FormFields) -> Option<Account> {
        let name = canonical_name(form.get("username")?.trim()).into_owned();
        let accounts = self.weaknesses.accounts.as_ref()?.read().ok()?;
        accounts.into_iter().find(|account| canonical_name(&account.name) == name)
    }
}
