//! The client with bad jars and files: nothing that was there is lost, and what is wrong is said.

use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::support::{Home, Ran, Script, respond};

/// Sets the cookie that the query names.
fn server() -> Script {
    Script::new(|seen| {
        let name = seen.target.split('?').nth(1).unwrap_or("none");
        respond(200, &[&format!("Set-Cookie: {name}=1; Max-Age=1000")], "")
    })
}

fn visit(home: &Home, jar: &str, url: &str) -> Ran {
    home.run(["--jar", jar, "visit", url])
}

/// The names of the cookies in a jar, which must be whole.
#[track_caller]
fn names(home: &Home, jar: &str) -> Vec<String> {
    let jar = home.run(["--jar", jar, "show-cookies", "--json"]).exits(0).json();
    let cookies = jar["cookies"].as_array().expect("a list").iter();
    cookies.filter_map(|cookie| cookie["name"].as_str()).map(str::to_owned).collect()
}

/// What lies in a folder, in order.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    let mut names: Vec<_> = entries.map(|entry| PathBuf::from(entry.file_name())).collect();
    names.sort();
    names
}

/// Neither shows nor visits with a jar that holds this text, and leaves it alone.
#[track_caller]
fn is_no_jar(text: &[u8], said: &str) {
    let home = Home::new();
    let jar = home.path().join("jar");
    fs::write(&jar, text).expect("to be written");
    home.run(["--jar", "jar", "show-cookies"]).exits(1).says("jar").says(said);
    visit(&home, "jar", "http://127.0.0.1:9/").exits(1).says(said);
    home.run(["--jar", "jar", "clear-cookies", "--all"]).exits(1).says(said);
    assert_eq!(fs::read(&jar).expect("the file"), text);
    assert_eq!(files_in(home.path()), [Path::new("jar")]);
}

#[test]
fn a_jar_that_is_a_folder() {
    let home = Home::new();
    fs::create_dir(home.path().join("jar")).expect("a folder");
    home.run(["--jar", "jar", "show-cookies"])
        .exits(1)
        .says("cannot read the cookie jar jar")
        .says("directory");
    visit(&home, "jar", "http://127.0.0.1:9/").exits(1).says("cannot read the cookie jar jar");
}

#[test]
fn a_jar_of_broken_json() {
    is_no_jar(b"{broken", "it is not a jar of sessctl: ");
    is_no_jar(b"{\"version\": 1, \"cookies\": [", "at line 1 column");
}

#[test]
fn a_jar_of_other_json() {
    is_no_jar(b"[]", "it is not a jar of sessctl: ");
    is_no_jar(b"{\"cookies\": []}", "missing field `version`");
    is_no_jar(b"{\"version\": 1, \"cookies\": [{\"name\": \"a\"}]}", "missing field");
}

#[test]
fn a_jar_of_another_format() {
    is_no_jar(b"# Netscape HTTP Cookie File\n", "it is not a jar of sessctl: ");
}

#[test]
fn a_jar_that_is_binary() {
    is_no_jar(b"\xff\xfe\x00SQLite format 3\x00", "it is not a jar of sessctl: ");
}

#[test]
fn a_jar_of_json_without_bottom() {
    is_no_jar("[".repeat(1 << 20).as_bytes(), "it is not a jar of sessctl: ");
}

#[test]
fn a_jar_of_a_newer_version() {
    is_no_jar(
        b"{\"version\": 2, \"cookies\": \"otherwise\"}",
        "it has version 2, this sessctl supports up to 1",
    );
}

#[test]
fn a_jar_that_is_empty_is_an_empty_jar() {
    let (home, server) = (Home::new(), server());
    fs::write(home.path().join("jar"), "").expect("to be written");
    home.run(["--jar", "jar", "show-cookies"]).exits(0).says("no cookies");
    visit(&home, "jar", &server.url("/?a")).exits(0);
    assert_eq!(names(&home, "jar"), ["a"]);
}

#[test]
fn a_jar_in_a_missing_folder_is_made_with_its_folder() {
    let (home, server) = (Home::new(), server());
    visit(&home, "new/folder/jar", &server.url("/?a")).exits(0);
    assert_eq!(names(&home, "new/folder/jar"), ["a"]);
    let mode = |path: &str| fs::metadata(home.path().join(path)).expect("it").permissions().mode() & 0o777;
    assert_eq!((mode("new"), mode("new/folder"), mode("new/folder/jar")), (0o700, 0o700, 0o600));
}

