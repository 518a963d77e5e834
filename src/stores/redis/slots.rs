//! Which server of a cluster has which keys.

use redis::Value;

/// How many slots a cluster divides its keys into.
pub(super) const SLOTS: u16 = 16_384;

/// Slots that one server has.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) start: u16,
    pub(super) end: u16,
    /// `None`: the one that was asked.
    pub(super) host: Option<String>,
    pub(super) port: u16,
    /// How many replicas it has that are up.
    pub(super) replicas: usize,
}

/// The slot of a key: of what is between its first braces, if there is anything.
pub(super) fn slot_of(key: &str) -> u16 {
    let tag = key.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map(|(tag, _)| tag);
    crc16(tag.filter(|tag| !tag.is_empty()).unwrap_or(key).as_bytes()) % SLOTS
}

/// CRC-16/XMODEM.
fn crc16(octets: &[u8]) -> u16 {
    octets.iter().fold(0, |crc, octet| {
        (0..8).fold(crc ^ (u16::from(*octet) << 8), |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
        })
    })
}

/// Reads what CLUSTER SLOTS answers; `None`: something else.
pub(super) fn parse(answer: Value) -> Option<Vec<Range>> {
    let Value::Array(ranges) = answer else { return None };
    ranges.into_iter().map(parse_range).collect()
}

fn parse_range(range: Value) -> Option<Range> {
    let Value::Array(range) = range else { return None };
    let [Value::Int(start), Value::Int(end), Value::Array(master), replicas @ ..] = range.as_slice() else {
        return None;
    };
    let [host, Value::Int(port), ..] = master.as_slice() else { return None };
    let host = match host {
        Value::BulkString(host) => String::from_utf8(host.clone()).ok()?,
        _ => String::new(),
    };
    Some(Range {
        start: u16::try_from(*start).ok()?,
        end: u16::try_from(*end).ok()?,
        host: (!host.is_empty() && host != "?").then_some(host),
        port: u16::try_from(*port).ok()?,
        replicas: replicas.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_those_of_the_specification() {
        assert_eq!(crc16(b"123456789"), 0x31C3);
        assert_eq!(slot_of("foo"), 12_182);
        assert_eq!(slot_of("{user1000}.following"), slot_of("{user1000}.followers"));
        assert_eq!(slot_of("foo{}{bar}"), crc16(b"foo{}{bar}") % SLOTS);
        assert_eq!(slot_of("foo{{bar}}zap"), crc16(b"{bar") % SLOTS);
    }
}
