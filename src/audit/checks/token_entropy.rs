//! Whether tokens can be guessed.

use super::entropy::{TokenSample, signature_bits};
use crate::audit::application::CookieUse;
use crate::audit::auditor::Auditor;
use crate::audit::check::{Check, CheckGroup, Severity, asvs};
use crate::audit::observation::{NotTested, Observation, Observed};
use crate::audit::random::random_bytes;
use crate::audit::result::{CheckVerdict, ReasonKind};

/// OWASP ASVS 7.2.3 asks for 128 bits; with less than half of it, tokens can be guessed.
const SAFE_BITS: f64 = 128.0;
const GUESSABLE_BITS: f64 = 64.0;

pub(super) static CHECK: Check = Check {
    id: "token-entropy",
    title: "Tokens cannot be guessed",
    group: CheckGroup::Token,
    severity: Severity::High,
    asvs: &[asvs("7.2.3", 1)],
    cwe: &[331, 334, 340],
    sends: "logins, 30 unless --logins says otherwise",
    control: "as many values from the system's random source pass the same test",
    fix: "make each token from at least 128 bits of the system's random source",
    repeat: &[
        "for n in 1 2 3 4 5; do sessctl --jar audit-$n.json -q login URL --user USER; sessctl --jar audit-$n.json show-cookies --name COOKIE --value; done",
    ],
    is_passive: false,
};

pub(super) async fn run(auditor: &mut Auditor<'_>) -> Observed {
    let wanted = auditor.config.logins;
    for _ in auditor.state.tokens.len()..wanted {
        let jar = auditor.traffic.empty_jar();
        match auditor.log_in_with(jar).await {
            Ok(mut agent) => auditor.end_quietly(&mut agent).await,
            // What there is can be judged.
            Err(why) if why.kind == ReasonKind::RequestLimit && auditor.state.tokens.len() > 1 => break,
            Err(why) => return Err(why),
        }
    }
    let mut chosen: Option<Observation> = None;
    for cookie in &auditor.app.session_cookies {
        let tokens: Vec<String> = auditor
            .state
            .tokens
            .iter()
            .filter_map(|session| session.iter().find(|it| it.is_same_as(cookie)))
            .map(|it| it.value.to_text().into_owned())
            .collect();
        let seen = judge(&tokens)?.cookie(&cookie.name);
        // A session that needs both of two cookies is as hard to guess as the harder one; one that either opens, as the easier.
        let is_chosen = chosen.as_ref().is_none_or(|old| match auditor.app.cookie_use {
            CookieUse::AnyOpens => rank(&seen) > rank(old),
            _ => rank(&seen) < rank(old),
        });
        if is_chosen {
            chosen = Some(seen);
        }
    }
    chosen.map(|seen| vec![seen]).ok_or_else(|| NotTested::not_applicable("there is no session cookie"))
}

fn rank(seen: &Observation) -> Severity {
    match seen.verdict {
        CheckVerdict::Fail => seen.severity.unwrap_or(Severity::High),
        _ => Severity::Info,
    }
}

fn judge(tokens: &[String]) -> Result<Observation, NotTested> {
    let count = tokens.len();
    if let Some(bits) = tokens.first().and_then(|token| signature_bits(token)) {
        let reason = format!("the token is signed with {bits} bits, which nobody can guess without the key");
        return Ok(match f64::from(bits) >= SAFE_BITS {
            true => Observation::pass(reason),
            false => Observation::fail(format!("the signature of the token has only {bits} bits"))
                .severity(if f64::from(bits) < GUESSABLE_BITS { Severity::High } else { Severity::Low }),
        });
    }
    let sample = TokenSample::of(tokens);
    let control = control_sample(tokens)?;
    let control_bits = TokenSample::of(&control).bits();
    if TokenSample::of(&control).flaw().is_some() {
        return Err(NotTested::control_failed("random values fail the same test: there are too few tokens"));
    }
    let bits = sample.bits();
    let seen = match sample.flaw().filter(|_| count > 1) {
        Some(flaw) => Observation::fail(format!("{count} logins: {flaw}")),
        None if bits < GUESSABLE_BITS => {
            Observation::fail(format!("{count} logins: the token has at most {bits:.0} bits that vary"))
        }
        None if bits < SAFE_BITS => Observation::fail(format!(
            "{count} logins: the token has at most {bits:.0} bits that vary; 128 are recommended"
        ))
        .severity(Severity::Low),
        None => Observation::pass(format!(
            "{count} logins: the token has up to {bits:.0} bits, and shows no pattern"
        )),
    };
    Ok(seen.control(format!("random values of the same length have {control_bits:.0} bits")))
}