#[test]
fn a_jar_below_a_file() {
    let home = Home::new();
    fs::write(home.path().join("file"), "mine").expect("to be written");
    visit(&home, "file/jar", "http://127.0.0.1:9/").exits(1).says("cookie jar file/jar: Not a directory");
    assert_eq!(fs::read(home.path().join("file")).expect("the file"), b"mine");
}

/// The binary as one who is held to the permissions of files: root is not.
fn held_to_permissions(home: &Home, args: &[&str]) -> Ran {
    let command = home.command(args);
    let mut limited = if am_root() { Command::new("setpriv") } else { Command::new("env") };
    if am_root() {
        limited.arg("--bounding-set=-dac_override,-dac_read_search");
    }
    limited.arg(command.get_program()).args(args).current_dir(home.path()).stdin(Stdio::null());
    limited.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Ran::from(limited.output().expect("setpriv, of util-linux, or env"))
}

fn am_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("to be set");
}

#[test]
fn a_jar_that_may_not_be_read() {
    let (home, server) = (Home::new(), server());
    visit(&home, "jar", &server.url("/?a")).exits(0);
    set_mode(&home.path().join("jar"), 0o000);
    for args in [&["--jar", "jar", "show-cookies"][..], &["--jar", "jar", "visit", &server.url("/?b")]] {
        held_to_permissions(&home, args).exits(1).says("cannot read the cookie jar jar: Permission denied");
    }
    set_mode(&home.path().join("jar"), 0o600);
    assert_eq!(names(&home, "jar"), ["a"]);
}

#[test]
fn a_jar_in_a_folder_that_may_not_be_written() {
    let (home, server) = (Home::new(), server());
    visit(&home, "folder/jar", &server.url("/?a")).exits(0);
    set_mode(&home.path().join("folder"), 0o500);
    let args = ["--jar", "folder/jar", "visit", &server.url("/?b")];
    held_to_permissions(&home, &args)
        .exits(1)
        .says("cannot write the cookie jar folder/jar: Permission denied");
    // What changes nothing needs no permission.
    let quiet = Script::new(|_| respond(200, &[], ""));
    held_to_permissions(&home, &["--jar", "folder/jar", "visit", &quiet.url("/")]).exits(0);
    set_mode(&home.path().join("folder"), 0o700);
    assert_eq!(names(&home, "folder/jar"), ["a"]);
    assert_eq!(files_in(&home.path().join("folder")), [Path::new("jar")]);
}

#[test]
fn a_jar_behind_a_symbolic_link() {
    let (home, server) = (Home::new(), server());
    fs::create_dir(home.path().join("real")).expect("a folder");
    symlink("real/jar", home.path().join("link")).expect("a link");
    symlink("link", home.path().join("link to link")).expect("a link");
    visit(&home, "link", &server.url("/?a")).exits(0);
    visit(&home, "link to link", &server.url("/?b")).exits(0);
    assert!(fs::symlink_metadata(home.path().join("link")).expect("the link").is_symlink());
    assert!(fs::symlink_metadata(home.path().join("real/jar")).expect("the jar").is_file());
    assert_eq!(names(&home, "real/jar"), ["a", "b"]);
}

#[test]
fn a_jar_behind_links_in_a_circle() {
    let home = Home::new();
    symlink("b", home.path().join("a")).expect("a link");
    symlink("a", home.path().join("b")).expect("a link");
    visit(&home, "a", "http://127.0.0.1:9/").exits(1).says("cannot read the cookie jar a");
}

#[test]
fn a_jar_that_is_a_pipe_or_a_device() {
    let (home, server) = (Home::new(), server());
    let made = Command::new("mkfifo").arg(home.path().join("pipe")).status();
    assert!(made.is_ok_and(|status| status.success()), "mkfifo, of coreutils");
    for jar in ["pipe", "/dev/null", "/dev/full"] {
        visit(&home, jar, &server.url("/?a")).exits(1).says("it is a device or a pipe");
    }
    home.run(["--jar", "/dev/zero", "show-cookies"]).exits(1).says("it is a device or a pipe");
    assert!(fs::metadata("/dev/null").expect("to be there").file_type().is_char_device());
    assert!(server.seen().is_empty(), "the jar comes first");
    visit(&home, "jar", &server.url("/?a")).exits(0);
}

