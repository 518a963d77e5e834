//! The jar file: whole at any moment, shared by many, private, and never lost.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Stdio;
use std::time::{Duration, Instant};

use sessctl::client::jar::{Jar, JarFile};
use sessctl::clock::{ManualClock, Timestamp};
use url::Url;

use crate::support::{Home, Ran, Script, respond};

/// Sets the cookie that the query names.
fn server() -> Script {
    Script::new(|seen| {
        let name = seen.target.split('?').nth(1).unwrap_or("none");
        respond(200, &[&format!("Set-Cookie: {name}=1; Max-Age=1000")], "")
    })
}

fn count(home: &Home) -> usize {
    home.line("show-cookies --json").exits(0).json()["cookies"].as_array().map_or(0, Vec::len)
}

#[test]
fn forty_visits_at_once_lose_no_cookie() {
    let (home, server) = (Home::new(), server());
    let visits: Vec<_> = (0..40)
        .map(|n| {
            let mut visit = home.command(["visit", &server.url(&format!("/?c{n}"))]);
            visit.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("to start")
        })
        .collect();
    for visit in visits {
        Ran::from(visit.wait_with_output().expect("its end")).exits(0);
    }
    assert_eq!(count(&home), 40);
    let left: Vec<_> =
        fs::read_dir(home.jar().parent().expect("a folder")).expect("to be read").flatten().collect();
    assert_eq!(left.len(), 1, "nothing but the jar is left: {left:?}");
}

#[test]
fn the_jar_is_private() {
    let (home, server) = (Home::new(), server());
    home.run(["visit", &server.url("/?a")]).exits(0);
    let mode = |path: &std::path::Path| fs::metadata(path).expect("to be there").permissions().mode() & 0o777;
    assert_eq!(mode(&home.jar()), 0o600);
    assert_eq!(mode(home.jar().parent().expect("a folder")), 0o700);
    // One that was opened to others is private again once it is written.
    fs::set_permissions(home.jar(), fs::Permissions::from_mode(0o644)).expect("to be set");
    home.run(["visit", &server.url("/?b")]).exits(0);
    assert_eq!(mode(&home.jar()), 0o600);
}

#[test]
fn a_mere_use_writes_nothing() {
    let (home, server) = (Home::new(), server());
    let quiet = Script::new(|_| respond(200, &[], ""));
    home.run(["visit", &server.url("/?a")]).exits(0);
    let before =
        (fs::read(home.jar()).expect("the jar"), fs::metadata(home.jar()).and_then(|m| m.modified()).ok());
    home.run(["visit", &quiet.url("/")]).exits(0);
    home.line("show-cookies").exits(0);
    assert_eq!(
        before,
        (fs::read(home.jar()).expect("the jar"), fs::metadata(home.jar()).and_then(|m| m.modified()).ok())
    );
}

#[test]
fn what_changes_no_cookie_writes_nothing() {
    let home = Home::new();
    let server = Script::new(|seen| match seen.path() {
        "/gone" => respond(200, &["Set-Cookie: gone=; Max-Age=0"], ""),
        _ => respond(200, &["Set-Cookie: same=1; Path=/"], ""),
    });
    home.run(["visit", &server.url("/gone")]).exits(0);
    assert!(!home.jar().exists(), "a cookie that is not there cannot go");
    home.run(["visit", &server.url("/")]).exits(0);
    let inode = |home: &Home| fs::metadata(home.jar()).expect("the jar").ino();
    let before = inode(&home);
    home.run(["visit", &server.url("/")]).exits(0);
    home.run(["visit", &server.url("/gone")]).exits(0);
    assert_eq!(inode(&home), before, "the file was not replaced");
}

#[test]
fn what_is_no_jar_is_an_error_and_left_as_it_is() {
    let home = Home::new();
    for (text, said) in [
        (&b"{broken"[..], "is not a cookie jar of sessctl: "),
        (b"[]", "is not a cookie jar"),
        (b"\xff\xfe\x00", "is not a cookie jar"),
        (b"{\"version\": 2, \"cookies\": \"otherwise\"}", "has version 2"),
        (b"# Netscape HTTP Cookie File\n", "is not a cookie jar"),
    ] {
        let jar = home.path().join("jar");
        fs::write(&jar, text).expect("to be written");
        home.run(["--jar", "jar", "show-cookies"]).exits(1).says("jar").says(said);
        home.run(["--jar", "jar", "visit", "http://127.0.0.1:9/"]).exits(1).says(said);
        assert_eq!(fs::read(&jar).expect("the file"), text);
    }
    home.run(["--jar", ".", "show-cookies"]).exits(1).says("cannot read the cookie jar");
}

#[test]
fn an_empty_file_and_no_file_are_empty_jars() {
    let (home, server) = (Home::new(), server());
    fs::write(home.path().join("empty"), "").expect("to be written");
    home.run(["--jar", "empty", "show-cookies"]).exits(0).says("no cookies");
    home.run(["--jar", "empty", "visit", &server.url("/?a")]).exits(0);
    home.run(["--jar", "new/folder/jar", "visit", &server.url("/?a")]).exits(0);
    for jar in ["empty", "new/folder/jar"] {
        home.run(["--jar", jar, "show-cookies", "--name", "a", "--value"]).exits(0);
    }
}

