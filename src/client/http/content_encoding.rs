//! Undoing `Content-Encoding`, within a limit: a small body may unpack to an endless one.

use std::io::{self, Read};

use http::HeaderMap;
use http::header::CONTENT_ENCODING;

/// What requests say we can undo.
pub(crate) const ACCEPTED: &str = "gzip, br, zstd";

/// Why a body could not be unpacked.
#[derive(Debug)]
pub(crate) enum DecodeError {
    TooLarge,
    Broken(String),
}

/// The body as it was before it was packed for the way.
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
            break; // as answers to HEAD and 304 are
        }
        body = match coding.as_str() {
            "gzip" | "x-gzip" => unpack(flate2::read::MultiGzDecoder::new(body.as_slice()), limit)?,
            "br" => unpack(brotli_decompressor::Decompressor::new(body.as_slice(), 4096), limit)?,
            "zstd" => unpack_zstd(&body, limit)?,
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

/// Frame after frame (RFC 8878 §3): there may be several, and some that hold nothing of the content.
fn unpack_zstd(mut packed: &[u8], limit: u64) -> Result<Vec<u8>, DecodeError> {
    use ruzstd::decoding::StreamingDecoder;
    use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
    let mut unpacked = Vec::new();
    while !packed.is_empty() {
        match StreamingDecoder::new(&mut packed) {
            Ok(decoder) => {
                let left = limit.saturating_sub(unpacked.len() as u64);
                unpacked.append(&mut unpack(decoder, left)?);
            }
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length, ..
            })) => {
                packed = packed.get(length as usize..).unwrap_or_default();
            }
            Err(error) => return Err(DecodeError::Broken(error.to_string())),
        }
    }
    Ok(unpacked)
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
