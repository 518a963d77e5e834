//! A moment on a page: for people to the second, and for machines as exactly as it is known.

use std::fmt;

use jiff::tz::Offset;

use sessctl::clock::Timestamp;

/// Shows itself as HTML.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment(pub(super) Timestamp);

impl Moment {
    /// Writes it at the end of a page.
    pub(super) fn push_to(self, page: &mut String) {
        let rfc3339 = self.digits();
        // Digits are text; beyond the years that have four of them dates are longer, and stay as they are.
        let Some(Ok(text)) = rfc3339.as_ref().map(|digits| str::from_utf8(digits)) else {
            let text = self.0.to_string();
            return page.extend(["<time datetime=\"", &text, "\">", &text, "</time>"]);
        };
        let (date, time) = (&text[..10], &text[11..19]);
        page.extend(["<time datetime=\"", text, "\">", date, " ", time, " UTC</time>"]);
    }

    /// As RFC 3339 has it. Digit by digit: the page that greets has three moments, and they would take a tenth of its
    /// time.
    fn digits(self) -> Option<[u8; 24]> {
        let moment = jiff::Timestamp::from_millisecond(self.0.as_millis()).ok()?;
        let moment = Offset::UTC.to_datetime(moment);
        let year = u16::try_from(moment.year()).ok()?;
        let millisecond = moment.millisecond().unsigned_abs();
        let ([y0, y1], [y2, y3]) = (two_digits(year / 100), two_digits(year % 100));
        let [m0, m1] = two_digits(moment.month().unsigned_abs().into());
        let [d0, d1] = two_digits(moment.day().unsigned_abs().into());
        let [h0, h1] = two_digits(moment.hour().unsigned_abs().into());
        let [n0, n1] = two_digits(moment.minute().unsigned_abs().into());
        let [s0, s1] = two_digits(moment.second().unsigned_abs().into());
        let ([_, f0], [f1, f2]) = (two_digits(millisecond / 100), two_digits(millisecond % 100));
        Some([
            y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, b'T', h0, h1, b':', n0, n1, b':', s0, s1, b'.', f0,
            f1, f2, b'Z',
        ])
    }
}

/// The last two digits of a number.
fn two_digits(number: u16) -> [u8; 2] {
    let number = (number % 100) as u8;
    [b'0' + number / 10, b'0' + number % 10]
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
        for (millis, html) in [
            (1_896_091_209_123, "<time datetime=\"2030-01-31T12:00:09.123Z\">2030-01-31 12:00:09 UTC</time>"),
            (1_896_091_209_000, "<time datetime=\"2030-01-31T12:00:09.000Z\">2030-01-31 12:00:09 UTC</time>"),
            (-1, "<time datetime=\"1969-12-31T23:59:59.999Z\">1969-12-31 23:59:59 UTC</time>"),
            (i64::MAX, "<time datetime=\"@9223372036854775\">@9223372036854775</time>"),
        ] {
            assert_eq!(Moment(Timestamp::from_millis(millis)).to_string(), html);
        }
    }

    #[test]
    fn a_year_before_the_first_is_written_as_long_as_it_is() {
        let html = Moment(Timestamp::from_millis(-62_198_755_200_000)).to_string();
        assert_eq!(html, "<time datetime=\"-000001-01-01T00:00:00Z\">-000001-01-01T00:00:00Z</time>");
    }
}
