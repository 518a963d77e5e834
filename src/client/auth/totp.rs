//! [`Totp`]: computes one-time codes from a shared secret and the time (RFC 6238).

use std::fmt;
use std::str::FromStr;

use thiserror::Error;
use totp_rs::{Algorithm, Builder, Secret};
use url::Url;

use crate::clock::Timestamp;

/// The limits of the algorithm (RFC 4226 §5.3): a code is a part of a number of ten digits.
const DIGITS: std::ops::RangeInclusive<u8> = 1..=9;

/// Computes one-time codes from a shared secret and the time, as an authenticator app does (RFC 6238).
///
/// It is read from what an application shows to set up such an app: a secret in base32, or an `otpauth://` URL.
///
/// ```
/// use sessctl::client::auth::Totp;
/// use sessctl::clock::Timestamp;
///
/// let totp: Totp = "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ".parse()?;
/// assert_eq!(totp.code_at(Timestamp::from_millis(59_000)), "287082");
/// # Ok::<(), sessctl::client::auth::TotpError>(())
/// ```
pub struct Totp(totp_rs::Totp);

/// Why a text is not a secret for one-time codes. The text is not a part of the message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TotpError {
    /// The secret is not base32, or empty.
    #[error("the secret is not base32 (the letters A to Z and the digits 2 to 7), or it is empty")]
    NotBase32,
    /// The URL is not `otpauth://totp/…`: codes by a counter are not supported.
    #[error("the URL is not otpauth://totp/… with a secret")]
    NotTotp,
    /// A parameter of the URL has an unknown value.
    #[error("the parameter {0} of the otpauth URL has an unknown value")]
    Parameter(&'static str),
}

impl Totp {
    /// The code at this time.
    #[must_use]
    pub fn code_at(&self, now: Timestamp) -> String {
        self.0.generate(u64::try_from(now.as_seconds()).unwrap_or_default()).to_string()
    }

    /// From an `otpauth://` URL. Its label and its issuer are ignored.
    fn of_url(url: &str) -> Result<Self, TotpError> {
        let url = Url::parse(url).map_err(|_| TotpError::NotTotp)?;
        if !url.host_str().is_some_and(|kind| kind.eq_ignore_ascii_case("totp")) {
            return Err(TotpError::NotTotp);
        }
        let (mut builder, mut has_secret) = (Builder::new(), false);
        for (name, value) in url.query_pairs() {
            builder = match &*name {
                "secret" => {
                    has_secret = true;
                    builder.with_secret(secret_of(&value)?)
                }
                "algorithm" => {
                    let algorithm = value.replace('-', "").parse::<Algorithm>();
                    builder.with_algorithm(algorithm.map_err(|_| TotpError::Parameter("algorithm"))?)
                }
                "digits" => {
                    let digits = value.parse().ok().filter(|digits| DIGITS.contains(digits));
                    builder.with_digits(digits.ok_or(TotpError::Parameter("digits"))?)
                }
                "period" => {
                    let period = value.parse().ok().filter(|period| *period > 0);
                    builder.with_step_duration(period.ok_or(TotpError::Parameter("period"))?)
                }
                _ => builder,
            };
        }
        // Many applications issue secrets that are shorter than RFC 4226 §4 requires.
        if has_secret { Ok(Totp(builder.build_noncompliant())) } else { Err(TotpError::NotTotp) }
    }
}

/// Reads a secret, which people write in groups and in lower case.
fn secret_of(text: &str) -> Result<Secret, TotpError> {
    let is_letter = |c: &char| !c.is_whitespace() && !matches!(c, '-' | '=');
    let letters: String = text.chars().filter(is_letter).collect::<String>().to_ascii_uppercase();
    let secret = Secret::try_from_base32(letters).map_err(|_| TotpError::NotBase32)?;
    if secret.as_bytes().is_empty() { Err(TotpError::NotBase32) } else { Ok(secret) }
}

impl FromStr for Totp {
    type Err = TotpError;

    fn from_str(text: &str) -> Result<Self, TotpError> {
        let text = text.trim();
        if text.contains("://") {
            return Self::of_url(text);
        }
        Ok(Totp(Builder::new().with_secret(secret_of(text)?).build_noncompliant()))
    }
}

impl fmt::Debug for Totp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Totp").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B. The seeds are 20, 32 and 64 bytes long.
    #[test]
    fn the_codes_are_those_of_the_rfc() {
        let seed =
            |length: usize| Secret::from("1234567890".repeat(7).into_bytes()[..length].to_vec()).to_base32();
        for (seconds, sha1, sha256, sha512) in [
            (59, "94287082", "46119246", "90693936"),
            (1_111_111_109, "07081804", "68084774", "25091201"),
            (1_111_111_111, "14050471", "67062674", "99943326"),
            (1_234_567_890, "89005924", "91819424", "93441116"),
            (2_000_000_000, "69279037", "90698825", "38618901"),
            (20_000_000_000, "65353130", "77737706", "47863826"),
        ] {
            for (algorithm, length, code) in
                [("SHA1", 20, sha1), ("sha256", 32, sha256), ("SHA-512", 64, sha512)]
            {
                let url = format!(
                    "otpauth://totp/Example:alice?secret={}&algorithm={algorithm}&digits=8&issuer=Other",
                    seed(length)
                );
                let totp: Totp = url.parse().expect("a secret");
                assert_eq!(totp.code_at(Timestamp::from_millis(seconds * 1000 + 999)), code, "{url}");
            }
        }
    }

    #[test]
    fn a_secret_is_read_as_people_write_it() {
        let code = |text: &str| text.parse::<Totp>().map(|totp| totp.code_at(Timestamp::from_millis(59_000)));
        for text in [
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
            " gezd gnbv gy3t qojq gezd gnbv gy3t qojq ",
            "GEZD-GNBV-GY3T-QOJQ-GEZD-GNBV-GY3T-QOJQ",
            "otpauth://TOTP/x?secret=gezdgnbvgy3tqojqgezdgnbvgy3tqojq",
        ] {
            assert_eq!(code(text).as_deref(), Ok("287082"), "{text}");
        }
        assert_eq!(
            code("otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&period=59").unwrap(),
            "287082"
        );
        assert_eq!(code("JBSWY3DP").map(|code| code.len()), Ok(6), "a short secret");
        for (text, error) in [
            ("", TotpError::NotBase32),
            ("GEZ1", TotpError::NotBase32),
            ("otpauth://hotp/x?secret=GEZDGNBV&counter=1", TotpError::NotTotp),
            ("otpauth://totp/x", TotpError::NotTotp),
            ("https://app.test/?secret=GEZDGNBV", TotpError::NotTotp),
            ("otpauth://totp/x?secret=GEZDGNBV&digits=10", TotpError::Parameter("digits")),
            ("otpauth://totp/x?secret=GEZDGNBV&period=0", TotpError::Parameter("period")),
            ("otpauth://totp/x?secret=GEZDGNBV&algorithm=MD5", TotpError::Parameter("algorithm")),
        ] {
            assert_eq!(code(text), Err(error), "{text}");
        }
    }
}
