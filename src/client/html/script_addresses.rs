//! The addresses that scripts of a page may request: paths in inline scripts, event handlers and `data-` attributes.

use scraper::ElementRef;
use url::Url;

/// A longer text is not an address.
const MAX_ADDRESS_LEN: usize = 200;

/// A page has no more addresses that matter.
const MAX_ADDRESSES: usize = 1000;

/// Prefixes of the attributes that contain scripts or addresses for scripts.
const PREFIXES: [&str; 5] = ["data-", "on", "hx-", "ng-", "x-"];

/// All paths, without duplicates.
pub(crate) fn all_in(elements: &[ElementRef<'_>], base: &Url) -> Vec<Url> {
    let mut found: Vec<Url> = Vec::new();
    let mut add = |text: &str| {
        let paths = text.split(['"', '\'', '`']).filter(|part| is_path(part));
        for target in paths.filter_map(|path| base.join(path).ok()) {
            if found.len() < MAX_ADDRESSES && found.last() != Some(&target) {
                found.push(target);
            }
        }
    };
    for element in elements {
        if element.value().name() == "script" {
            element.text().for_each(&mut add);
        }
        let attributes = element.value().attrs();
        let is_for_scripts = |name: &str| PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        attributes.filter(|(name, _)| is_for_scripts(name)).for_each(|(_, value)| add(value));
    }
    found
}

/// Whether a text is a path from the root of the site.
fn is_path(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~%?=&".contains(&byte);
    text.len() <= MAX_ADDRESS_LEN
        && text.starts_with('/')
        && !text.starts_with("//")
        && text.bytes().all(is_plain)
}
