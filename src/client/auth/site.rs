//! Whether two pages belong to one site.

use url::Url;

use crate::cookies::RequestContext;

/// Whether two pages belong to one site. A redirect from http to https stays on it.
pub(super) fn is_same_site(one: &Url, other: &Url) -> bool {
    let mut initiator = one.clone();
    // Only the two special schemes of the web are compared, so this does not fail.
    let _ = initiator.set_scheme(other.scheme());
    RequestContext { initiator: Some(initiator), ..RequestContext::default() }.is_same_site(other)
}
