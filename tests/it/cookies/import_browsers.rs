//! Cookies as people copy them from browsers: curl command lines, Cookie headers, databases.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::support::{Home, Ran};

fn import(content: impl AsRef<[u8]>, options: &[&str]) -> (Home, Ran) {
    let home = Home::new();
    fs::write(home.path().join("file"), content).expect("to be written");
    let ran = home.run(["--jar", "jar", "import-cookies", "file"].iter().chain(options));
    (home, ran)
}

/// Name, value, domain and whether it is secure, of each cookie.
fn jar(home: &Home) -> Vec<(String, String, String, bool)> {
    let document = home.line("--jar jar show-cookies --json").exits(0).json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let cookies = document["cookies"].as_array().expect("a list").iter();
    let mut cookies: Vec<_> = cookies
        .map(|it| (text(&it["name"]), text(&it["value"]), text(&it["domain"]), it["secure"] == true))
        .collect();
    cookies.sort();
    cookies
}

fn cookie(name: &str, value: &str, domain: &str, secure: bool) -> (String, String, String, bool) {
    (name.to_owned(), value.to_owned(), domain.to_owned(), secure)
}

#[test]
fn a_copied_curl_command_is_read() {
    let expected = [cookie("sid", "it's", "app.test", true), cookie("theme", "da\"rk", "app.test", true)];
    for command in [
        // Chromium and Firefox, for a POSIX shell.
        "curl 'https://app.test/api?x=1' \\\n  -H 'accept: */*' \\\n  -b $'sid=it\\'s; theme=da\"rk' \\\n  --data-raw 'a=b' --compressed\n",
        "curl \"https://app.test/\" -X POST -H \"Cookie: sid=it's; theme=da\\\"rk\" -e https://other.test/",
        "curl -sSL --user-agent x -bsid=it\\'s -H $'cookie: theme=da\\x22rk' --url https://app.test:8443/",
        // The Windows command prompt.
        "curl ^\"https://app.test/^\" ^\r\n  -H ^\"accept: */*^\" ^\r\n  -b ^\"sid=it's; theme=da^\\^\"rk^\"\r\n",
    ] {
        let (home, ran) = import(command, &[]);
        ran.exits(0)
            .answers("imported 2 cookies of a curl command line")
            .says("it has only names and values");
        assert_eq!(jar(&home), expected, "{command}");
    }
    // Each command has its own URL. What cannot be read is named, and the rest is imported.
    let (home, ran) = import(
        "# two\ncurl -b a=1 app.test; curl http://b.test -b 'b=2; flag; c=3' -b cookies.txt\ncurl -b x=secret-value ::::\n",
        &[],
    );
    let ran = ran.exits(0).says("skipped command 2, pair 2: it must be NAME=VALUE");
    let ran = ran
        .says("skipped command 2, option -b: it names a file")
        .says("skipped command 3: it has no valid URL");
    assert!(!ran.stderr.contains("secret-value"), "{}", ran.stderr);
    let expected = [
        cookie("a", "1", "app.test", false),
        cookie("b", "2", "b.test", false),
        cookie("c", "3", "b.test", false),
    ];
    assert_eq!(jar(&home), expected);
    import("curl https://app.test/ -H 'Accept: */*'", &[])
        .1
        .exits(1)
        .says("it has no cookies: the command has neither");
}

#[test]
fn a_cookie_header_is_read_with_its_url() {
    for text in ["Cookie: a=1; b=x=y", "cookie:a=1; b=x=y\r\n", "a=1; b=x=y", "  a=1;b=x=y\n"] {
        let (home, ran) = import(text, &["--url", "https://www.app.test/x"]);
        ran.exits(0).answers("imported 2 cookies of a Cookie header");
        let expected = [cookie("a", "1", "www.app.test", true), cookie("b", "x=y", "www.app.test", true)];
        assert_eq!(jar(&home), expected, "{text}");
        import(text, &[]).1.exits(1).says("it is a Cookie header, which names no host; give one with --url");
    }
    let (home, ran) =
        import("Cookie: __Host-a=1; broken; b=2\nAccept: secret-value\n", &["--url", "http://app.test"]);
    let ran =
        ran.exits(0).says("skipped pair 1: InvalidPrefix").says("skipped pair 2: it must be NAME=VALUE");
    let ran = ran.says("skipped line 2: it is not a Cookie line");
    assert!(!ran.stderr.contains("secret-value"), "{}", ran.stderr);
    assert_eq!(jar(&home), [cookie("b", "2", "app.test", false)]);
    let home = Home::new();
    let ran = home.run_with_input(["--jar", "jar", "import-cookies", "-", "--url", "app.test"], "a=1");
    ran.exits(0).answers("imported 1 cookie");
}

