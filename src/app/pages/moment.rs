//! A moment on a page: for people to the second, and for machines as exactly as it is known.

use std::fmt::{self, Write};

use sessctl::clock::Timestamp;

/// Shows itself as HTML.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment(pub(super) Timestamp);

impl Moment {
    /// Writes it at the end of a page.
    pub(super) fn push_to(self, page: &mut String) {
        page.push_str("<time datetime=\"");
        let start = page.len();
        // Writing into a String does not fail.
        let _ = write!(page, "{}", self.0);
        let end = page.len();
        page.push_str("\">");
        // `2030-01-31T12:00:00.123Z`; beyond the years that have four digits dates are longer, and stay as they are.
        if end - start > 19 && page.as_bytes()[start + 10] == b'T' {
            page.extend_from_within(start..start + 10);
            page.push(' ');
            page.extend_from_within(start + 11..start + 19);
            page.push_str(" UTC");
        } else {
            page.extend_from_within(start..end);
        }
        page.push_str("</time>");
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut html = String::new();
        self.push_to(&mut html);
        f.write_str(&html)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_seconds_and_machines_all() {
        for (moment, html) in [
            (
                "\"2030-01-31T12:00:09.123Z\"",
                "<time datetime=\"2030-01-31T12:00:09.123Z\">2030-01-31 12:00:09 UTC</time>",
            ),
            (
                "\"2030-01-31T12:00:09Z\"",
                "<time datetime=\"2030-01-31T12:00:09Z\">2030-01-31 12:00:09 UTC</time>",
            ),
        ] {
            let moment: Timestamp = serde_json::from_str(moment).unwrap();
            assert_eq!(Moment(moment).to_string(), html);
        }
    }
}
