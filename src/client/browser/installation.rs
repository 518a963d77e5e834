//! [`Installation`]: the browser of this machine.

use std::path::{Path, PathBuf};

use super::error::BrowserError;

/// The browsers, in the order in which they are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BrowserKind {
    Chromium,
    Firefox,
}

/// A browser of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Installation {
    pub(super) kind: BrowserKind,
    pub(super) path: PathBuf,
}

/// Names of the programs.
const CHROMIUM_NAMES: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "brave-browser",
    "microsoft-edge",
];
const FIREFOX_NAMES: &[&str] = &["firefox", "firefox-esr"];

/// Where installers put them outside `PATH`.
const CHROMIUM_PATHS: &[&str] = &[
    "/opt/google/chrome/chrome",
    "/usr/lib/chromium/chromium",
    "/snap/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];
const FIREFOX_PATHS: &[&str] = &[
    "/usr/lib/firefox/firefox",
    "/usr/lib/firefox-esr/firefox-esr",
    "/opt/firefox/firefox",
    "/snap/bin/firefox",
    "/Applications/Firefox.app/Contents/MacOS/firefox",
];

impl BrowserKind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            BrowserKind::Chromium => "Chromium",
            BrowserKind::Firefox => "Firefox",
        }
    }

    const fn places(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            BrowserKind::Chromium => (CHROMIUM_NAMES, CHROMIUM_PATHS),
            BrowserKind::Firefox => (FIREFOX_NAMES, FIREFOX_PATHS),
        }
    }

    /// The kind of a program, by its name.
    fn of(path: &Path) -> BrowserKind {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        if name.contains("firefox") { BrowserKind::Firefox } else { BrowserKind::Chromium }
    }
}

impl Installation {
    /// The browser that the user named, as a path, `chromium` or `firefox`, else the first one that is installed.
    pub(super) fn find(named: Option<&str>) -> Result<Self, BrowserError> {
        let mut tried = Vec::new();
        let found = match named {
            Some("chromium") => of_kind(BrowserKind::Chromium, &mut tried),
            Some("firefox") => of_kind(BrowserKind::Firefox, &mut tried),
            Some(path) => {
                let path = Path::new(path);
                tried.push(path.display().to_string());
                is_program(path).then(|| Installation { kind: BrowserKind::of(path), path: path.into() })
            }
            None => of_kind(BrowserKind::Chromium, &mut tried)
                .or_else(|| of_kind(BrowserKind::Firefox, &mut tried)),
        };
        found.ok_or(BrowserError::NotFound { tried })
    }
}

fn of_kind(kind: BrowserKind, tried: &mut Vec<String>) -> Option<Installation> {
    let (names, paths) = kind.places();
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&folders).collect();
    let in_path = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    let path = in_path.chain(paths.iter().map(PathBuf::from)).find(|path| is_program(path));
    if path.is_none() {
        tried.extend(names.iter().map(|name| format!("{name} in PATH")));
        tried.extend(paths.iter().map(|&path| path.to_owned()));
    }
    path.map(|path| Installation { kind, path })
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}
