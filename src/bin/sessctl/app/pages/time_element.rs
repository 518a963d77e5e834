//! [`TimeElement`]: a timestamp as an HTML `time` element, to the second for people and to the millisecond for programs.

use std::fmt;

use askama::filters::HtmlSafe;

use sessctl::clock::Timestamp;

#[derive(Debug, Clone, Copy)]
pub(super) struct TimeElement(pub(super) Timestamp);

impl fmt::Display for TimeElement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0.as_millis()) {
            Ok(at) => write!(f, "<time datetime=\"{at:.3}\">{}</time>", at.strftime("%F %T UTC")),
            // jiff has no dates outside the years -9999 to 9999.
            Err(_) => write!(f, "<time datetime=\"{0}\">{0}</time>", self.0),
        }
    }
}

/// Dates contain nothing to escape.
impl HtmlSafe for TimeElement {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_has_seconds_and_the_attribute_has_milliseconds() {
        for (millis, html) in [
            (1_896_091_209_123, "<time datetime=\"2030-01-31T12:00:09.123Z\">2030-01-31 12:00:09 UTC</time>"),
            (1_896_091_209_000, "<time datetime=\"2030-01-31T12:00:09.000Z\">2030-01-31 12:00:09 UTC</time>"),
            (-1, "<time datetime=\"1969-12-31T23:59:59.999Z\">1969-12-31 23:59:59 UTC</time>"),
            (i64::MAX, "<time datetime=\"@9223372036854775\">@9223372036854775</time>"),
            (
                -62_198_755_200_000,
                "<time datetime=\"-000001-01-01T00:00:00.000Z\">-0001-01-01 00:00:00 UTC</time>",
            ),
        ] {
            assert_eq!(TimeElement(Timestamp::from_millis(millis)).to_string(), html);
        }
    }
}