#[test]
fn utf_16_without_a_mark_and_the_words_of_extensions_are_read() {
    let document = json!([{"name": "a", "value": "é", "domain": ".app.test", "secure": true, "sameSite": "no_restriction"},
        {"name": "b", "value": "1", "domain": "app.test", "secure": false, "sameSite": "no_restriction"},
        {"name": "c", "value": "1", "domain": "app.test", "sameSite": "unspecified", "expirationDate": null, "hostOnly": true},
        {"name": "d", "value": "1", "url": "https://app.test/x", "sameSite": null}])
    .to_string();
    let little: Vec<u8> = document.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = document.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for content in [little, big] {
        let (home, ran) = import(content, &[]);
        ran.exits(0).answers("imported 4 cookies of an export of a browser extension");
        let cookies = home.line("--jar jar show-cookies --json").exits(0).json();
        let same_site = |name: &str| {
            let cookies = cookies["cookies"].as_array().expect("a list");
            cookies.iter().find(|cookie| cookie["name"] == name).expect(name)["same_site"].clone()
        };
        assert_eq!(
            (same_site("a"), same_site("b"), same_site("c")),
            ("None".into(), Value::Null, Value::Null)
        );
    }
}

#[test]
fn what_is_no_cookie_is_reported() {
    let state = json!({"cookies": [{"name": "a", "value": "1", "domain": "app.test", "path": "/"}],
        "origins": [{"origin": "https://app.test", "localStorage": [{"name": "t", "value": "secret-value"}]}]});
    let ran =
        import(state.to_string(), &[]).1.exits(0).says("local storage of https://app.test: it was left out");
    assert!(!ran.stderr.contains("secret-value"));
    let session = json!({"__meta__": {"httpie": "3.2.4"}, "auth": {"type": "bearer", "raw_auth": "secret-value"},
        "headers": [{"name": "X", "value": "secret-value"}], "cookies": [{"name": "a", "value": "1", "domain": "app.test"}]});
    let ran = import(session.to_string(), &[])
        .1
        .exits(0)
        .says("auth: it was left out")
        .says("headers: it was left out");
    assert!(!ran.stderr.contains("secret-value"));
}

/// A database as Firefox 153 creates it, with the rows that a test adds.
fn firefox_database(path: &Path, rows: &[&str]) -> Connection {
    let connection = Connection::open(path).expect("a database");
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
             CREATE TABLE moz_cookies (id INTEGER PRIMARY KEY, originAttributes TEXT NOT NULL DEFAULT '', name TEXT,
                 value TEXT, host TEXT, path TEXT, expiry INTEGER, lastAccessed INTEGER, creationTime INTEGER,
                 isSecure INTEGER, isHttpOnly INTEGER, inBrowserElement INTEGER DEFAULT 0, sameSite INTEGER DEFAULT 0,
                 schemeMap INTEGER DEFAULT 0, isPartitionedAttributeSet INTEGER DEFAULT 0, updateTime INTEGER,
                 CONSTRAINT moz_uniqueid UNIQUE (name, host, path, originAttributes));",
        )
        .expect("a table");
    for row in rows {
        let columns =
            "originAttributes, name, value, host, path, expiry, isSecure, isHttpOnly, sameSite, creationTime";
        let row = format!("INSERT INTO moz_cookies ({columns}) VALUES ({row}, 1)");
        connection.execute(&row, []).expect("a row");
    }
    connection
}

