//! What the values of cookies contain, as far as that is visible without a key.

use sessctl::cookies::StoredCookie;
use sessctl::cookies::value::Decoded;

use super::cookie_table::{EMPTY_JAR, sent_to};
use super::decision::named;
use super::style::{Role, Style, sanitize};
use super::view::View;
use crate::json::{Json, json};

pub(crate) struct DecodedCookies(pub(crate) Vec<(StoredCookie, Decoded)>);

impl View for DecodedCookies {
    fn document(&self) -> Json {
        let cookies = self.0.iter().map(|(cookie, decoded)| {
            json!({ "name": cookie.name, "domain": cookie.domain_name(), "value": decoded })
        });
        json!({ "cookies": cookies.collect::<Json>() })
    }

    fn render(&self, style: &Style<'_>) -> String {
        let mut text = String::new();
        for (cookie, decoded) in &self.0 {
            let kind = style.paint(Role::Key, decoded.kind);
            text.push_str(&format!("{} of {}: {kind}\n", named(&cookie.name), sent_to(cookie)));
            for part in &decoded.parts {
                let label = style.paint(Role::Quiet, &format!("{}:", part.label));
                text.push_str(&format!("  {label} {}\n", sanitize(&part.text, false)));
            }
        }
        text
    }

    fn remark(&self) -> Option<String> {
        self.0.is_empty().then(|| EMPTY_JAR.to_owned())
    }
}
