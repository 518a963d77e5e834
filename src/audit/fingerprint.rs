//! Identifies a finding in later runs: by its check, its page and its cookie, and by nothing that varies. The name of the
//! check is readable, so that a person can read a list of fingerprints.

use sha2::{Digest, Sha256};

/// The length of the hash in bytes.
const LEN: usize = 8;

/// The same for the same fault of the same application. Numbers and tokens in the path are not part of it.
pub(super) fn fingerprint(check: &str, path: Option<&str>, cookie: Option<&str>) -> String {
    let path = path.map(normalized).unwrap_or_default();
    let text = [check, &path, cookie.unwrap_or_default()].join("\n");
    let hash: String = Sha256::digest(text).iter().take(LEN).map(|byte| format!("{byte:02x}")).collect();
    format!("{check}-{hash}")
}

/// The path with `*` for each segment that names one of many things: one with a digit.
fn normalized(path: &str) -> String {
    let segment = |it: &str| if it.contains(|c: char| c.is_ascii_digit()) { "*" } else { it }.to_owned();
    path.trim_end_matches('/').split('/').map(segment).collect::<Vec<String>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_depends_on_check_page_and_cookie_only() {
        let one = fingerprint("rotation", Some("/users/17/"), Some("sid"));
        assert_eq!(one, fingerprint("rotation", Some("/users/18"), Some("sid")));
        assert!(one.starts_with("rotation-"), "{one}");
        for (check, path, cookie) in [
            ("relogin", "/users/17", "sid"),
            ("rotation", "/groups/17", "sid"),
            ("rotation", "/users/17", "sid2"),
        ] {
            assert_ne!(one, fingerprint(check, Some(path), Some(cookie)));
        }
    }
}
