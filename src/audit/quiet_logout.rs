//! [`QuietLogout`]: what became of a logout while nothing else happened.

use crate::client::Request;
use crate::client::http::Exchange;
use crate::cookies::StoredCookie;

/// A logout while nothing else happens.
pub(super) struct QuietLogout {
    /// The control that was used, as a person reads it.
    pub(super) control: String,
    /// The logout left this client logged in, and perhaps only because it runs no script.
    pub(super) needs_script: bool,
    /// A request to a path at which many applications log out, if no page has a control.
    pub(super) path_request: Option<Request>,
    /// Whether a copy of the cookies from before opens a session afterwards.
    pub(super) copy_is_live: bool,
    /// The session cookies that the browser still has with their old values.
    pub(super) cookies_left: Vec<StoredCookie>,
    pub(super) clears_site_data: bool,
    pub(super) exchanges: Vec<Exchange>,
}
