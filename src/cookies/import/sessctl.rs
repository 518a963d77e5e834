//! Jars of sessctl, and the output of `show-cookies --json`.

use serde::Deserialize;
use serde_json::Value;

use super::imported::{ImportError, ImportFormat, Imported, RejectionCause};
use crate::clock::Timestamp;
use crate::cookies::json_error::without_values;
use crate::cookies::policy;
use crate::cookies::set_cookie::cap_expiry;
use crate::cookies::stored_cookie::StoredCookie;

const VERSION: u32 = 1;

#[derive(Deserialize)]
struct SessctlDocument {
    #[serde(default)]
    version: u32,
    cookies: Vec<Value>,
}

pub(super) fn read(document: Value, now: Timestamp) -> Result<Imported, ImportError> {
    let broken = |why: String| ImportError::Broken { format: ImportFormat::Sessctl, why };
    let document: SessctlDocument =
        serde_json::from_value(document).map_err(|error| broken(without_values(&error)))?;
    if document.version > VERSION {
        let why = format!("it has version {}, this sessctl supports up to {VERSION}", document.version);
        return Err(broken(why));
    }
    let mut imported = Imported::new(ImportFormat::Sessctl);
    for (number, cookie) in (1..).zip(document.cookies) {
        imported.add(format!("cookie {number}"), validate(cookie, now));
    }
    Ok(imported)
}

fn validate(cookie: Value, now: Timestamp) -> Result<StoredCookie, RejectionCause> {
    let mut cookie: StoredCookie = serde_json::from_value(cookie)?;
    cookie.expires = cookie.expires.map(|expires| cap_expiry(expires, now));
    Ok(policy::validate_imported(cookie)?)
}