/// A jar with some cookies, and what it holds.
fn filled(home: &Home, server: &Script) -> Vec<u8> {
    for n in 0..10 {
        visit(home, "jar", &server.url(&format!("/?a{n}"))).exits(0);
    }
    fs::read(home.path().join("jar")).expect("the jar")
}

/// Runs a visit below another program's words, which must fail to write the jar and leave the old one.
#[track_caller]
fn cannot_write_below(words: &str, why: &str) {
    let (home, server) = (Home::new(), server());
    let before = filled(&home, &server);
    let line = format!("{words} {} --jar jar visit '{}'", env!("CARGO_BIN_EXE_sessctl"), server.url("/?b"));
    let mut shell = Command::new("bash");
    shell.args(["-c", &line]).current_dir(home.path());
    let ran = Ran::from(shell.output().expect("bash")).exits(1).says("cannot write the cookie jar jar: ");
    ran.says(why);
    assert_eq!(fs::read(home.path().join("jar")).expect("the jar"), before);
    assert_eq!(files_in(home.path()), [Path::new("jar")], "nothing is left behind");
}

#[test]
fn a_file_size_limit() {
    cannot_write_below("ulimit -f 1; exec", "File too large");
}

#[test]
fn a_full_disk() {
    // Where room is only asked for when the file is synced, as on network file systems.
    cannot_write_below("strace -f -qq -o /dev/null -e inject=fsync:error=ENOSPC", "No space left on device");
    // Where the folder has no room for the name.
    cannot_write_below("strace -f -qq -o /dev/null -e inject=rename:error=ENOSPC", "No space left on device");
}

#[test]
fn a_disk_that_fails() {
    cannot_write_below("strace -f -qq -o /dev/null -e inject=fsync:error=EIO", "Input/output error");
}

#[test]
fn a_hundred_kills_at_random_moments() {
    let (home, server) = (Home::new(), server());
    visit(&home, "jar", &server.url("/?first")).exits(0);
    let mut kept = names(&home, "jar");
    for n in 0..100_u64 {
        let url = server.url(&format!("/?c{n}"));
        let mut visit = home.command(["--jar", "jar", "visit", &url]);
        let mut child = visit.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("to start");
        // Anywhere between its start and its end, which is some milliseconds later.
        std::thread::sleep(Duration::from_micros(n * 7919 % 100 * 120));
        let _ = child.kill();
        child.wait().expect("its end");
        // Old or new: all that there were, and perhaps one more.
        let now = names(&home, "jar");
        let rest = now.strip_prefix(&kept[..]).unwrap_or_else(|| panic!("{now:?} after {kept:?}"));
        assert!(rest.is_empty() || rest == [format!("c{n}")], "{now:?} after {kept:?}");
        assert!(files_in(home.path()).len() <= 2, "each writer sweeps up before it writes");
        // At 50 the oldest would have to go.
        if now.len() >= 40 {
            fs::remove_file(home.path().join("jar")).expect("to be removed");
            visit_again(&home, &server);
        }
        kept = names(&home, "jar");
    }
    visit(&home, "jar", &server.url("/?last")).exits(0);
    assert_eq!(files_in(home.path()), [Path::new("jar")], "strays are gone with the next write");
}

fn visit_again(home: &Home, server: &Script) {
    visit(home, "jar", &server.url("/?first")).exits(0);
}

/// A process that holds the lock of a jar and does nothing more.
struct Stopped(Child);

