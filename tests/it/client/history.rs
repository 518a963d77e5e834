//! Histories that earlier versions wrote.

use sessctl::client::profile::history::HistoryFile;

/// Version 0.1.0 wrote `control` for a probe, and masked fewer names.
#[test]
fn a_history_of_an_earlier_version_is_read_and_masked() {
    let line = r#"{"at":"2026-01-01T00:00:00Z","command":"visit","exit":4,
        "reason":"http://h/x?PHPSESSID=plain-secret answered 404","exchanges":[{"purpose":"control",
        "started":"2026-01-01T00:00:00Z","elapsed":1,"method":"GET","url":"http://h/x?PHPSESSID=plain-secret",
        "request":[["x-auth","plain-secret"],["cookie","sid=S3cretVa~0123456789ab"]],"body_size":0,
        "response":{"version":"1.1","status":404,"headers":[["set-cookie","a=1, b=plain-secret"]],"body_size":0},
        "cookies":[],"set":[]}]}"#;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.jsonl");
    let header = r#"{"version":1,"key":"0123456789abcdef0123456789abcdef","first":7}"#;
    std::fs::write(&path, format!("{header}\n{}\n{{\"at\":", line.replace('\n', ""))).unwrap();
    let history = HistoryFile::new(&path);
    let masked = history.read(false).unwrap();
    assert_eq!((masked.len(), masked[0].0, masked[0].1.exit), (1, 7, 4));
    let shown = format!("{masked:?}");
    assert!(!shown.contains("plain-secret") && shown.contains("pla~"), "{shown}");
    assert!(shown.contains("sid=S3cretVa~0123456789ab"), "a masked value stays as it is: {shown}");
    assert!(format!("{:?}", history.read(true).unwrap()).contains("PHPSESSID=plain-secret"));
}
