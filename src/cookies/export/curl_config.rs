//! A line of a curl configuration file (`curl --config FILE`), which keeps the values out of the list of processes.

use crate::cookies::stored_cookie::StoredCookie;

pub(super) fn refuse(cookie: &StoredCookie) -> Option<&'static str> {
    // curl takes a text without `=` for the name of a file.
    cookie.name.0.is_empty().then_some("has no name")
}

pub(super) fn write(cookies: &[&StoredCookie]) -> Vec<u8> {
    if cookies.is_empty() {
        return Vec::new();
    }
    let mut line = b"cookie = \"".to_vec();
    for (index, cookie) in cookies.iter().enumerate() {
        if index > 0 {
            line.extend_from_slice(b"; ");
        }
        for byte in [&cookie.name.0[..], b"=", &cookie.value.0].concat() {
            match byte {
                b'"' | b'\\' => line.extend([b'\\', byte]),
                b'\t' => line.extend_from_slice(b"\\t"),
                _ => line.push(byte),
            }
        }
    }
    line.extend_from_slice(b"\"\n");
    line
}
