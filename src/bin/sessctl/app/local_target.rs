//! Where to go after the login: only to a page of this server.

use url::Url;

/// The value for `Location`, if `next` is a path of this server.
///
/// It rejects what a browser reads as another origin: `//host`, `/\host`, and both with tabs or line breaks, which
/// browsers remove before they parse.
pub(super) fn local_target(next: &str) -> Option<String> {
    let forbidden = |c: char| c.is_control() || c == '\\';
    if !next.starts_with('/') || next.starts_with("//") || next.contains(forbidden) {
        return None;
    }
    // Any base works: the check is whether the target has the same origin.
    let own = Url::parse("http://own.invalid/").ok()?;
    let target = own.join(next).ok()?;
    // `/.//host` resolves to `//host`, so the result is checked again.
    let stays = target.origin() == own.origin() && !target.path().starts_with("//");
    stays.then(|| target[url::Position::BeforePath..].to_owned())
}

#[cfg(test)]
mod properties {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn no_target_leaves_the_origin(
            next in prop_oneof!["/[/\\\\.:@a?#%2e\t]{0,12}[a-z.]{0,6}", ".{0,40}", "/.{0,40}"],
        ) {
            if let Some(target) = local_target(&next) {
                let page = Url::parse("http://own.invalid/login").unwrap();
                prop_assert_eq!(page.join(&target).unwrap().origin(), page.origin());
                prop_assert!(http::HeaderValue::from_str(&target).is_ok());
                prop_assert_eq!(local_target(&target), Some(target), "the result is stable");
            }
        }
    }
}
