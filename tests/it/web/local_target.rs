//! Where a login page may lead.

use proptest::prelude::*;
use sessctl::web::local_target;
use url::Url;

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
        }
    }
}