impl Stopped {
    fn holding(jar: &Path) -> Self {
        let stop = "echo held; kill -STOP $$; true";
        let mut command = Command::new("flock");
        // The lock is on the descriptor, which the shell inherits: both stop.
        command.arg("--no-fork").arg(jar).args(["bash", "-c", stop]).stdout(Stdio::piped());
        let mut child = command.spawn().expect("flock, of util-linux");
        let mut said = [0; 5];
        use std::io::Read;
        child.stdout.as_mut().expect("a pipe").read_exact(&mut said).expect("a word");
        Stopped(child)
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_lock_held_by_a_stopped_process() {
    let (home, server) = (Home::new(), server());
    visit(&home, "jar", &server.url("/?a")).exits(0);
    let stopped = Stopped::holding(&home.path().join("jar"));
    let url = server.url("/?b");
    let ran = home.run(["--jar", "jar", "visit", &url, "--timeout", "300ms"]).exits(8);
    let holder = format!("for process {}, which holds the lock", stopped.0.id());
    ran.says("cannot lock the cookie jar jar: waited 0.").says(&holder);
    assert_eq!(names(&home, "jar"), ["a"], "reading needs no lock");
    drop(stopped);
    visit(&home, "jar", &url).exits(0);
    assert_eq!(names(&home, "jar"), ["a", "b"]);
}

/// The user `nobody`.
const NOBODY: u32 = 65534;

#[test]
fn a_file_that_another_user_planted_is_refused() {
    let server = Script::new(|_| respond(200, &["Set-Cookie: sid=secret; Path=/"], "hello"));
    let home = Home::new();
    let planted = home.path().join("planted");
    let content = format!(
        "{{\"version\":1,\"login\":{{\"page\":\"{}\",\"at\":\"2026-01-01T00:00:00Z\"}},\"cookies\":[]}}",
        server.url("/")
    );
    std::fs::write(&planted, &content).expect("to be written");
    std::os::unix::fs::chown(&planted, Some(NOBODY), None).expect("only root can give a file away");
    for command in [
        format!("--jar planted visit {}", server.url("/")),
        "--jar planted login --user alice".to_owned(),
        "--jar planted show-cookies".to_owned(),
        "--jar planted import-cookies planted".to_owned(),
        "serve --users planted --bind 127.0.0.1:0".to_owned(),
        "serve --store sqlite:planted --bind 127.0.0.1:0".to_owned(),
        "sessions list --store sqlite:planted".to_owned(),
    ] {
        let ran = home.run_with_input(command.split(' '), "password").exits(1);
        ran.says("it belongs to another user; run sessctl as that user (uid 65534)");
    }
    // It would decide where a one-time code is sent.
    let pending = home.jar().with_file_name("pending_login.json");
    std::fs::create_dir_all(pending.parent().expect("a folder")).expect("a folder");
    std::fs::copy(&planted, &pending).expect("to be copied");
    std::os::unix::fs::chown(&pending, Some(NOBODY), None).expect("only root can give a file away");
    home.line("login --continue --code 123456").exits(1).says("it belongs to another user");
    let ran =
        home.run_with_input(["users", "add", "planted", "alice", "--password-stdin"], "password").exits(1);
    ran.says("it belongs to another user");
    assert_eq!(std::fs::read_to_string(&planted).expect("the file"), content);
    assert_eq!(server.seen().len(), 0, "nothing was sent");
    let _ = home.run(["visit", "-q", &server.url("/")]);
}

#[test]
fn a_folder_in_which_every_user_may_replace_files_is_refused() {
    let server = Script::new(|_| respond(200, &["Set-Cookie: sid=secret; Path=/"], "hello"));
    let home = Home::new();
    let folder = home.path().join("shared");
    std::fs::create_dir(&folder).expect("a folder");
    let mode =
        |mode| std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(mode)).expect("a mode");
    let visit = || home.run(["--jar", "shared/jar", "visit", "-q", &server.url("/")]);
    mode(0o777);
    visit().exits(1).says("every user may replace files in shared; run chmod o-w on it");
    assert!(!folder.join("jar").exists() && server.seen().is_empty());
    // In a folder with the sticky bit, only the owner of a file may replace it.
    mode(0o1777);
    visit().exits(0);
}

#[test]
fn an_import_ends_at_the_time_limit_and_changes_nothing() {
    let home = Home::new();
    let lines: String =
        (0..200_000).map(|n| format!("h{n}.example\tFALSE\t/\tFALSE\t0\tsid\t{n}\n")).collect();
    std::fs::write(home.path().join("many.txt"), lines).unwrap();
    let run = home.run(["--jar", "jar.json", "--timeout", "10ms", "import-cookies", "many.txt"]);
    run.exits(8).says("cannot import many.txt: it did not finish within 0.01 s; the jar is unchanged");
    assert!(!home.path().join("jar.json").exists());
}
