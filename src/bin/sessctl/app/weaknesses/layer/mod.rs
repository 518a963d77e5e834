//! What every fault is made of: the service inside, what the fault knows about the server, and the parts of requests and
//! responses that it changes.

mod context;
mod cookies;
mod exchange;
mod inner;

pub(in crate::app) use context::FaultContext;
pub(super) use cookies::{CookieLine, Cookies, edit_set_cookie, find_set_cookie};
pub(super) use exchange::{
    LOGIN_FORM, authority_of, form_of, is, is_html, replace_between, rewrite, rewrite_page, set_form,
    set_path, uses_session,
};
pub(super) use inner::Inner;