#[test]
fn a_firefox_database_is_read_with_its_log() {
    let home = Home::new();
    // The connection stays open, so the rows are only in the log.
    let path = home.path().join("cookies.sqlite");
    let _firefox = firefox_database(
        &path,
        &[
            "'', 'millis', 'v1', '.app.test', '/', 4102444800000, 1, 1, 1",
            "'', 'seconds', 'v2', 'app.test', '/x', 4102444800, 0, 0, 256",
            "'', 'old', 'v3', 'app.test', '/', 1000, 0, 0, 0",
            "'', 'odd', 'secret-value', 'no host', '/', 4102444800, 0, 0, 0",
            "'^userContextId=2', 'container', 'secret-value', 'app.test', '/', 4102444800, 0, 0, 0",
            "'^partitionKey=%28https%2Capp.test%29', 'own', 'v4', 'app.test', '/', 4102444800, 1, 0, 0",
            "'^partitionKey=%28https%2Cembedder.test%29', 'other', 'secret-value', 'app.test', '/', 4102444800, 1, 0, 0",
        ],
    );
    assert!(home.path().join("cookies.sqlite-wal").exists());
    let ran = home.line("--jar jar import-cookies cookies.sqlite").exits(0).answers("imported 3 cookies");
    let ran = ran
        .says("skipped cookie old of app.test: Expired")
        .says("skipped cookie odd of no host: InvalidDomain");
    let ran = ran.says("skipped cookie container of app.test: it belongs to a container tab");
    let ran = ran.says("skipped cookie other of app.test: it is partitioned: only pages of embedder.test");
    let ran =
        ran.says("cookie own of app.test: it is partitioned").says("Firefox keeps session cookies in memory");
    assert!(!ran.stderr.contains("secret-value"), "{}", ran.stderr);
    let expected = [
        cookie("millis", "v1", "app.test", true),
        cookie("own", "v4", "app.test", true),
        cookie("seconds", "v2", "app.test", false),
    ];
    assert_eq!(jar(&home), expected);
    // From a pipe, there is no log: its tables are not even there.
    let content = fs::read(&path).expect("the database");
    let mut command = home.command(["--jar", "other", "import-cookies", "-"]);
    command.stdin(fs::File::open(&path).expect("the database"));
    let piped = Ran::from(command.output().expect("to run"));
    assert!(piped.code == Some(1) && content.starts_with(b"SQLite format 3\0"), "{piped:?}");
}

#[test]
fn a_profile_of_firefox_is_found() {
    let home = Home::new();
    home.line("import-cookies --from firefox").exits(1).says("no profile has a cookies.sqlite (tried ");
    let row = |value: &str| format!("'', 'a', '{value}', 'app.test', '/', 4102444800, 0, 0, 0");
    for (root, folder, value) in [
        (".mozilla/firefox", "one.default", "classic"),
        ("snap/firefox/common/.mozilla/firefox", "two.snap", "snap"),
        (".var/app/org.mozilla.firefox/.mozilla/firefox", "three.flatpak", "flatpak"),
    ] {
        let root = home.path().join(root);
        fs::create_dir_all(root.join(folder)).expect("a folder");
        let name = folder.split_once('.').expect("a name").0;
        let is_default = u8::from(value == "classic");
        let list = format!("[Profile0]\nName={name}\nIsRelative=1\nPath={folder}\nDefault={is_default}\n");
        fs::write(root.join("profiles.ini"), list).expect("to be written");
        drop(firefox_database(&root.join(folder).join("cookies.sqlite"), &[&row(value)]));
        let jar = format!("{value}.jar");
        home.run(["--jar", &jar, "import-cookies", "--from", &format!("firefox:{name}")]).exits(0);
        home.run(["--jar", &jar, "show-cookies", "--name", "a", "--value"]).exits(0).answers(value);
    }
    home.line("--jar default.jar import-cookies --from firefox").exits(0);
    home.line("--jar default.jar show-cookies --name a --value").exits(0).answers("classic");
    home.line("--jar jar import-cookies --from firefox:nobody").exits(1).says("there are: one, two, three");
    home.line("--jar jar import-cookies --from chromium").exits(2).says("login --browser=window");
    home.line("--jar jar import-cookies").exits(2);
    home.line("--jar jar import-cookies --from firefox file").exits(2);
}

#[test]
fn other_databases_are_named() {
    let home = Home::new();
    let create = |name: &str, sql: &str| {
        Connection::open(home.path().join(name)).expect("a database").execute_batch(sql).expect("a table");
    };
    create("Cookies", "CREATE TABLE cookies (host_key TEXT, name TEXT, encrypted_value BLOB)");
    let ran = home
        .line("import-cookies Cookies")
        .exits(1)
        .says("it is Chromium's cookie database, which is encrypted");
    ran.says("login --browser=window").says("extension");
    create("other", "CREATE TABLE x (y)");
    home.line("import-cookies other").exits(1).says("an SQLite database without cookies of Firefox");
    drop(firefox_database(&home.path().join("empty"), &[]));
    home.line("import-cookies empty")
        .exits(1)
        .says("it has no cookies: Firefox keeps session cookies in memory");
    fs::write(home.path().join("broken"), b"SQLite format 3\0and then nonsense".repeat(99))
        .expect("to be written");
    home.line("import-cookies broken")
        .exits(1)
        .says("broken: it looks like a cookie database of Firefox, but");
}
