//! [`import()`]: cookies from the files of other programs.

mod candidate;
mod har;
mod imported;
mod netscape;
mod sessctl;
mod session;

use serde_json::Value;

pub use imported::{ImportError, ImportFormat, ImportRejection, Imported, RejectionCause};

use super::reason::Reason;
use crate::clock::Timestamp;

/// Reads a file and detects its format. `host` is the host of cookies for which the file names none.
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
pub fn import(file: &[u8], host: Option<&str>, now: Timestamp) -> Result<Imported, ImportError> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    if !file.trim_ascii_start().starts_with(b"{") {
        return netscape::read(file, now);
    }
    let document: Value = serde_json::from_slice(file)
        .map_err(|error| ImportError::Broken { format: ImportFormat::Sessctl, why: error.to_string() })?;
    let has = |key: &str| document.get(key).is_some();
    let mut imported = if has("log") {
        har::read(document)
    } else if has("__meta__") || has("origins") {
        session::read(&document, host, now)
    } else if has("cookies") {
        sessctl::read(document, now)
    } else {
        Err(ImportError::Unknown)
    }?;
    for expired in imported.cookies.extract_if(.., |cookie| cookie.is_expired(now)).collect::<Vec<_>>() {
        imported.reject(format!("cookie {}", expired.name.to_text()), Reason::Expired);
    }
    Ok(imported)
}
