//! Random values: invented tokens, passwords and names, and the control of the check of randomness.

use super::observation::NotTested;

const LETTERS_AND_DIGITS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Random bytes of the system.
pub(super) fn random_bytes(length: usize) -> Result<Vec<u8>, NotTested> {
    let mut bytes = vec![0; length];
    let unavailable = |error| NotTested::control_failed(format!("the system has no random bytes: {error}"));
    getrandom::fill(&mut bytes).map_err(unavailable)?;
    Ok(bytes)
}

/// Random letters and digits.
pub(super) fn random_text(length: usize) -> Result<String, NotTested> {
    let letter = |byte: u8| char::from(LETTERS_AND_DIGITS[usize::from(byte) % LETTERS_AND_DIGITS.len()]);
    Ok(random_bytes(length)?.into_iter().map(letter).collect())
}

/// A random value of the same shape: a digit for a digit, a letter for a letter, everything else as it is.
pub(super) fn of_same_shape(value: &[u8]) -> Result<Vec<u8>, NotTested> {
    let random = random_bytes(value.len())?;
    let is_hexadecimal = value.iter().all(|byte| !byte.is_ascii_alphabetic() || byte.is_ascii_hexdigit());
    let letters = if is_hexadecimal { 6 } else { 26 };
    let like = |(old, random): (&u8, u8)| match old {
        b'0'..=b'9' => b'0' + random % 10,
        b'a'..=b'z' => b'a' + random % letters,
        b'A'..=b'Z' => b'A' + random % letters,
        other => *other,
    };
    Ok(value.iter().zip(random).map(like).collect())
}
