//! The CSRF token in the data of a session.

use super::data::Data;

/// The key of the token in the session's data.
pub(super) const KEY: &str = "_csrf";

/// A login gets a new token: the one of before may be known to whoever used the browser before.
pub(super) fn without_csrf_token(data: &Data) -> Data {
    if data.get(KEY).is_none() {
        return data.clone();
    }
    data.iter().filter(|(key, _)| *key != KEY).map(|(key, value)| (key.to_owned(), value.clone())).collect()
}
