//! [`TokenSample`]: how many bits of tokens vary, and patterns by which they can be guessed.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::percent_decode_str;

/// The usual alphabets, smallest first.
const ALPHABETS: [&str; 6] = [
    "0123456789",
    "0123456789abcdef",
    "0123456789ABCDEF",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
    "0123456789abcdefghijklmnopqrstuvwxyz",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
];

/// The size of base64 and of everything larger: more would need more tokens to be seen.
const LARGEST_ALPHABET: usize = 64;

/// With fewer tokens, only equal ones are a pattern.
const MIN_SAMPLE: usize = 20;

/// The probability below which a pattern is not taken for chance.
const CHANCE: f64 = 1e-9;

/// How many bits of tokens vary, and patterns by which they can be guessed.
pub(super) struct TokenSample<'a> {
    tokens: &'a [String],
    /// How often each character is at each position.
    positions: Vec<HashMap<char, usize>>,
    /// The size of the alphabet of the positions that vary.
    alphabet: usize,
}

impl<'a> TokenSample<'a> {
    pub(super) fn of(tokens: &'a [String]) -> Self {
        let mut positions: Vec<HashMap<char, usize>> = Vec::new();
        for token in tokens {
            for (position, c) in token.chars().enumerate() {
                if positions.len() <= position {
                    positions.push(HashMap::new());
                }
                *positions[position].entry(c).or_default() += 1;
            }
        }
        let varying = positions.iter().filter(|seen| seen.len() > 1).flat_map(|seen| seen.keys());
        let alphabet = alphabet_of(varying.copied().collect());
        TokenSample { tokens, positions, alphabet }
    }

    /// At most this many bits vary.
    pub(super) fn bits(&self) -> f64 {
        self.positions.iter().map(|seen| self.bits_at(seen)).sum()
    }

    /// A position at which far fewer characters occur than in the others has only those.
    fn bits_at(&self, seen: &HashMap<char, usize>) -> f64 {
        let (count, distinct) = (self.tokens.len(), seen.len());
        if distinct <= 1 {
            return if count > 1 {
                0.0
            } else {
                bits_of(self.alphabet.max(alphabet_of(seen.keys().copied().collect())))
            };
        }
        if probability_of_at_most(distinct, count, self.alphabet) < CHANCE {
            bits_of(distinct)
        } else {
            bits_of(self.alphabet)
        }
    }

    /// A pattern by which the tokens can be guessed, if there is one.
    pub(super) fn flaw(&self) -> Option<String> {
        let count = self.tokens.len();
        let mut sorted: Vec<&String> = self.tokens.iter().collect();
        sorted.sort();
        sorted.dedup();
        if sorted.len() < count {
            return Some(format!("{} of the tokens were issued before", count - sorted.len()));
        }
        (count >= MIN_SAMPLE && self.increases())
            .then(|| "the tokens increase from login to login, as a counter or a time does".to_owned())
    }

    /// Whether the tokens are numbers that increase from login to login: by chance, that happens once in `count!`.
    fn increases(&self) -> bool {
        let parse = |radix| -> Option<Vec<u128>> {
            self.tokens.iter().map(|token| u128::from_str_radix(&digits_of(token)?, radix).ok()).collect()
        };
        let Some(numbers) = parse(10).or_else(|| parse(16)) else { return false };
        let chance: f64 = (1..=numbers.len()).map(|it| 1.0 / it as f64).product();
        chance < CHANCE && numbers.is_sorted_by(|one, next| one < next)
    }
}

/// The part of a token that may be a number: its end, from the first digit on.
fn digits_of(token: &str) -> Option<String> {
    let start = token.find(|c: char| c.is_ascii_digit())?;
    let digits = &token[start..];
    (digits.len() <= 32).then(|| digits.to_owned())
}

#[allow(clippy::cast_precision_loss, reason = "an alphabet is small")]
fn bits_of(symbols: usize) -> f64 {
    (symbols.max(1) as f64).log2()
}

/// The size of the smallest usual alphabet that has all of these characters.
fn alphabet_of(seen: Vec<char>) -> usize {
    let fits = |alphabet: &&&str| seen.iter().all(|c| alphabet.contains(*c));
    match ALPHABETS.iter().find(fits) {
        _ if seen.is_empty() => 1,
        Some(alphabet) => alphabet.len(),
        None => LARGEST_ALPHABET,
    }
}

/// An upper bound of the probability that `count` random characters of an alphabet are at most `distinct` different ones.
#[allow(clippy::cast_precision_loss, reason = "the numbers are small")]
fn probability_of_at_most(distinct: usize, count: usize, alphabet: usize) -> f64 {
    if distinct >= alphabet {
        return 1.0;
    }
    let choices: f64 = (0..distinct).map(|it| (alphabet - it) as f64 / (it + 1) as f64).product();
    let exponent = i32::try_from(count).unwrap_or(i32::MAX);
    choices * (distinct as f64 / alphabet as f64).powi(exponent)
}

/// The bits of the signature, if a token is signed: a JWT, or `payload.time.signature`.
pub(super) fn signature_bits(token: &str) -> Option<u32> {
    let decoded =
        crate::cookies::value::decode("", token.as_bytes(), crate::clock::Timestamp::from_millis(0));
    if !decoded.parts.iter().any(|part| part.label == "signature") {
        return None;
    }
    // Some write two hyphens before a hexadecimal signature, which has none itself.
    let last = token.rsplit(['.', ':', '|']).next()?;
    let is_hexadecimal =
        |text: &str| text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let last = match last.rsplit_once("--") {
        Some((_, signature)) if is_hexadecimal(signature) => signature,
        _ => last,
    };
    let plain = percent_decode_str(last).decode_utf8_lossy();
    let plain = plain.trim_end_matches('=');
    let bytes = match is_hexadecimal(plain) {
        true => plain.len() / 2,
        false => URL_SAFE_NO_PAD.decode(plain).or_else(|_| STANDARD_NO_PAD.decode(plain)).ok()?.len(),
    };
    u32::try_from(bytes * 8).ok().filter(|bits| *bits > 0)
}
