//! [`SessionFolder`]: the files through which a command gets the session, and the variables that name them.

use std::ffi::OsString;
use std::fs::{OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use sessctl::cookies::{ExportFormat, NetscapeDialect, StoredCookie, export};

use crate::commands::failure::Failure;
use crate::output::Output;

/// A file with cookies. Its variable tells the command where it is; curl and wget find theirs through a configuration.
pub(super) struct SessionFile {
    pub(super) variable: Option<&'static str>,
    pub(super) format: ExportFormat,
    pub(super) path: PathBuf,
    /// As it was written.
    pub(super) content: Vec<u8>,
}

/// The files: variable, name and format.
const FILES: [(Option<&str>, &str, ExportFormat); 4] = [
    (Some("SESSCTL_COOKIES"), "cookies.txt", ExportFormat::Netscape(NetscapeDialect::Curl)),
    (None, "wget.txt", ExportFormat::Netscape(NetscapeDialect::Wget)),
    (Some("SESSCTL_COOKIES_PYTHON"), "python.txt", ExportFormat::Netscape(NetscapeDialect::Python)),
    (Some("SESSCTL_STORAGE_STATE"), "state.json", ExportFormat::StorageState),
];

/// A folder that only this user can read. Dropping it deletes it.
pub(super) struct SessionFolder {
    folder: TempDir,
    pub(super) files: Vec<SessionFile>,
    /// The cookies that a file cannot represent.
    pub(super) warnings: Vec<String>,
}

impl SessionFolder {
    pub(super) fn create(cookies: &[StoredCookie]) -> Result<SessionFolder, Failure> {
        let private = Permissions::from_mode(0o700);
        let folder = tempfile::Builder::new().prefix("sessctl-").permissions(private).tempdir();
        let folder = folder.map_err(Failure::with_file("create a folder in", &std::env::temp_dir()))?;
        let (mut files, mut warnings) = (Vec::new(), Vec::new());
        for (variable, name, format) in FILES {
            let (path, export) = (folder.path().join(name), export(cookies, format));
            write(&path, &export.content)?;
            warnings.extend(export.rejected.iter().map(|(cookie, why)| {
                format!("the command does not get cookie {} in {format}: it {why}", cookie.name.to_text())
            }));
            files.push(SessionFile { variable, format, path, content: export.content });
        }
        warnings.dedup();
        let created = SessionFolder { folder, files, warnings };
        write(&created.path(".curlrc"), &created.curlrc())?;
        write(&created.path("wgetrc"), &created.wgetrc()?)?;
        Ok(created)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The variables for the command. They are paths: other programs can see the environment of a process.
    pub(super) fn variables(&self) -> Vec<(&'static str, PathBuf)> {
        let named = self.files.iter().filter_map(|file| Some((file.variable?, file.path.clone())));
        let found = [("CURL_HOME", self.folder.path().to_owned()), ("WGETRC", self.path("wgetrc"))];
        named.chain(found).collect()
    }

    /// The configuration of curl: the user's, and then the cookies.
    fn curlrc(&self) -> Vec<u8> {
        let mut text = Vec::new();
        let cookies = self.path("cookies.txt");
        let options = users_curlrc().into_iter().map(|path| ("config", path));
        for (option, path) in options.chain([("cookie", cookies.clone()), ("cookie-jar", cookies)]) {
            text.extend_from_slice(format!("{option} = \"").as_bytes());
            for byte in path.as_os_str().as_bytes() {
                if matches!(byte, b'"' | b'\\') {
                    text.push(b'\\');
                }
                text.push(*byte);
            }
            text.extend_from_slice(b"\"\n");
        }
        text
    }

    /// The configuration of wget: a copy of the user's, because wget cannot include a file, and then the cookies.
    fn wgetrc(&self) -> Result<Vec<u8>, Failure> {
        let users = std::env::var_os("WGETRC").or_else(|| in_home(".wgetrc").map(OsString::from));
        let mut text = match users.map(PathBuf::from) {
            Some(path) => match std::fs::read(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
                read => read.map_err(Failure::with_file("read", &path))?,
            },
            None => Vec::new(),
        };
        let cookies = self.path("wget.txt");
        for option in ["load_cookies", "save_cookies"] {
            text.extend_from_slice(format!("\n{option} = ").as_bytes());
            text.extend_from_slice(cookies.as_os_str().as_bytes());
        }
        text.extend_from_slice(b"\nkeep_session_cookies = on\n");
        Ok(text)
    }

    /// Deletes the folder.
    pub(super) fn remove(self, output: &Output) {
        let path = self.folder.path().to_owned();
        if let Err(error) = self.folder.close() {
            output.warn(&format!(
                "cannot delete {}, which contains cookies: {error}; delete it",
                path.display()
            ));
        }
    }
}

fn write(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(content)).map_err(Failure::with_file("write", path))
}

/// The configuration that curl would read without us: the first of the files that curl tries.
fn users_curlrc() -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let candidates = [
        variable("CURL_HOME").map(|folder| folder.join(".curlrc")),
        variable("XDG_CONFIG_HOME").map(|folder| folder.join("curlrc")),
        in_home(".curlrc"),
        in_home(".config/curlrc"),
    ];
    candidates.into_iter().flatten().find(|path| path.is_file())
}

fn in_home(name: &str) -> Option<PathBuf> {
    Some(PathBuf::from(std::env::var_os("HOME")?).join(name))
}
