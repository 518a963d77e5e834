//! Values that a framework signs and everyone can read.

use super::decoded::Decoded;
use super::encoding;
use super::encoding::{base64, base64_json, decompressed, structure};
use super::identifier::MAX_SECONDS;
use crate::clock::Timestamp;
use crate::cookies::json::Json;

const NOT_CHECKED: &str = "not checked, because that needs the key";

/// Express (cookie-parser, express-session): `s:value.signature`, `j:json`.
pub(super) fn express(text: &str) -> Option<Decoded> {
    if let Some(json) = text.strip_prefix("j:").and_then(|json| structure(json.as_bytes())) {
        return Some(Decoded::new("Express JSON cookie").with("content", json.to_string()));
    }
    let (value, signature) = text.strip_prefix("s:")?.rsplit_once('.')?;
    // HMAC-SHA256 in base64 without padding.
    (base64(signature)?.len() == 32).then(|| {
        let decoded = Decoded::new("Express signed cookie").with("value", value);
        decoded.with("signature", NOT_CHECKED)
    })
}

/// Ruby on Rails: `data--signature`, or `data--iv--tag` if encrypted.
pub(super) fn rails(text: &str) -> Option<Decoded> {
    let parts: Vec<&str> = text.split("--").collect();
    let encrypted = || Decoded::new("Rails encrypted cookie").encrypted("secret_key_base decrypts it");
    match parts[..] {
        [data, iv, tag] => {
            let size = |text: &str| base64(text).map(|bytes| bytes.len());
            (size(data).is_some() && size(iv) == Some(12) && size(tag) == Some(16)).then(encrypted)
        }
        [data, signature] => {
            let is_digest =
                matches!(signature.len(), 40 | 64) && signature.bytes().all(|it| it.is_ascii_hexdigit());
            let bytes = base64(data).filter(|_| is_digest)?;
            let inner = std::str::from_utf8(&bytes).ok().and_then(|inner| inner.split_once("--"));
            if inner.and_then(|(_, iv)| base64(iv)).is_some_and(|iv| iv.len() == 16) {
                return Some(encrypted());
            }
            let content = match structure(&bytes) {
                // Since Rails 5.2 an envelope has the purpose and the expiry.
                Some(wrapped) => {
                    let message =
                        wrapped.get("_rails").and_then(|it| it.get("message")?.as_str()).and_then(base64);
                    message.map_or_else(
                        || wrapped.to_string(),
                        |message| String::from_utf8_lossy(&message).into_owned(),
                    )
                }
                None if bytes.starts_with(b"\x04\x08") => "Ruby objects (Marshal)".to_owned(),
                None => String::from_utf8_lossy(&bytes).into_owned(),
            };
            Some(Decoded::new("Rails signed cookie").with("content", content).with("signature", NOT_CHECKED))
        }
        _ => None,
    }
}

/// Tornado: `2|1:0|10:time|length:name|length:value|signature`.
pub(super) fn tornado(text: &str) -> Option<Decoded> {
    let fields: Vec<&str> = text.strip_prefix("2|")?.split('|').collect();
    let [_, time, name, value, _] = fields[..] else { return None };
    let content = |field: &str| field.split_once(':').map(|(_, content)| content.to_owned());
    let seconds: f64 = content(time)?.parse().ok()?;
    let value = content(value)?;
    let value = base64(&value).and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or(value);
    let decoded = Decoded::new("Tornado signed cookie").with_some("name", content(name)).with("value", value);
    Some(decoded.with("signed", Timestamp::from_seconds(seconds).to_string()).with("signature", NOT_CHECKED))
}

/// Plug and Phoenix: `SFMyNTY.data.signature`; the first part is `HS256` in base64.
pub(super) fn plug(text: &str) -> Option<Decoded> {
    let (data, _) = text.strip_prefix("SFMyNTY.")?.split_once('.')?;
    let size = base64(data)?.len();
    let content = format!("{size} bytes in Erlang's term format, readable by everyone");
    Some(Decoded::new("Phoenix signed session").with("content", content).with("signature", NOT_CHECKED))
}

/// Django: `data:time:signature` or `text:signature`, with the time in base 62.
pub(super) fn django(text: &str) -> Option<Decoded> {
    let (rest, signature) = text.rsplit_once(':')?;
    // HMAC-SHA256, or HMAC-SHA1 before Django 3.1.
    base64(signature).filter(|bytes| matches!(bytes.len(), 20 | 32))?;
    let (data, time) = match rest.rsplit_once(':').and_then(|(data, time)| Some((data, base62(time)?))) {
        Some((data, time)) => (data, Some(time)),
        None => (rest, None),
    };
    let kind = if time.is_some() { "Django signed value" } else { "signed text" };
    let decoded = Decoded::new(kind).with("content", content(data));
    Some(decoded.with_some("signed", time).with("signature", NOT_CHECKED))
}

/// itsdangerous, which Flask uses: `data.time.signature`, with the time in base64.
pub(super) fn itsdangerous(text: &str) -> Option<Decoded> {
    let (rest, signature) = text.rsplit_once('.')?;
    let (data, time) = rest.rsplit_once('.')?;
    base64(signature).filter(|bytes| matches!(bytes.len(), 20 | 32 | 64))?;
    let time = base64(time).filter(|bytes| bytes.len() == 4)?;
    let seconds = time.iter().fold(0_u64, |time, byte| time << 8 | u64::from(*byte));
    // Before version 1.1, times count from 2011.
    let seconds = if seconds < 1_000_000_000 { seconds + 1_293_840_000 } else { seconds };
    if seconds > MAX_SECONDS
        || base64_json(data.split('.').next()?).is_some_and(|first| first.get("alg").is_some())
    {
        return None; // another format with dots
    }
    let kind = if data_of(data).is_some() {
        "itsdangerous session (as Flask writes)"
    } else {
        "itsdangerous signed value"
    };
    let decoded = Decoded::new(kind).with("content", content(data));
    Some(decoded.with("signed", moment(seconds)).with("signature", NOT_CHECKED))
}

/// JSON in base64; a leading dot marks zlib compression.
fn data_of(data: &str) -> Option<Json> {
    match data.strip_prefix('.') {
        Some(packed) => structure(&decompressed(&encoding::base64(packed)?)?),
        None => base64_json(data),
    }
}

fn content(data: &str) -> String {
    data_of(data).map_or_else(|| data.to_owned(), |data| data.to_string())
}

fn moment(seconds: u64) -> String {
    i64::try_from(seconds).map_or_else(
        |_| "out of range".to_owned(),
        |seconds| Timestamp::from_millis(seconds.saturating_mul(1000)).to_string(),
    )
}

/// Seconds since 1970 in base 62: digits, upper-case and lower-case letters.
fn base62(text: &str) -> Option<String> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(u64::from(byte - b'0')),
        b'A'..=b'Z' => Some(u64::from(byte - b'A') + 10),
        b'a'..=b'z' => Some(u64::from(byte - b'a') + 36),
        _ => None,
    };
    let seconds = text.bytes().try_fold(0_u64, |n, byte| n.checked_mul(62)?.checked_add(digit(byte)?))?;
    // Six digits cover the years 1999 to 3770.
    (text.len() == 6).then(|| moment(seconds))
}
