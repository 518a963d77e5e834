//! The table of checks. Each is a file of its own.

mod absolute_timeout;
mod bleed;
mod cache_control;
mod clear_text_login;
mod cookie_domain;
mod cookie_httponly;
mod cookie_lifetime;
mod cookie_prefix;
mod cookie_refused_by_browsers;
mod cookie_samesite;
mod cookie_secure;
mod cookie_size;
mod csrf;
mod duplicate_cookies;
mod entropy;
mod fixation;
mod hsts;
mod idle_timeout;
mod login_by_get;
mod logins_with_cookies;
mod logout_by_get;
mod logout_clears_cookie;
mod logout_control;
mod logout_ends_session;
mod logout_once;
mod lost_updates;
mod name_escaping;
mod open_redirect;
mod parallel_sessions;
mod relogin;
mod revival;
mod rotation;
mod session_list;
mod throttling;
mod timeouts;
mod token_content;
mod token_elsewhere;
mod token_entropy;
mod token_in_body;
mod token_in_url;
mod token_places;
mod token_tampering;
mod user_enumeration;
mod writes;
mod wrong_password;

use futures_util::future::LocalBoxFuture;

use super::auditor::Auditor;
use super::check::Check;
use super::observation::Observed;

/// A check and the function that runs it.
pub(super) struct CheckEntry {
    pub(super) check: &'static Check,
    pub(super) run: for<'a, 'b> fn(&'a mut Auditor<'b>) -> LocalBoxFuture<'a, Observed>,
}

/// An entry of the table for each of these modules.
macro_rules! table {
    ($($module:ident),* $(,)?) => {
        /// All checks, in the order in which they run.
        pub const CHECKS: &[&Check] = &[$(&$module::CHECK),*];

        pub(super) const TABLE: &[CheckEntry] = &[$(CheckEntry {
            check: &$module::CHECK,
            run: |auditor| Box::pin($module::run(auditor)),
        }),*];
    };
}

table! {
    cookie_secure,
    cookie_httponly,
    cookie_samesite,
    cookie_prefix,
    cookie_domain,
    cookie_lifetime,
    cookie_size,
    cookie_refused_by_browsers,
    cache_control,
    hsts,
    token_in_url,
    token_in_body,
    login_by_get,
    clear_text_login,
    token_content,
    token_tampering,
    wrong_password,
    user_enumeration,
    fixation,
    rotation,
    relogin,
    logout_control,
    logout_ends_session,
    logout_clears_cookie,
    logout_by_get,
    revival,
    duplicate_cookies,
    token_elsewhere,
    parallel_sessions,
    session_list,
    bleed,
    lost_updates,
    csrf,
    open_redirect,
    name_escaping,
    token_entropy,
    idle_timeout,
    absolute_timeout,
    throttling,
}

/// The check with this name.
#[must_use]
pub fn find(id: &str) -> Option<&'static Check> {
    CHECKS.iter().copied().find(|check| check.id == id)
}
