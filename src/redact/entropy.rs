//! Detects values that look like generated tokens.

use std::net::IpAddr;

use uuid::Uuid;
use uuid::fmt::Hyphenated;

use super::masking::is_masked;

/// Shorter values are no tokens.
const MIN_TOKEN_LEN: usize = 20;

/// A token has at least this many characters that belong to no word and no number.
const MIN_RANDOM_LEN: usize = 16;

/// Shannon entropy in bits per character; `0000000000000000000a` has less, 20 random digits have more.
const MIN_ENTROPY: f64 = 2.5;

/// Longer numbers are no dates, phone numbers or times in milliseconds.
const MAX_NUMBER_LEN: usize = 14;

/// Files of these types have a hash of their content in their name.
const ASSETS: &[&str] = &[
    "avif", "css", "gif", "ico", "jpeg", "jpg", "js", "map", "mjs", "mp4", "otf", "png", "svg", "ttf",
    "wasm", "webm", "webp", "woff", "woff2",
];

/// Whether a percent-decoded value looks like a token: 20 or more characters of its alphabet (RFC 6750 §2.1), most of
/// them in no word. UUIDs and the names of static files are public.
pub(super) fn looks_random(value: &str) -> bool {
    let value = value.trim_end_matches('=');
    if value.len() < MIN_TOKEN_LEN
        || !value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/:".contains(&byte))
        || value.rsplit_once('.').is_some_and(|(_, kind)| ASSETS.contains(&kind))
        || value.parse::<IpAddr>().is_ok()
    {
        return false;
    }
    let value = without_uuids(value);
    // The hash of a segment that is already masked is random.
    let segments = value.split('/').filter(|segment| !is_masked(segment));
    let parts = segments.flat_map(|segment| segment.split(['-', '.', '_', '~', '+', ':']));
    let random: usize = parts.filter(|part| !is_wordlike(part)).map(str::len).sum();
    random >= MIN_RANDOM_LEN && entropy(&value) >= MIN_ENTROPY
}

/// A word with up to four digits before or after it, or a number.
fn is_wordlike(part: &str) -> bool {
    let is_digit = |c: char| c.is_ascii_digit();
    let word = part.trim_matches(is_digit);
    if word.is_empty() {
        return part.len() <= MAX_NUMBER_LEN;
    }
    let digits_before = part.len() - part.trim_start_matches(is_digit).len();
    let digits_after = part.len() - digits_before - word.len();
    digits_before <= 4 && digits_after <= 4 && has_the_shape_of_words(word)
}

const VOWELS: [char; 12] = ['a', 'e', 'i', 'o', 'u', 'y', 'A', 'E', 'I', 'O', 'U', 'Y'];

/// Letters of words, perhaps in camel case: enough vowels, no long run of consonants, few capital letters inside.
fn has_the_shape_of_words(text: &str) -> bool {
    let vowels = text.matches(VOWELS).count();
    let has_long_run = text.split(VOWELS).any(|consonants| consonants.len() > 4);
    let is_hump = |pair: &&[u8]| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase();
    let humps = text.as_bytes().windows(2).filter(is_hump).count();
    !text.contains(|c: char| c.is_ascii_digit())
        && (text.len() <= 4 || (vowels * 5 >= text.len() && !has_long_run && humps * 3 <= text.len()))
}

fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 128];
    for byte in text.bytes() {
        counts[usize::from(byte & 127)] += 1;
    }
    let total = text.len().max(1) as f64;
    let share = |count: &u32| f64::from(*count) / total;
    counts.iter().filter(|count| **count > 0).map(|count| -share(count) * share(count).log2()).sum()
}

/// The text without its UUIDs: they name things, also the sessions of a server.
fn without_uuids(text: &str) -> String {
    let (mut rest, mut others) = (text, String::new());
    while let Some(c) = rest.chars().next() {
        let uuid = rest.get(..Hyphenated::LENGTH).filter(|start| Uuid::try_parse(start).is_ok());
        others.extend(uuid.is_none().then_some(c));
        rest = &rest[uuid.map_or(c.len_utf8(), str::len)..];
    }
    others
}
