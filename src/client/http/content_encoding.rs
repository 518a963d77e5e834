//! Decoding `Content-Encoding`, within a size limit: a small body may decode to an unlimited one.

use std::io::{self, Read};

use http::HeaderMap;
use http::header::CONTENT_ENCODING;

/// The value of `Accept-Encoding`.
pub(crate) const ACCEPTED: &str = "gzip, br, zstd";

/// Why a body could not be decoded.
#[derive(Debug)]
pub(crate) enum DecodeError {
    TooLarge,
    Invalid(String),
}

/// Decodes a body.
pub(crate) fn decode(headers: &HeaderMap, mut body: Vec<u8>, limit: u64) -> Result<Vec<u8>, DecodeError> {
    let codings: Vec<String> = headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|coding| coding.trim().to_ascii_lowercase())
        .collect();
    // They are listed in the order in which they were applied (RFC 9110 §8.4).
    for coding in codings.iter().rev() {
        if body.is_empty() {
            break; // responses to HEAD, and 304
        }
        body = match coding.as_str() {
            "gzip" | "x-gzip" => read_all(flate2::read::MultiGzDecoder::new(body.as_slice()), limit)?,
            "br" => read_all(brotli_decompressor::Decompressor::new(body.as_slice(), 4096), limit)?,
            "zstd" => decode_zstd(&body, limit)?,
            "" | "identity" => body,
            other => {
                return Err(DecodeError::Invalid(format!(
                    "its Content-Encoding is {other:?}, which was not requested"
                )));
            }
        };
    }
    Ok(body)
}

/// Decodes all frames (RFC 8878 §3). Skippable frames have no content.
fn decode_zstd(mut encoded: &[u8], limit: u64) -> Result<Vec<u8>, DecodeError> {
    use ruzstd::decoding::StreamingDecoder;
    use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
    let mut decoded = Vec::new();
    while !encoded.is_empty() {
        match StreamingDecoder::new(&mut encoded) {
            Ok(decoder) => {
                let left = limit.saturating_sub(decoded.len() as u64);
                decoded.append(&mut read_all(decoder, left)?);
            }
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length, ..
            })) => {
                encoded = encoded.get(length as usize..).unwrap_or_default();
            }
            Err(error) => return Err(DecodeError::Invalid(error.to_string())),
        }
    }
    Ok(decoded)
}

fn read_all(encoded: impl Read, limit: u64) -> Result<Vec<u8>, DecodeError> {
    let mut decoded = Vec::new();
    let read: io::Result<usize> = encoded.take(limit.saturating_add(1)).read_to_end(&mut decoded);
    match read {
        Ok(size) if size as u64 > limit => Err(DecodeError::TooLarge),
        Ok(_) => Ok(decoded),
        Err(error) => Err(DecodeError::Invalid(error.to_string())),
    }
}
