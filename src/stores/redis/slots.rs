//! [`SlotRange`]: which server of a cluster has which hash slots.

use redis::Value;

/// The number of hash slots of a cluster.
pub(super) const SLOT_COUNT: u16 = 16_384;

/// A range of slots that one server has.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SlotRange {
    pub(super) start: u16,
    /// `None` means the server that answered.
    pub(super) host: Option<String>,
    pub(super) port: u16,
    pub(super) has_replicas: bool,
}

/// The slot of a key. If the key has a hash tag (`{…}`), only the tag counts.
pub(super) fn slot_of(key: &str) -> u16 {
    let tag = key.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map(|(tag, _)| tag);
    crc16(tag.filter(|tag| !tag.is_empty()).unwrap_or(key).as_bytes()) % SLOT_COUNT
}

/// CRC-16/XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
        })
    })
}

/// Reads the answer of `CLUSTER SLOTS`. `None` if it has another form.
pub(super) fn parse_slots(answer: Value) -> Option<Vec<SlotRange>> {
    let Value::Array(ranges) = answer else { return None };
    ranges.into_iter().map(parse_range).collect()
}

fn parse_range(range: Value) -> Option<SlotRange> {
    let Value::Array(range) = range else { return None };
    let [Value::Int(start), Value::Int(_), Value::Array(master), replicas @ ..] = range.as_slice() else {
        return None;
    };
    let [host, Value::Int(port), ..] = master.as_slice() else { return None };
    let host = match host {
        Value::BulkString(host) => String::from_utf8(host.clone()).ok()?,
        _ => String::new(),
    };
    Some(SlotRange {
        start: u16::try_from(*start).ok()?,
        host: (!host.is_empty() && host != "?").then_some(host),
        port: u16::try_from(*port).ok()?,
        has_replicas: !replicas.is_empty(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of the Redis Cluster specification.
    #[test]
    fn keys_have_the_slots_of_the_specification() {
        assert_eq!(crc16(b"123456789"), 0x31C3);
        assert_eq!(slot_of("foo"), 12_182);
        assert_eq!(slot_of("{user1000}.following"), slot_of("{user1000}.followers"));
        assert_eq!(slot_of("foo{}{bar}"), crc16(b"foo{}{bar}") % SLOT_COUNT);
        assert_eq!(slot_of("foo{{bar}}zap"), crc16(b"{bar") % SLOT_COUNT);
    }
}
