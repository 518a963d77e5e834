//! Base64 in its dialects, and JSON below it.

use std::io::Read;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

use super::Decoded;

/// A cookie has 4096 octets at most; what is packed in it, some more.
const LARGEST: u64 = 1 << 20;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);

/// Base64 of either alphabet, with or without padding.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let octets = URL_SAFE.decode(text).or_else(|_| STANDARD.decode(text)).ok()?;
    (!octets.is_empty()).then_some(octets)
}

/// JSON that is an object or a list: a number or a word alone could be anything.
pub(super) fn structure(octets: &[u8]) -> Option<Value> {
    let value: Value = serde_json::from_slice(octets).ok()?;
    (value.is_object() || value.is_array()).then_some(value)
}

/// Base64 of JSON.
pub(super) fn base64_json(text: &str) -> Option<Value> {
    structure(&base64(text)?)
}

/// What was packed with zlib.
pub(super) fn unpacked(octets: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    flate2::read::ZlibDecoder::new(octets).take(LARGEST).read_to_end(&mut plain).ok()?;
    Some(plain)
}

/// JSON as it is, or as base64.
pub(super) fn json(text: &str) -> Option<Decoded> {
    if let Some(value) = structure(text.as_bytes()) {
        return Some(Decoded::new("JSON").with("content", value.to_string()));
    }
    let value = base64_json(text)?;
    let encrypted = |keys: &[&str]| keys.iter().all(|key| value.get(key).is_some());
    if encrypted(&["iv", "value", "mac"]) {
        return Some(
            Decoded::new("Laravel cookie").with("content", "encrypted: it takes the application's key"),
        );
    }
    Some(Decoded::new("JSON in base64").with("content", value.to_string()))
}