#[test]
fn a_symbolic_link_is_followed_and_kept() {
    let (home, server) = (Home::new(), server());
    fs::create_dir(home.path().join("real")).expect("a folder");
    std::os::unix::fs::symlink("real/jar.json", home.path().join("link")).expect("a link");
    home.run(["--jar", "link", "visit", &server.url("/?a")]).exits(0);
    assert!(fs::symlink_metadata(home.path().join("link")).expect("the link").is_symlink());
    assert!(home.path().join("real/jar.json").is_file());
}

#[test]
fn what_is_no_file_is_neither_read_nor_replaced() {
    let (home, server) = (Home::new(), server());
    let made = std::process::Command::new("mkfifo").arg(home.path().join("pipe")).status();
    assert!(made.is_ok_and(|status| status.success()), "mkfifo, of coreutils");
    home.run(["--jar", "pipe", "visit", &server.url("/?a")]).exits(1).says("it is a device or a pipe");
    home.run(["--jar", "/dev/null", "visit", &server.url("/?a")]).exits(1).says("it is a device or a pipe");
    home.run(["--jar", "/dev/zero", "show-cookies"]).exits(1).says("it is a device or a pipe");
    use std::os::unix::fs::FileTypeExt;
    assert!(fs::metadata("/dev/null").expect("to be there").file_type().is_char_device());
    assert!(server.seen().is_empty(), "the jar comes first");
    home.run(["visit", &server.url("/?a")]).exits(0);
}

#[test]
fn at_a_file_size_limit_the_old_jar_stays_whole() {
    let (home, server) = (Home::new(), server());
    for n in 0..10 {
        home.run(["--jar", "jar", "visit", &server.url(&format!("/?a{n}"))]).exits(0);
    }
    let before = fs::read(home.path().join("jar")).expect("the jar");
    let line = format!(
        "ulimit -f 1; exec {} --jar jar visit '{}'",
        env!("CARGO_BIN_EXE_sessctl"),
        server.url("/?b")
    );
    let mut shell = std::process::Command::new("bash");
    shell.args(["-c", &line]).current_dir(home.path());
    Ran::from(shell.output().expect("bash")).exits(1).says("cannot write the cookie jar jar");
    assert_eq!(fs::read(home.path().join("jar")).expect("the jar"), before);
    assert_eq!(fs::read_dir(home.path()).expect("the home").count(), 1, "nothing is left behind");
}

#[test]
fn a_kill_at_any_moment_leaves_a_whole_jar() {
    let (home, server) = (Home::new(), server());
    for n in 0..40_u64 {
        let mut visit = home.command(["--jar", "jar", "visit", &server.url(&format!("/?c{n}"))]);
        let mut child = visit.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("to start");
        // Anywhere between its start and its end, which is some milliseconds later.
        std::thread::sleep(Duration::from_micros(n * 200));
        let _ = child.kill();
        child.wait().expect("its end");
        home.run(["--jar", "jar", "show-cookies", "--json"]).exits(0);
    }
    home.run(["--jar", "jar", "visit", &server.url("/?last")]).exits(0);
    let left: Vec<_> =
        fs::read_dir(home.path()).expect("the home").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left, ["jar"], "strays are gone with the next write");
}

#[test]
fn a_lock_that_another_holds_is_waited_for_no_longer_than_allowed() {
    let (home, server) = (Home::new(), server());
    home.run(["--jar", "jar", "visit", &server.url("/?a")]).exits(0);
    let held = fs::File::open(home.path().join("jar")).expect("the jar");
    held.lock().expect("the lock");
    let ran = home.run(["--jar", "jar", "visit", &server.url("/?b"), "--timeout", "300ms"]).exits(8);
    ran.says("for the lock of the cookie jar jar, which another process holds");
    held.unlock().expect("to be given back");
    home.run(["--jar", "jar", "visit", &server.url("/?b"), "--timeout", "20s"]).exits(0);
}

#[test]
fn profiles_have_jars_and_last_logins_of_their_own() {
    let (home, server) = (Home::new(), server());
    let serve = crate::support::Serve::start(&home);
    home.run(["--profile", "three", "login", &serve.url(), "--user", "alice"]).exits(0);
    home.line("--profile three visit / --expect-text alice").exits(0);
    home.run(["--profile", "one", "visit", &server.url("/?a")]).exits(0);
    home.line("--profile two show-cookies").exits(0).says("no cookies");
    home.line("--profile one show-cookies --name a --value").exits(0);
    home.line("--profile ../evil show-cookies").exits(2);
}

#[test]
fn changes_are_merged_into_what_others_wrote() {
    let home = Home::new();
    let file = JarFile::new(home.path().join("jar"));
    let url = Url::parse("https://example.org/").expect("a URL");
    let open = || file.load(ManualClock::new(Timestamp::from_millis(1_800_000_000_000))).expect("a jar").0;
    let save =
        |jar: &Jar| file.save(jar, None, Instant::now() + Duration::from_secs(20)).expect("to be saved");
    let first = open();
    first.receive(&url, [&b"a=1"[..], b"gone=1", b"kept=1"]);
    save(&first);
    let (one, two) = (open(), open());
    one.receive(&url, [&b"b=1"[..], b"gone=; Max-Age=0"]);
    two.receive(&url, [&b"c=1"[..], b"a=2"]);
    save(&one);
    save(&two);
    let (header, _) = open().cookies_for(&url);
    assert_eq!(header.expect("cookies"), "a=2; kept=1; b=1; c=1", "in the order of their creation");
}
