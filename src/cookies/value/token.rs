//! Tokens that name their own format: JWT, Fernet, ASP.NET Core.

use super::decoded::Decoded;
use super::encoding::{base64, base64_json};
use crate::clock::Timestamp;
use crate::cookies::json::Json;

/// The year 5138. A larger number is a time in milliseconds.
const MAX_SECONDS: f64 = 1e11;

/// JSON Web Token: `header.payload.signature` (RFC 7519), or five parts if encrypted (RFC 7516).
pub(super) fn jwt(text: &str, now: Timestamp) -> Option<Decoded> {
    let parts: Vec<&str> = text.split('.').collect();
    let header = base64_json(parts.first()?).filter(|header| header.get("alg").is_some())?;
    match parts[..] {
        [_, payload, signature] => {
            let payload = base64_json(payload)?;
            let time = |claim: &str| payload.get(claim).and_then(Json::as_f64);
            let is_expired =
                |seconds| (0.0..MAX_SECONDS).contains(&seconds) && Timestamp::from_seconds(seconds) <= now;
            let ends = time("exp").map(|it| date(it) + if is_expired(it) { ", expired" } else { "" });
            let is_unsigned = signature.is_empty()
                || header.get("alg").and_then(Json::as_str).is_some_and(|it| it.eq_ignore_ascii_case("none"));
            let signature = match base64(signature).map(|bytes| bytes.len()) {
                _ if is_unsigned => "none: anyone can write such a token".to_owned(),
                Some(size) => format!("{size} bytes, not checked, because that needs the key"),
                None => "unreadable: not base64".to_owned(),
            };
            let decoded = Decoded::new("JWT").with("header", header.to_string());
            let decoded =
                decoded.with("payload", payload.to_string()).with_some("issued", time("iat").map(date));
            Some(decoded.with_some("ends", ends).with("signature", signature))
        }
        [_, _, _, _, _] => Some(
            Decoded::new("encrypted JWT").with("header", header.to_string()).encrypted("the key decrypts it"),
        ),
        _ => None,
    }
}

/// The claims of a JSON Web Token that is not encrypted. The signature is not checked.
#[cfg(feature = "client")]
pub(crate) fn jwt_claims(text: &str) -> Option<Json> {
    let mut parts = text.split('.');
    base64_json(parts.next()?).filter(|header| header.get("alg").is_some())?;
    base64_json(parts.next()?).filter(|_| parts.count() == 1)
}

/// The date, if the number is in range: some programs write milliseconds.
fn date(seconds: f64) -> String {
    if (0.0..MAX_SECONDS).contains(&seconds) {
        Timestamp::from_seconds(seconds).to_string()
    } else {
        format!("{seconds}, which is not a date in seconds")
    }
}

/// Encrypted values of programs that always use the same prefix.
pub(super) fn encrypted(text: &str) -> Option<Decoded> {
    if let Some(bytes) = text.starts_with("gAAAAA").then(|| base64(text)).flatten() {
        // Version 0x80, then the creation time in eight bytes (Fernet specification).
        let time = bytes.get(1..9).and_then(|time| time.try_into().ok()).map(u64::from_be_bytes)?;
        #[allow(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^53")]
        let made = date(time as f64);
        return Some(Decoded::new("Fernet token").with("made", made).encrypted("the key decrypts it"));
    }
    if text.starts_with("CfDJ8") {
        return Some(Decoded::new("ASP.NET Core data protection").encrypted("the server's keys decrypt it"));
    }
    None
}
