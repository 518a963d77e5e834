//! What every fault is made of: the service inside, what the fault knows about the server, and the parts of requests and
//! responses that it changes.

mod cookies;
mod exchange;
mod fault_context;
mod inner;

pub(super) use cookies::{CookieLine, Cookies, edit_set_cookie, find_set_cookie};
pub(super) use exchange::{
    LOGIN_FORM, authority_of, form_of, is, is_html, replace_between, rewrite, rewrite_page, set_form,
    set_path, texts_of, uses_session,
};
pub(in crate::app) use fault_context::FaultContext;
pub(super) use inner::Inner;
