//! What a token is: `predictable-token`, `readable-token`, `unsigned-token`, `shared-token`, and the UUID of `textbook`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::Value;
use sha2::{Digest, Sha256};

use sessctl::clock::Timestamp;

use super::weakness::Weakness;
use super::weaknesses::Weaknesses;
use crate::json::{Json, json};

/// The lifetime that a JWT claims.
const CLAIMED_LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);

const NANOSECONDS_PER_MILLISECOND: u64 = 1_000_000;

/// How tokens are made.
pub(super) enum TokenFormat {
    /// As in the sound server: 256 random bits.
    Random,
    /// The nanoseconds since 1970 by the clock of the server, which counts milliseconds. The latest one is kept, so that two
    /// logins do not get the same.
    LoginTime(AtomicU64),
    /// The name of the user in base64, with a random part.
    Json,
    /// A JWT with the id of the session. The key signs it, but nothing checks the signature.
    Jwt([u8; 32]),
    /// A UUID of version 4: 122 random bits.
    Uuid,
    /// Always the same for a user. It is derived from the key, so nobody else can compute it.
    OfUser([u8; 32]),
}

/// A new token.
pub(super) struct NewToken {
    /// What the server looks up: the token, or the id in it.
    pub(super) id: String,
    pub(super) token: String,
}

impl TokenFormat {
    pub(super) fn of(weaknesses: &Weaknesses) -> Self {
        let formats: [(Weakness, fn() -> TokenFormat); 5] = [
            (Weakness::PredictableToken, || TokenFormat::LoginTime(AtomicU64::new(0))),
            (Weakness::ReadableToken, || TokenFormat::Json),
            (Weakness::UnsignedToken, || TokenFormat::Jwt(random())),
            (Weakness::Textbook, || TokenFormat::Uuid),
            (Weakness::SharedToken, || TokenFormat::OfUser(random())),
        ];
        let chosen = formats.into_iter().find(|(weakness, _)| weaknesses.has(*weakness));
        chosen.map_or(TokenFormat::Random, |(_, format)| format())
    }

    pub(super) fn make(&self, user: &str, login: Timestamp) -> NewToken {
        let token = match self {
            TokenFormat::Random => BASE64.encode(random::<32>()),
            TokenFormat::LoginTime(latest) => {
                let login =
                    u64::try_from(login.as_millis()).unwrap_or_default() * NANOSECONDS_PER_MILLISECOND;
                let next = |latest: u64| Some(login.max(latest + 1));
                // The closure always returns `Some`.
                let before = latest.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
                login.max(before.unwrap_or_default() + 1).to_string()
            }
            TokenFormat::Json => {
                let content = json!({ "id": BASE64.encode(random::<32>()), "user": user });
                BASE64.encode(content.to_string())
            }
            TokenFormat::Jwt(key) => return jwt(key, login),
            TokenFormat::Uuid => uuid::Builder::from_random_bytes(random()).into_uuid().to_string(),
            TokenFormat::OfUser(key) => {
                BASE64.encode(Sha256::new_with_prefix(key).chain_update(user).finalize())
            }
        };
        NewToken { id: token.clone(), token }
    }

    /// What the server looks up for a token that a browser sends.
    pub(super) fn id_in(&self, token: &str) -> Option<String> {
        if !matches!(self, TokenFormat::Jwt(_)) {
            return Some(token.to_owned());
        }
        let payload = BASE64.decode(token.split('.').nth(1)?).ok()?;
        let payload: Value = serde_json::from_slice(&payload).ok()?;
        payload.get("sid")?.as_str().map(str::to_owned)
    }
}

fn jwt(key: &[u8; 32], login: Timestamp) -> NewToken {
    let id = BASE64.encode(random::<32>());
    let (issued, expires) = (login.as_seconds(), login.plus(CLAIMED_LIFETIME).as_seconds());
    let header = json!({ "alg": "HS256", "typ": "JWT" });
    let payload = json!({ "sid": id, "iat": issued, "exp": expires });
    let encode = |part: Json| BASE64.encode(part.to_string());
    let signed = format!("{}.{}", encode(header), encode(payload));
    // Looks like HMAC-SHA256. Nobody checks it.
    let signature = BASE64.encode(Sha256::new_with_prefix(key).chain_update(&signed).finalize());
    NewToken { id, token: format!("{signed}.{signature}") }
}

/// Without the system's random source, the sound server cannot create a session either.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    let _ = getrandom::fill(&mut bytes);
    bytes
}
