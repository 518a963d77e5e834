//! Base64 in its variants, and JSON in base64.

use std::io::Read;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::decoded::Decoded;
use crate::cookies::json::Json;

/// Compressed, a cookie has at most 4096 bytes. This stops decompression bombs.
const MAX_LEN: u64 = 1 << 20;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);

/// Base64 of either alphabet, with or without padding.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE.decode(text).or_else(|_| STANDARD.decode(text)).ok()?;
    (!bytes.is_empty()).then_some(bytes)
}

/// JSON, if it is an object or an array: a number or a word alone could be anything.
pub(super) fn structure(bytes: &[u8]) -> Option<Json> {
    let value: Json = serde_json::from_slice(bytes).ok()?;
    (!matches!(value, Json::Scalar(_))).then_some(value)
}

/// Base64 of JSON.
pub(super) fn base64_json(text: &str) -> Option<Json> {
    structure(&base64(text)?)
}

/// Decompresses zlib data.
pub(super) fn decompressed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    flate2::read::ZlibDecoder::new(bytes).take(MAX_LEN).read_to_end(&mut plain).ok()?;
    Some(plain)
}

/// JSON, plain or in base64.
pub(super) fn json(text: &str) -> Option<Decoded> {
    if let Some(value) = structure(text.as_bytes()) {
        return Some(Decoded::new("JSON").with("content", value.to_string()));
    }
    let value = base64_json(text)?;
    let encrypted = |keys: &[&str]| keys.iter().all(|key| value.get(key).is_some());
    if encrypted(&["iv", "value", "mac"]) {
        return Some(Decoded::new("Laravel cookie").encrypted("the application's key decrypts it"));
    }
    Some(Decoded::new("JSON in base64").with("content", value.to_string()))
}
