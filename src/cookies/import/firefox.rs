//! Firefox's `cookies.sqlite`, also while Firefox runs: it locks the database, so a private copy is read.

use std::fs::{self, Metadata, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use percent_encoding::percent_decode_str;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row};
use tempfile::TempDir;

use super::candidate::Candidate;
use super::imported::{ImportError, ImportFormat, ImportNote, Imported, RejectionCause};
use super::json_cookies::check_partition;
use crate::clock::Timestamp;
use crate::cookies::byte_string::ByteString;
use crate::cookies::same_site::SameSite;

/// Firefox may write while the database is copied. It then is copied again.
const MAX_COPIES: usize = 5;

/// Later than any time in seconds, earlier than any in milliseconds, which Firefox writes since 2025.
const FIRST_MILLISECONDS: i64 = 100_000_000_000;

/// Reads the cookies of a Firefox profile from its `cookies.sqlite`.
///
/// Firefox keeps session cookies in memory, so they are not in the file.
///
/// # Errors
/// [`ImportError`], if the file cannot be read or is not a database of Firefox.
pub fn import_firefox(database: &Path, now: Timestamp) -> Result<Imported, ImportError> {
    let folder = private_folder()?;
    let copy = folder.path().join("cookies.sqlite");
    for _ in 0..MAX_COPIES {
        let before = versions(database);
        copy_with_log(database, &copy).map_err(|source| ImportError::Io { action: "copy it", source })?;
        if versions(database) == before {
            break;
        }
    }
    super::finish(read(&copy, now)?, now)
}

/// Reads the content of a database, for example from a pipe.
pub(super) fn read_content(content: &[u8], now: Timestamp) -> Result<Imported, ImportError> {
    let folder = private_folder()?;
    let copy = folder.path().join("cookies.sqlite");
    fs::write(&copy, content).map_err(|source| ImportError::Io { action: "copy it", source })?;
    read(&copy, now)
}

fn private_folder() -> Result<TempDir, ImportError> {
    let private = Permissions::from_mode(0o700);
    let folder = tempfile::Builder::new().prefix("sessctl-").permissions(private).tempdir();
    folder.map_err(|source| ImportError::Io { action: "create a temporary folder", source })
}

/// Copies the database and its log of recent changes.
fn copy_with_log(database: &Path, copy: &Path) -> io::Result<()> {
    fs::copy(database, copy)?;
    match fs::copy(log_of(database), log_of(copy)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// SQLite's write-ahead log.
fn log_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// Sizes and times of the files, which tell whether they have changed.
fn versions(database: &Path) -> [Option<(u64, Option<SystemTime>)>; 2] {
    let version = |metadata: Metadata| (metadata.len(), metadata.modified().ok());
    [database.to_owned(), log_of(database)].map(|path| fs::metadata(path).ok().map(version))
}

fn read(copy: &Path, now: Timestamp) -> Result<Imported, ImportError> {
    let broken = |error: rusqlite::Error| ImportError::Broken {
        format: ImportFormat::Firefox,
        why: format!("SQLite cannot read it ({error})"),
    };
    let connection = Connection::open_with_flags(copy, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(broken)?;
    if !connection.table_exists(None, "moz_cookies").map_err(broken)? {
        return Err(match connection.column_exists(None, "cookies", "encrypted_value") {
            Ok(true) => ImportError::Unsupported {
                what: "Chromium's cookie database, which is encrypted",
                instead: "log in with `sessctl login --browser=window`, or export the cookies with an extension of the browser",
            },
            _ => ImportError::Unsupported {
                what: "an SQLite database without cookies of Firefox",
                instead: "import the file cookies.sqlite of a Firefox profile, or use --from firefox",
            },
        });
    }
    let mut imported = Imported::new(ImportFormat::Firefox);
    // Cookies of partitions first: of two with one name, the last one stays.
    let mut statement = connection
        .prepare(
            "SELECT name, value, host, path, expiry, isSecure, isHttpOnly, sameSite, originAttributes
             FROM moz_cookies ORDER BY originAttributes DESC, creationTime",
        )
        .map_err(broken)?;
    let mut rows = statement.query([]).map_err(broken)?;
    while let Some(row) = rows.next().map_err(broken)? {
        let name = bytes(row, 0).to_text().into_owned();
        let place = format!("cookie {name} of {}", bytes(row, 2).to_text());
        let origin = bytes(row, 8).to_text().into_owned();
        match cookie_of(row, &origin).and_then(|candidate| candidate.validate(now)) {
            Ok(cookie) => {
                if origin.contains("partitionKey=") {
                    imported.note(&place, ImportNote::Partitioned);
                }
                imported.cookies.push(cookie);
            }
            Err(cause) => imported.reject(place, cause),
        }
    }
    imported.note("the database", ImportNote::NoSessionCookies);
    Ok(imported)
}

fn cookie_of(row: &Row<'_>, origin: &str) -> Result<Candidate, RejectionCause> {
    let number = |column: usize| row.get::<_, i64>(column).map_err(|_| "a column is not a number");
    let domain = bytes(row, 2).to_text().into_owned();
    for (name, value) in origin.trim_start_matches('^').split('&').filter_map(|part| part.split_once('=')) {
        match name {
            "userContextId" => return Err("it belongs to a container tab, which a jar does not have".into()),
            "privateBrowsingId" => return Err("it belongs to a private window".into()),
            "partitionKey" | "firstPartyDomain" => {
                check_partition(&percent_decode_str(value).decode_utf8_lossy(), &domain)?;
            }
            _ => {}
        }
    }
    let (expiry, secure) = (number(4)?, number(5)? != 0);
    let millis = if expiry < FIRST_MILLISECONDS { expiry.saturating_mul(1000) } else { expiry };
    Ok(Candidate {
        name: bytes(row, 0),
        value: bytes(row, 1),
        host_only: !domain.starts_with('.'),
        domain,
        path: bytes(row, 3).to_text().into_owned(),
        expires: Some(Timestamp::from_millis(millis).min(Timestamp::MAX)),
        secure,
        http_only: number(6)? != 0,
        same_site: match number(7)? {
            // Older versions write it also for a cookie without the attribute.
            0 if secure => Some(SameSite::None),
            1 => Some(SameSite::Lax),
            2 => Some(SameSite::Strict),
            _ => None,
        },
    })
}

/// The bytes of a text column.
fn bytes(row: &Row<'_>, column: usize) -> ByteString {
    ByteString(match row.get_ref(column) {
        Ok(ValueRef::Text(bytes) | ValueRef::Blob(bytes)) => bytes.to_vec(),
        _ => Vec::new(),
    })
}
