//! Cookie dates (RFC 6265bis §5.1.1): tokens in any order, two-digit years. Where Chromium and Firefox agree with each
//! other and not with the RFC, dates are read as they do: no text after the day (`28th`), years before 1601 are in the
//! past, seconds may have a third digit.

use crate::clock::Timestamp;

/// Parses a cookie date; `None` if the algorithm fails.
pub(super) fn parse(text: &[u8]) -> Option<Timestamp> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for token in text.split(|&byte| is_delimiter(byte)) {
        // A token is the first of these parts that is still missing and that it fits (step 2).
        let _ = fill(&mut time, || time_of(token))
            || fill(&mut day, || whole(token))
            || fill(&mut month, || month_of(token))
            || fill(&mut year, || number(token, 2, 4));
    }
    let ((hour, minute, second), day, month) = (time?, day?, month?);
    let year = match year? {
        short @ 70..=99 => short + 1900,
        short @ 0..=69 => short + 2000,
        full => full,
    };
    if hour > 23 || minute > 59 || second > 59 || (100..1000).contains(&year) {
        return None;
    }
    let number = |n: u32| i8::try_from(n).ok();
    let date = jiff::civil::Date::new(i16::try_from(year).ok()?, number(month)?, number(day)?).ok()?;
    if year < 1601 {
        return Some(Timestamp::from_millis(0));
    }
    let moment =
        date.at(number(hour)?, number(minute)?, number(second)?, 0).to_zoned(jiff::tz::TimeZone::UTC);
    // The last hours of the year 9999 are out of range for some time zones.
    Some(moment.map_or(Timestamp::MAX, |moment| Timestamp::from_millis(moment.timestamp().as_millisecond())))
}

/// Sets a missing part if the token fits it.
fn fill<T>(part: &mut Option<T>, parse: impl FnOnce() -> Option<T>) -> bool {
    if part.is_some() {
        return false;
    }
    *part = parse();
    part.is_some()
}

/// `delimiter = %x09 / %x20-2F / %x3B-40 / %x5B-60 / %x7B-7E`
fn is_delimiter(byte: u8) -> bool {
    matches!(byte, 0x09 | 0x20..=0x2F | 0x3B..=0x40 | 0x5B..=0x60 | 0x7B..=0x7E)
}

/// `time = hms-time [ non-digit *OCTET ]`, each part one or two digits.
fn time_of(token: &[u8]) -> Option<(u32, u32, u32)> {
    let mut parts = token.splitn(3, |&byte| byte == b':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    Some((whole(hour)?, whole(minute)?, number(second.get(..2).unwrap_or(second), 1, 2)?))
}

/// A number of one or two digits, and nothing else.
fn whole(token: &[u8]) -> Option<u32> {
    token.iter().all(u8::is_ascii_digit).then(|| number(token, 1, 2)).flatten()
}

/// A number of `min` to `max` digits, with no further digit after them.
fn number(token: &[u8], min: usize, max: usize) -> Option<u32> {
    let digits = token.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let fits = (min..=max).contains(&digits);
    fits.then(|| token[..digits].iter().fold(0, |n, digit| n * 10 + u32::from(digit - b'0')))
}

/// `month = ( "jan" / … / "dec" ) *OCTET`
fn month_of(token: &[u8]) -> Option<u32> {
    const MONTHS: [&[u8; 3]; 12] =
        [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];
    let start: [u8; 3] = *token.first_chunk()?;
    let month = MONTHS.iter().position(|month| **month == start.to_ascii_lowercase()[..])?;
    u32::try_from(month + 1).ok()
}
