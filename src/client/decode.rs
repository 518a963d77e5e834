//! Undoing `Content-Encoding`, within a limit: a small body may unpack to an endless one.

use std::io::{self, Read};

use http::HeaderMap;
use http::header::CONTENT_ENCODING;

/// What requests say we can undo.
pub(super) const ACCEPTED: &str = "gzip, br, zstd";

/// Why a body could not be unpacked.
#[derive(Debug)]
pub(super) enum DecodeError {
    TooLarge,
    Broken(String),
}

/// The body as it was before it was packed for the way.
pub(super) fn decode(headers: &HeaderMap, mut body: Vec<u8>, limit: u64) -> Result<Vec<u8>, DecodeError> {
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
            break; // as answers to HEAD and 304 are
        }
        body = match coding.as_str() {
            "gzip" | "x-gzip" => unpack(flate2::read::MultiGzDecoder::new(body.as_slice()), limit)?,
            "br" => unpack(brotli_decompressor::Decompressor::new(body.as_slice(), 4096), limit)?,
            "zstd" => {
                let decoder = ruzstd::decoding::StreamingDecoder::new(body.as_slice());
                unpack(decoder.map_err(|error| DecodeError::Broken(error.to_string()))?, limit)?
            }
            "" | "identity" => body,
            other => {
                return Err(DecodeError::Broken(format!(
                    "it is packed as {other:?}, which nobody asked for"
                )));
            }
        };
    }
    Ok(body)
}

fn unpack(packed: impl Read, limit: u64) -> Result<Vec<u8>, DecodeError> {
    let mut unpacked = Vec::new();
    let read: io::Result<usize> = packed.take(limit.saturating_add(1)).read_to_end(&mut unpacked);
    match read {
        Ok(size) if size as u64 > limit => Err(DecodeError::TooLarge),
        Ok(_) => Ok(unpacked),
        Err(error) => Err(DecodeError::Broken(error.to_string())),
    }
}
