//! [`BrowserProcess`]: a browser that runs with a fresh profile. Its processes and its folder end with this value.

use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use tempfile::TempDir;

use super::error::BrowserError;
use super::installation::Installation;

/// The only variables that a browser gets: any other may hold a secret.
const VARIABLES: &[&str] = &[
    "PATH",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "LC_MESSAGES",
    "TZ",
    "LD_LIBRARY_PATH",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "XDG_RUNTIME_DIR",
    "XDG_SESSION_TYPE",
    "DBUS_SESSION_BUS_ADDRESS",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
];

/// How long the processes may take to end after they were killed.
const END_TIMEOUT: Duration = Duration::from_secs(2);
const RETRY_DELAY: Duration = Duration::from_millis(20);

/// A browser that runs with a fresh profile.
pub(super) struct BrowserProcess {
    child: Child,
    /// Its home and profile, which only this user can read.
    folder: TempDir,
    path: String,
}

/// A new folder for a browser.
pub(super) fn new_folder() -> io::Result<TempDir> {
    tempfile::Builder::new().prefix("sessctl-browser-").tempdir() // 0700
}

/// The command that starts the browser with nothing of this user but the folder.
pub(super) fn command(installation: &Installation, folder: &TempDir) -> io::Result<Command> {
    let mut command = Command::new(&installation.path);
    command.env_clear();
    command.envs(VARIABLES.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    if let (None, Some(home)) = (std::env::var_os("XAUTHORITY"), std::env::var_os("HOME")) {
        command.env("XAUTHORITY", Path::new(&home).join(".Xauthority"));
    }
    command.env("HOME", folder.path()).env("TMPDIR", folder.path()).current_dir(folder.path());
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(File::create(messages_file(folder.path()))?);
    // Ctrl-C reaches only this process, which then ends the whole group.
    command.process_group(0);
    Ok(command)
}

fn messages_file(folder: &Path) -> std::path::PathBuf {
    folder.join("messages")
}

impl BrowserProcess {
    pub(super) fn start(
        mut command: Command,
        folder: TempDir,
        installation: &Installation,
    ) -> Result<Self, BrowserError> {
        let path = installation.path.display().to_string();
        match command.spawn() {
            Ok(child) => Ok(BrowserProcess { child, folder, path }),
            Err(why) => Err(BrowserError::Start { path, why }),
        }
    }

    /// What the browser has written to its standard error.
    pub(super) fn messages(&self) -> String {
        let messages = fs::read(messages_file(self.folder.path())).unwrap_or_default();
        String::from_utf8_lossy(&messages).into_owned()
    }

    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// The error for a browser that has closed the connection: how it ended, and its last message if it ended by itself.
    pub(super) fn crash(&mut self) -> BrowserError {
        let end = Instant::now() + END_TIMEOUT;
        while !self.has_ended() && Instant::now() < end {
            sleep(RETRY_DELAY);
        }
        let status = self.child.try_wait().ok().flatten();
        let messages = self.messages();
        let last = messages.lines().rev().map(str::trim).find(|line| !line.is_empty());
        let said = match status {
            Some(status) if status.code().is_some() => last.map_or(status.to_string(), str::to_owned),
            Some(status) => status.to_string(),
            None => "it closed the connection".to_owned(),
        };
        let is_exit = status.is_some_and(|status| status.success());
        BrowserError::Crashed { path: self.path.clone(), said: said.chars().take(300).collect(), is_exit }
    }
}

impl Drop for BrowserProcess {
    fn drop(&mut self) {
        let group = Pid::from_child(&self.child);
        let _ = kill_process_group(group, Signal::KILL);
        let _ = self.child.wait();
        let end = Instant::now() + END_TIMEOUT;
        while test_kill_process_group(group).is_ok() && Instant::now() < end {
            sleep(RETRY_DELAY);
        }
        // A process that is ending may still write into the folder.
        while fs::remove_dir_all(self.folder.path()).is_err_and(|it| it.kind() != io::ErrorKind::NotFound)
            && Instant::now() < end
        {
            sleep(RETRY_DELAY);
        }
    }
}
