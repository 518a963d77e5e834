//! Finds the cookie database of a Firefox profile, as `profiles.ini` lists them.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::failure::Failure;

const DATABASE: &str = "cookies.sqlite";

/// The folders of Firefox below the home folder: of packages, of the XDG folders, of snap, flatpak and macOS.
const FOLDERS: [&str; 7] = [
    ".mozilla/firefox",
    ".config/mozilla/firefox",
    "snap/firefox/common/.mozilla/firefox",
    "snap/firefox/common/.config/mozilla/firefox",
    ".var/app/org.mozilla.firefox/.mozilla/firefox",
    ".var/app/org.mozilla.firefox/config/mozilla/firefox",
    "Library/Application Support/Firefox",
];

/// A profile of Firefox.
#[derive(Debug)]
struct FirefoxProfile {
    name: String,
    folder: PathBuf,
    /// An installation of Firefox starts with it, or it is marked as the default.
    is_default: bool,
}

/// The database of the profile with this name or folder, or else of the default profile.
pub(super) fn cookie_database(wanted: Option<&str>) -> Result<PathBuf, Failure> {
    let folders = firefox_folders();
    let mut profiles: Vec<FirefoxProfile> = folders.iter().flat_map(|folder| profiles_in(folder)).collect();
    if let Some(wanted) = wanted {
        if Path::new(wanted).join(DATABASE).is_file() {
            return Ok(Path::new(wanted).join(DATABASE));
        }
        let is_wanted = |profile: &FirefoxProfile| {
            profile.name == wanted || profile.folder.file_name().is_some_and(|name| name == wanted)
        };
        if !profiles.iter().any(is_wanted) {
            let names: Vec<&str> = profiles.iter().map(|profile| profile.name.as_str()).collect();
            let there = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            return Err(Failure::failed(format!(
                "cannot import from Firefox: there is no profile {wanted:?}; there are: {there}"
            )));
        }
        profiles.retain(is_wanted);
    }
    profiles.retain(|profile| profile.folder.join(DATABASE).is_file());
    let found = profiles.into_iter().max_by_key(|profile| (profile.is_default, last_change(&profile.folder)));
    found.map(|profile| profile.folder.join(DATABASE)).ok_or_else(|| {
        let tried: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
        Failure::failed(format!(
            "cannot import from Firefox: no profile has a {DATABASE} (tried {}); name its folder: --from firefox:FOLDER",
            tried.join(", ")
        ))
    })
}

fn firefox_folders() -> Vec<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let config = absolute("XDG_CONFIG_HOME").map(|folder| folder.join("mozilla/firefox"));
    let home = absolute("HOME");
    let at_home = home.iter().flat_map(|home| FOLDERS.map(|folder| home.join(folder)));
    let mut folders: Vec<PathBuf> = config.into_iter().chain(at_home).collect();
    folders.dedup();
    folders
}

/// The profiles that a `profiles.ini` lists.
fn profiles_in(folder: &Path) -> Vec<FirefoxProfile> {
    let Ok(text) = std::fs::read_to_string(folder.join("profiles.ini")) else { return Vec::new() };
    let mut sections: Vec<(String, Vec<(&str, &str)>)> = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            sections.push((name.to_owned(), Vec::new()));
        } else if let (Some((key, value)), Some((_, values))) = (line.split_once('='), sections.last_mut()) {
            values.push((key.trim(), value.trim()));
        }
    }
    let get = |values: &[(&str, &str)], key: &str| {
        values.iter().find(|(name, _)| *name == key).map(|(_, value)| (*value).to_owned())
    };
    let installations = sections.iter().filter(|(name, _)| name.starts_with("Install"));
    let started: Vec<String> = installations.filter_map(|(_, values)| get(values, "Default")).collect();
    let listed = sections.iter().filter(|(name, _)| name.starts_with("Profile"));
    let profile = |(_, values): &(String, Vec<(&str, &str)>)| {
        let path = get(values, "Path")?;
        let is_default = match started.is_empty() {
            false => started.contains(&path),
            true => get(values, "Default").is_some_and(|value| value == "1"),
        };
        // Joining an absolute path replaces the folder.
        let place = folder.join(&path);
        Some(FirefoxProfile { name: get(values, "Name").unwrap_or(path), folder: place, is_default })
    };
    listed.filter_map(profile).collect()
}

fn last_change(folder: &Path) -> Option<SystemTime> {
    let changed = |name: &str| std::fs::metadata(folder.join(name)).ok()?.modified().ok();
    changed(DATABASE).max(changed("cookies.sqlite-wal"))
}

#[cfg(test)]
mod tests {
    use super::profiles_in;

    #[test]
    fn the_profile_of_the_installation_is_the_default() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = "[Install4F96]\nDefault=b.default-esr\nLocked=1\n\n[Profile1]\nName=default\nIsRelative=1\nPath=a.default\n\
                    Default=1\n\n[Profile0]\nName=default-esr\nIsRelative=1\nPath=b.default-esr\n\n[Profile2]\nName=far\n\
                    IsRelative=0\nPath=/far/away\n\n[General]\nVersion=2\n";
        std::fs::write(folder.path().join("profiles.ini"), text).expect("to be written");
        let profiles = profiles_in(folder.path());
        let shown: Vec<_> = profiles.iter().map(|it| (it.name.as_str(), it.is_default)).collect();
        assert_eq!(shown, [("default", false), ("default-esr", true), ("far", false)]);
        assert_eq!(profiles[2].folder, std::path::Path::new("/far/away"));
        assert_eq!(profiles[1].folder, folder.path().join("b.default-esr"));
    }
}
