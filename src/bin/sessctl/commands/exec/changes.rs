//! Merges the cookies that a command changed back into the jar.

use sessctl::cookies::{ExportFormat, ImportError, Jar, NetscapeDialect, StoredCookie, import};

use super::session_folder::{SessionFile, SessionFolder};
use crate::commands::failure::{Failure, Outcome};
use crate::output::Output;

/// Merges the changes of all files.
pub(super) fn merge(folder: &SessionFolder, jar: &Jar, output: &Output) -> Outcome {
    let (mut changed, mut deleted) = (Vec::new(), Vec::new());
    for file in &folder.files {
        let content = std::fs::read(&file.path).map_err(Failure::with_file("read", &file.path))?;
        if content == file.content {
            continue;
        }
        let after = match cookies_of(&content, jar) {
            Ok(cookies) => cookies,
            Err(error) => {
                output.warn(&format!("cannot save the cookies of {}: {error}", file.path.display()));
                continue;
            }
        };
        let before = cookies_of(&file.content, jar).unwrap_or_default();
        changed.extend(merge_changed(file, &before, &after, jar));
        if keeps_all_cookies(file) {
            let is_gone = |cookie: &StoredCookie| !after.iter().any(|it| it.is_same_as(cookie));
            let gone: Vec<&StoredCookie> = before.iter().filter(|cookie| is_gone(cookie)).collect();
            let removed = jar.remove(|cookie| gone.iter().any(|it| it.is_same_as(cookie)));
            deleted.extend(removed.iter().map(|cookie| cookie.name.to_text().into_owned()));
        }
    }
    for (what, mut names) in [("saved", changed), ("deleted", deleted)] {
        names.dedup();
        if !names.is_empty() {
            output.info(&format!("{what}: {}", names.join(", ")));
        }
    }
    Ok(())
}

/// The cookies of a file. A file without cookies is an empty list: the command has deleted them.
fn cookies_of(content: &[u8], jar: &Jar) -> Result<Vec<StoredCookie>, ImportError> {
    match import(content, None, jar.now()) {
        Ok(imported) => Ok(imported.cookies),
        Err(ImportError::NoCookies { .. }) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Puts new and changed cookies into the jar, and returns their names.
fn merge_changed(
    file: &SessionFile,
    before: &[StoredCookie],
    after: &[StoredCookie],
    jar: &Jar,
) -> Vec<String> {
    let is_unchanged = |cookie: &StoredCookie, old: &StoredCookie| {
        old.is_same_as(cookie)
            && (&old.value, old.expires, old.secure) == (&cookie.value, cookie.expires, cookie.secure)
    };
    let changed = after.iter().filter(|cookie| !before.iter().any(|old| is_unchanged(cookie, old)));
    let known = jar.cookies();
    let complete = |cookie: &StoredCookie| {
        let mut cookie = cookie.clone();
        // What the file cannot represent has not changed.
        if let Some(ours) = known.iter().find(|ours| ours.is_same_as(&cookie))
            && let ExportFormat::Netscape(dialect) = file.format
        {
            cookie.same_site = ours.same_site;
            cookie.http_only |= ours.http_only && dialect == NetscapeDialect::Wget;
        }
        cookie
    };
    let changed: Vec<StoredCookie> = changed.map(complete).collect();
    let names = changed.iter().map(|cookie| cookie.name.to_text().into_owned()).collect();
    jar.merge(changed);
    names
}

/// Whether the program that writes this file keeps all cookies, so that a missing one was deleted. Python leaves session
/// cookies out, and a browser saves the state of one context.
fn keeps_all_cookies(file: &SessionFile) -> bool {
    matches!(file.format, ExportFormat::Netscape(NetscapeDialect::Curl | NetscapeDialect::Wget))
}
