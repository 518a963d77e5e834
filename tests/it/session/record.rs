//! Records and their parts: as JSON, and in logs.

use std::time::Duration;

use sessctl::session::{Data, Handle, Record, Timestamp, TokenHash};
use sessctl::uuid::Uuid;

const CREATED: Timestamp = Timestamp::from_millis(1_800_000_000_123);

fn record() -> Record {
    let handle = Handle::from_uuid(Uuid::from_u128(7));
    let mut record =
        Record::new(handle, CREATED, Duration::from_millis(60_789), CREATED + Duration::from_secs(600));
    record.user = Some("alice".into());
    record.options.persistent = true;
    record.data = Data::from_json(r#"{"b":{"card":"s3cret"},"a":[1.5,null]}"#).unwrap();
    record
}

#[test]
fn a_record_and_its_key_survive_json() {
    let text = serde_json::to_string(&record()).unwrap();
    let read: Record = serde_json::from_str(&text).unwrap();
    assert_eq!((read.data.to_json(), read), (record().data.to_json(), record()));
    let key = TokenHash::from_bytes(std::array::from_fn(|n| u8::try_from(n * 8).unwrap()));
    let text = serde_json::to_string(&key).unwrap();
    assert_eq!(text.len(), 66);
    assert_eq!(serde_json::from_str::<TokenHash>(&text).unwrap(), key);
    for wrong in
        ["\"\"", "\"0\"", &format!("\"{}\"", "+f".repeat(32)), &format!("\"{}\"", "é".repeat(32)), "1"]
    {
        assert!(serde_json::from_str::<TokenHash>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_log_shows_no_data_of_a_record() {
    let shown = format!("{:?}", record());
    assert!(shown.contains("alice") && shown.contains("2 keys"), "{shown}");
    assert!(!shown.contains("s3cret") && !shown.contains("card"), "{shown}");
}
