//! Tokens that say themselves what they are.

use serde_json::Value;

use super::Decoded;
use super::encoding::{base64, base64_json};
use crate::clock::Timestamp;

/// JSON Web Token: `header.payload.signature` (RFC 7519), or five parts where it is encrypted (RFC 7516).
pub(super) fn jwt(text: &str) -> Option<Decoded> {
    let parts: Vec<&str> = text.split('.').collect();
    let header = base64_json(parts.first()?).filter(|header| header.get("alg").is_some())?;
    match parts[..] {
        [_, payload, signature] => {
            let payload = base64_json(payload)?;
            let moment = |claim: &str| payload.get(claim).and_then(Value::as_f64).map(date);
            let is_unsigned = signature.is_empty()
                || header["alg"].as_str().is_some_and(|it| it.eq_ignore_ascii_case("none"));
            let signature = match base64(signature).map(|octets| octets.len()) {
                _ if is_unsigned => "none: anybody can write such a token".to_owned(),
                Some(size) => format!("{size} octets, not checked: that takes the key"),
                None => "unreadable: no base64".to_owned(),
            };
            let decoded = Decoded::new("JWT").with("header", header.to_string());
            let decoded = decoded.with("payload", payload.to_string()).with_some("issued", moment("iat"));
            Some(decoded.with_some("ends", moment("exp")).with("signature", signature))
        }
        [_, _, _, _, _] => Some(
            Decoded::new("encrypted JWT")
                .with("header", header.to_string())
                .with("content", "encrypted: it takes the key"),
        ),
        _ => None,
    }
}

/// A date, where the number can be one: some write milliseconds.
fn date(seconds: f64) -> String {
    if (0.0..1e11).contains(&seconds) {
        Timestamp::from_seconds(seconds).to_string()
    } else {
        format!("{seconds}, which is no date in seconds")
    }
}

/// What begins as only one program's encrypted values do.
pub(super) fn encrypted(text: &str) -> Option<Decoded> {
    if let Some(octets) = text.starts_with("gAAAAA").then(|| base64(text)).flatten() {
        // Version 0x80, then the time of its making in eight octets (the Fernet specification).
        let time = octets.get(1..9).and_then(|time| time.try_into().ok()).map(u64::from_be_bytes)?;
        #[allow(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^53")]
        let made = date(time as f64);
        return Some(
            Decoded::new("Fernet token").with("made", made).with("content", "encrypted: it takes the key"),
        );
    }
    if text.starts_with("CfDJ8") {
        return Some(
            Decoded::new("ASP.NET Core data protection")
                .with("content", "encrypted: it takes the server's keys"),
        );
    }
    None
}
