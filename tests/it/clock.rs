//! Timestamps, and clocks for tests.

use std::sync::Arc;
use std::time::Duration;

use sessctl::clock::{Clock, ManualClock, OffsetClock, Timestamp};

#[test]
fn timestamps_are_written_and_read_as_rfc_3339() {
    let time = Timestamp::from_millis(1_900_000_000_000);
    let json = serde_json::to_string(&time).unwrap();
    assert_eq!(json, r#""2030-03-17T17:46:40Z""#);
    assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), time);
    assert!(serde_json::from_str::<Timestamp>(r#""yesterday""#).is_err());
}

#[test]
fn the_largest_timestamp_can_be_written() {
    assert!(jiff::Timestamp::from_millisecond(Timestamp::MAX.as_millis()).is_ok());
    assert_eq!(Timestamp::from_millis(i64::MAX - 5).plus(Duration::MAX), Timestamp::MAX);
}

#[test]
fn an_offset_clock_follows_its_base_clock() {
    let base = Arc::new(ManualClock::new(Timestamp::from_millis(1000)));
    let offset = OffsetClock::new(Arc::clone(&base));
    assert_eq!(offset.advance(Duration::from_secs(5)), Timestamp::from_millis(6000));
    base.advance(Duration::from_secs(1));
    assert_eq!(offset.now(), Timestamp::from_millis(7000));
    assert_eq!(offset.advance(Duration::MAX), Timestamp::MAX);
    assert_eq!(offset.advance(Duration::MAX), Timestamp::MAX);
}

#[test]
fn the_time_since_a_later_event_is_zero() {
    let (early, late) = (Timestamp::from_millis(-5), Timestamp::from_millis(1000));
    assert_eq!(late.since(early), Duration::from_millis(1005));
    assert_eq!(early.since(late), Duration::ZERO);
}

#[test]
fn timestamps_are_added_to_and_subtracted_from() {
    let (start, minute) = (Timestamp::from_millis(60_000), Duration::from_secs(60));
    assert_eq!(start + minute, Timestamp::from_millis(120_000));
    assert_eq!(start - minute, ManualClock::default().now());
    assert_eq!((start + minute) - start, minute);
    assert_eq!(start - (start + minute), Duration::ZERO);
    let system = std::time::SystemTime::UNIX_EPOCH + Duration::from_micros(60_000_999);
    assert_eq!(Timestamp::from(system), start);
}
