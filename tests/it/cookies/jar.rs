//! The jar file: always complete, shared by processes, private, readable by later versions.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Stdio;
use std::time::{Duration, Instant};

use sessctl::clock::{ManualClock, Timestamp};
use sessctl::cookies::{Jar, JarFile};
use url::Url;

use crate::support::{Home, Ran, Script, respond};

/// A server that sets the cookie named in the query.
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
    assert_eq!(left.len(), 2, "only the jar and the history are left: {left:?}");
    let history = home.line("history --last 50 --json").exits(0).json();
    assert_eq!(history["records"].as_array().map(Vec::len), Some(40));
}

#[test]
fn the_jar_is_private() {
    let (home, server) = (Home::new(), server());
    home.run(["visit", &server.url("/?a")]).exits(0);
    let mode = |path: &std::path::Path| fs::metadata(path).expect("to be there").permissions().mode() & 0o777;
    assert_eq!(mode(&home.jar()), 0o600);
    assert_eq!(mode(home.jar().parent().expect("a folder")), 0o700);
    // A jar that others could read is private again after the next write.
    fs::set_permissions(home.jar(), fs::Permissions::from_mode(0o644)).expect("to be set");
    home.run(["visit", &server.url("/?b")]).exits(0);
    assert_eq!(mode(&home.jar()), 0o600);
}

#[test]
fn using_a_cookie_does_not_write_the_jar() {
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
fn a_response_that_changes_no_cookie_does_not_write_the_jar() {
    let home = Home::new();
    let server = Script::new(|seen| match seen.path() {
        "/gone" => respond(200, &["Set-Cookie: gone=; Max-Age=0"], ""),
        _ => respond(200, &["Set-Cookie: same=1; Path=/", "Set-Cookie: default-path=1"], ""),
    });
    home.run(["visit", &server.url("/gone")]).exits(0);
    assert!(!home.jar().exists(), "deleting a missing cookie creates no jar");
    home.run(["visit", &server.url("/")]).exits(0);
    let inode = |home: &Home| fs::metadata(home.jar()).expect("the jar").ino();
    let before = inode(&home);
    home.run(["visit", &server.url("/")]).exits(0);
    home.run(["visit", &server.url("/gone")]).exits(0);
    assert_eq!(inode(&home), before, "the file was not replaced");
}

#[test]
fn each_profile_has_its_own_jar_and_last_login() {
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
fn changes_are_merged_with_those_of_other_processes() {
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

/// A jar that sessctl 0.1.0 wrote.
const OLD_JAR: &str = r#"{
  "version": 1,
  "login": {
    "page": "https://app.example.org/home",
    "at": "2026-11-23T04:14:17.25Z"
  },
  "cookies": [
    {
      "name": "sessionid",
      "value": {
        "base64": "//4="
      },
      "domain": "app.example.org",
      "host_only": true,
      "path": "/",
      "expires": null,
      "secure": true,
      "http_only": true,
      "same_site": "Lax",
      "created": "2026-11-23T04:14:17Z",
      "last_used": "2026-11-23T04:14:17.25Z"
    },
    {
      "name": "",
      "value": "theme",
      "domain": "example.org",
      "host_only": false,
      "path": "/home",
      "expires": "2030-01-01T00:00:00Z",
      "secure": false,
      "http_only": false,
      "same_site": null,
      "created": "2026-11-23T04:14:18Z",
      "last_used": "2026-11-23T04:14:18Z"
    }
  ]
}
"#;

#[test]
fn a_jar_of_an_older_version_is_read_and_written_in_the_same_format() {
    let home = Home::new();
    let path = home.path().join("jar");
    fs::write(&path, OLD_JAR).expect("to be written");
    let file = JarFile::new(&path);
    let clock = ManualClock::new(Timestamp::from_millis(1_800_000_000_000));
    let (jar, login) = file.load(clock).expect("a jar");
    let login = login.expect("a login");
    assert_eq!(login.page.as_str(), "https://app.example.org/home");
    let url = Url::parse("https://app.example.org/home").expect("a URL");
    let (header, _) = jar.cookies_for(&url);
    assert_eq!(header.expect("cookies").as_bytes(), b"theme; sessionid=\xff\xfe");
    jar.receive(&url, [&b"gone=1"[..]]);
    jar.remove(|cookie| cookie.name.0 == b"gone");
    file.save(&jar, Some(login), Instant::now() + Duration::from_secs(20)).expect("to be saved");
    let used = |time: &str| format!("\"last_used\": \"{time}\"");
    let now = used("2027-01-15T08:00:00Z");
    let expected =
        OLD_JAR.replace(&used("2026-11-23T04:14:17.25Z"), &now).replace(&used("2026-11-23T04:14:18Z"), &now);
    assert_eq!(fs::read_to_string(&path).expect("the jar"), expected);
}
