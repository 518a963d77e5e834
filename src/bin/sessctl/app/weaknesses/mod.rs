//! `serve --weaken`: faults for learners, and for checks that must find them. The sound application does not know them: each
//! is a layer around it, a wrapper around its store, or another value of a setting.

mod any_password;
mod bleed;
mod broken_revoke;
mod cache_control;
mod clear_text_login;
mod cookie_attributes;
mod extra_cookies;
mod faulty_store;
mod first_cookie_wins;
mod hold;
mod layer;
mod login_by_get;
mod logout_by_get;
mod logout_keeps_cookie;
mod logout_keeps_session;
mod lost_updates;
mod no_csrf_check;
mod no_hsts;
mod no_logout;
mod no_throttling;
mod open_redirect;
mod outer_ids;
mod relogin_keeps_first;
mod revival;
mod substring_cookie;
mod token_error;
mod token_format;
mod token_in_body;
mod token_in_query;
mod token_in_url;
mod unescaped_name;
mod user_enumeration;
mod warning;
mod weakness;
#[allow(clippy::module_inception, reason = "a file is named after its type")]
mod weaknesses;

use std::sync::Arc;

use tower::util::Either;

use sessctl::session::{SessionStore, Sessions, SessionsBuilder};

use super::http_service::HttpService;
use faulty_store::FaultyStore;
use layer::Inner;
use weakness::Weakness as W;

pub(crate) use clear_text_login::clear_text_service;
pub(super) use layer::FaultContext;
pub(crate) use no_throttling::forgetful;
pub(crate) use weakness::{WEAKNESSES, Weakness, WeaknessEntry};
pub(crate) use weaknesses::Weaknesses;

type Layer = fn(Inner, &FaultContext) -> Inner;

/// The layers, from the innermost to the outermost one, each with the weaknesses that need it.
const LAYERS: &[(Layer, &[W])] = &[
    (revival::layer, &[W::Revival]),
    (any_password::layer, &[W::AnyPassword]),
    (user_enumeration::layer, &[W::UserEnumeration]),
    // Only the layers above know the tokens of the sound server.
    (outer_ids::layer, OUTER_IDS),
    (open_redirect::layer, &[W::OpenRedirect]),
    (token_in_url::layer, &[W::TokenInUrl]),
    (token_in_body::layer, &[W::TokenInBody]),
    (unescaped_name::layer, &[W::UnescapedName]),
    (relogin_keeps_first::layer, &[W::ReloginKeepsFirst]),
    (broken_revoke::layer, &[W::BrokenRevoke]),
    (logout_keeps_session::layer, &[W::LogoutKeepsSession]),
    (logout_keeps_cookie::layer, &[W::LogoutKeepsCookie]),
    (no_logout::layer, &[W::NoLogout]),
    (no_csrf_check::layer, &[W::NoCsrfCheck]),
    (login_by_get::layer, &[W::LoginByGet]),
    (clear_text_login::layer, &[W::ClearTextLogin]),
    (logout_by_get::layer, &[W::LogoutByGet]),
    // They find the cookie for all layers above.
    (token_error::layer, &[W::TokenError]),
    (first_cookie_wins::layer, &[W::FirstCookieWins]),
    (substring_cookie::layer, &[W::SubstringCookie]),
    (token_in_query::layer, &[W::TokenInQuery]),
    (cookie_attributes::no_httponly, &[W::NoHttponly]),
    (cookie_attributes::no_samesite, &[W::NoSamesite]),
    (cookie_attributes::no_path, &[W::Textbook]),
    (cookie_attributes::wide_domain, &[W::WideDomain]),
    (cookie_attributes::ten_years, &[W::TenYearCookie]),
    (extra_cookies::oversized, &[W::OversizedCookie]),
    (extra_cookies::refused, &[W::RefusedCookie]),
    (cache_control::cacheable_pages, &[W::CacheablePages]),
    (cache_control::none, &[W::Textbook]),
    (no_hsts::layer, &[W::NoHsts]),
    (bleed::layer, &[W::Bleed]),
];

const OUTER_IDS: &[W] = &[
    W::PredictableToken,
    W::ReadableToken,
    W::UnsignedToken,
    W::SharedToken,
    W::Fixation,
    W::NoRotation,
    W::Textbook,
];

/// The service with its faults. Without any, it is the sound service itself.
pub(super) fn weakened(context: Option<FaultContext>, sound: impl HttpService) -> impl HttpService {
    let Some(context) = context else { return Either::Left(sound) };
    let weaknesses = &context.weaknesses;
    let mut service = Inner::new(sound);
    for (layer, needed_by) in LAYERS {
        if needed_by.iter().any(|weakness| weaknesses.has(*weakness)) {
            service = layer(service, &context);
        }
    }
    Either::Right(warning::layer(service, weaknesses).into_service())
}

/// Starts the setup of sessions in a store, which may get faults.
pub(crate) fn sessions_builder(
    store: impl SessionStore,
    weaknesses: Option<&Arc<Weaknesses>>,
) -> SessionsBuilder {
    match weaknesses {
        None => Sessions::builder(store),
        Some(weaknesses) => Sessions::builder(FaultyStore::new(store, weaknesses)),
    }
}