/// Random values of the same length and the same alphabet.
fn control_sample(tokens: &[String]) -> Result<Vec<String>, NotTested> {
    let mut alphabet: Vec<char> = tokens.iter().flat_map(|token| token.chars()).collect();
    alphabet.sort_unstable();
    alphabet.dedup();
    if alphabet.is_empty() {
        return Err(NotTested::not_applicable("the tokens are empty"));
    }
    let length = tokens.iter().map(|token| token.chars().count()).max().unwrap_or_default().max(22);
    tokens
        .iter()
        .map(|_| {
            Ok(random_bytes(length)?
                .into_iter()
                .map(|byte| alphabet[usize::from(byte) % alphabet.len()])
                .collect())
        })
        .collect()
}

impl Auditor<'_> {
    /// Ends a session that is needed no more, if the application has a logout. If that fails, it is ended at the end.
    async fn end_quietly(&mut self, agent: &mut crate::client::UserAgent) {
        let jar = agent.jar().snapshot();
        if let Ok(Some(request)) = self.logout_request(agent).await
            && self.traffic.send_once(agent, request).await.is_ok_and(|it| it.status.as_u16() < 400)
        {
            self.closed(&jar);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(tokens: Vec<String>) -> (CheckVerdict, Option<Severity>, String) {
        let seen = judge(&tokens).unwrap();
        (seen.verdict, seen.severity, seen.reason)
    }

    fn random(alphabet: &str, length: usize) -> Vec<String> {
        let alphabet: Vec<char> = alphabet.chars().collect();
        let one = |_| {
            random_bytes(length)
                .unwrap()
                .iter()
                .map(|it| alphabet[usize::from(*it) % alphabet.len()])
                .collect()
        };
        (0..30).map(one).collect()
    }

    const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    #[test]
    fn random_tokens_pass_and_never_by_chance_fail() {
        for _ in 0..200 {
            for (alphabet, length) in
                [(BASE64, 43), ("0123456789abcdef", 32), ("abcdefghijklmnopqrstuvwxyz0123456789", 26)]
            {
                let (verdict, _, reason) = verdict(random(alphabet, length));
                assert_eq!(verdict, CheckVerdict::Pass, "{reason}");
            }
        }
    }

    #[test]
    fn a_uuid_has_122_bits() {
        let uuid = |hex: &String| {
            let variant = ["8", "9", "a", "b"][usize::from(hex.as_bytes()[16]) % 4];
            format!(
                "{}-{}-4{}-{variant}{}-{}",
                &hex[..8],
                &hex[8..12],
                &hex[13..16],
                &hex[17..20],
                &hex[20..]
            )
        };
        let tokens: Vec<String> = random("0123456789abcdef", 32).iter().map(uuid).collect();
        let (verdict, severity, reason) = verdict(tokens);
        assert_eq!((verdict, severity), (CheckVerdict::Fail, Some(Severity::Low)), "{reason}");
        assert!(reason.contains("122"), "{reason}");
    }

    #[test]
    fn tokens_that_can_be_guessed_fail() {
        let time =
            |n: u64| format!("{}", 1_796_000_000_000_000_000 + n * 48_123_457 + (n * n * 7919) % 10_007);
        let counter = |n: u64| format!("user-session-{:08}", 4711 + n);
        let same = |_| "31d4d96e407aad42c3be7fbd2fbd5ad1".to_owned();
        let short = random("0123456789", 6);
        let prefixed: Vec<String> =
            random("0123456789abcdef", 8).iter().map(|it| format!("{:0>40}", it)).collect();
        for tokens in [
            (0..30).map(time).collect(),
            (0..30).map(counter).collect(),
            (0..30).map(same).collect(),
            short,
            prefixed,
        ] {
            let shown: Vec<String> = tokens;
            let first = shown[0].clone();
            let (verdict, severity, reason) = verdict(shown);
            assert_eq!(
                (verdict, severity.unwrap_or(Severity::High)),
                (CheckVerdict::Fail, Severity::High),
                "{first}: {reason}"
            );
        }
    }
}
