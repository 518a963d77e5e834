//! [`import()`]: cookies from the files of other programs.

mod candidate;
mod cookie_line;
mod curl_command;
#[cfg(feature = "sqlite")]
mod firefox;
mod har;
mod imported;
mod json_cookies;
mod netscape;
mod sessctl;

use std::borrow::Cow;

use serde_json::Value;
use url::Url;

#[cfg(feature = "sqlite")]
pub use firefox::import_firefox;
pub use imported::{ImportError, ImportFormat, ImportNote, ImportRejection, Imported, RejectionCause};

use super::reason::Reason;
use crate::clock::Timestamp;

/// Reads a file and detects its format. `url` is the page of cookies for which the file names no host.
///
/// ```
/// use sessctl::clock::Timestamp;
/// use sessctl::cookies::{ImportFormat, Jar, import};
///
/// # fn main() -> Result<(), sessctl::cookies::ImportError> {
/// let jar = Jar::new();
/// let file = b"# Netscape HTTP Cookie File\nexample.org\tFALSE\t/\tTRUE\t0\tsid\t31d4\n";
/// let imported = import(file, None, jar.now())?;
/// assert_eq!(imported.format, ImportFormat::Netscape);
/// jar.merge(imported.cookies);
/// assert_eq!(jar.cookies().len(), 1);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`ImportError`], if the format is unknown or the file is invalid.
pub fn import(file: &[u8], url: Option<&Url>, now: Timestamp) -> Result<Imported, ImportError> {
    if is_sqlite(file) {
        return finish(read_sqlite(file, now)?, now);
    }
    let file = as_utf8(file);
    let text = String::from_utf8_lossy(file.trim_ascii());
    let starts_with = |start: &str| text.get(..start.len()).is_some_and(|it| it.eq_ignore_ascii_case(start));
    let imported = if text.is_empty() {
        Err(ImportError::NoCookies { why: "the file is empty" })
    } else if starts_with("{") || starts_with("[") {
        read_json(&file, url, now)
    } else if text.lines().any(|line| line.trim_start().starts_with("curl ")) {
        curl_command::read(&text, now)
    } else if starts_with("Cookie:") || cookie_line::is_cookie_line(&text) {
        cookie_line::read(&text, url, now)
    } else {
        netscape::read(&file, now)
    };
    finish(imported?, now)
}

/// Leaves out expired cookies. Fails if there are none at all.
fn finish(mut imported: Imported, now: Timestamp) -> Result<Imported, ImportError> {
    if imported.cookies.is_empty() && imported.rejected.is_empty() {
        return Err(ImportError::NoCookies { why: why_empty(imported.format) });
    }
    for expired in imported.cookies.extract_if(.., |cookie| cookie.is_expired(now)).collect::<Vec<_>>() {
        imported.reject(format!("cookie {}", expired.name.to_text()), Reason::Expired);
    }
    Ok(imported)
}

/// The file without a byte order mark, converted from UTF-16.
fn as_utf8(file: &[u8]) -> Cow<'_, [u8]> {
    let decode = |text: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = text.as_chunks().0.iter().map(|&bytes| unit(bytes)).collect();
        Cow::Owned(String::from_utf16_lossy(&units).into_bytes())
    };
    match file {
        // Without the mark, the zero bytes of its first two characters tell.
        [1..=255, 0, 1..=255, 0, ..] => decode(file, u16::from_le_bytes),
        [0, 1..=255, 0, 1..=255, ..] => decode(file, u16::from_be_bytes),
        [0xFF, 0xFE, text @ ..] => decode(text, u16::from_le_bytes),
        [0xFE, 0xFF, text @ ..] => decode(text, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, text @ ..] => Cow::Borrowed(text),
        text => Cow::Borrowed(text),
    }
}

fn is_sqlite(file: &[u8]) -> bool {
    file.starts_with(b"SQLite format 3\0")
}

#[cfg(feature = "sqlite")]
use firefox::read_content as read_sqlite;

#[cfg(not(feature = "sqlite"))]
fn read_sqlite(_: &[u8], _: Timestamp) -> Result<Imported, ImportError> {
    let (what, instead) =
        ("an SQLite database", "this build has no support for SQLite; export the cookies as JSON");
    Err(ImportError::Unsupported { what, instead })
}

fn read_json(file: &[u8], url: Option<&Url>, now: Timestamp) -> Result<Imported, ImportError> {
    let document: Value = serde_json::from_slice(file)
        .map_err(|error| ImportError::Broken { format: ImportFormat::Sessctl, why: error.to_string() })?;
    match format_of(&document).ok_or(ImportError::Unknown)? {
        ImportFormat::Har => har::read(document),
        ImportFormat::Sessctl => sessctl::read(document, now),
        format => json_cookies::read(&document, format, url, now),
    }
}

/// The format of a JSON document, by members that only one format has.
fn format_of(document: &Value) -> Option<ImportFormat> {
    let has = |key: &str| document.get(key).is_some();
    let cookies = json_cookies::cookies_of(document);
    let cookie_has = |key: &str| cookies.iter().any(|(_, cookie)| cookie.get(key).is_some());
    Some(if has("log") {
        ImportFormat::Har
    } else if has("__meta__") {
        if document["__meta__"].get("xh").is_some() { ImportFormat::Xh } else { ImportFormat::Httpie }
    } else if has("origins") {
        ImportFormat::Playwright
    } else if cookie_has("host_only") {
        ImportFormat::Sessctl
    } else if has("storeType") || cookie_has("key") {
        ImportFormat::ToughCookie
    } else if cookie_has("expirationDate") || cookie_has("hostOnly") || has("url") {
        ImportFormat::Extension
    } else if cookie_has("expiry") {
        ImportFormat::WebDriver
    } else if cookie_has("httpOnly") {
        ImportFormat::DevTools
    } else if has("cookies") {
        ImportFormat::Sessctl
    } else if document.as_array().is_some_and(Vec::is_empty) {
        ImportFormat::Extension
    } else {
        return None;
    })
}

fn why_empty(format: ImportFormat) -> &'static str {
    match format {
        ImportFormat::Har => {
            "the archive has no cookie headers; Chromium leaves them out unless \"Allow to generate HAR with sensitive \
             data\" is on in the settings of its developer tools"
        }
        ImportFormat::Netscape => "the file has only comments",
        ImportFormat::CurlCommand => "the command has neither -b nor a Cookie header",
        ImportFormat::Firefox => {
            "Firefox keeps session cookies in memory, and the database has no other ones; export them with an extension"
        }
        ImportFormat::Playwright => "the state has only local storage, which is not for cookies",
        _ => "its list of cookies is empty",
    }
}
