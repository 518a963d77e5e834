//! `exec`: a command gets the session through private files, and nothing of it stays.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::support::{Home, Script, Seen, Serve, respond, until};

/// The temporary folder of the tests, so that nothing else creates files there.
fn temporary(home: &Home) -> PathBuf {
    let folder = home.path().join("tmp");
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn exec(home: &Home, args: &[&str]) -> Command {
    let mut command = home.command(["exec"].iter().chain(args));
    command.env("TMPDIR", temporary(home));
    command
}

fn run(home: &Home, args: &[&str]) -> crate::support::Ran {
    exec(home, args).output().expect("to run").into()
}

/// The names of the files in the temporary folder.
fn leftovers(home: &Home) -> Vec<String> {
    let entries = fs::read_dir(temporary(home)).expect("the folder");
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

fn signal(name: &str, child: &Child) {
    let sent = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status();
    assert!(sent.expect("kill").success());
}

/// A server that counts, in a cookie, the requests of a session.
fn counting(seen: &Seen) -> Vec<u8> {
    match seen.path() {
        "/login" => respond(
            200,
            &[
                "Set-Cookie: sid=s3cretvalue0123456789abcdef; Path=/; HttpOnly; SameSite=Strict",
                "Set-Cookie: n=0; Path=/; SameSite=Lax",
            ],
            "",
        ),
        "/count" => {
            let next =
                format!("Set-Cookie: n={}; Path=/", seen.cookie("n").parse::<u32>().map_or(0, |n| n + 1));
            respond(200, &[&next], seen.header("cookie"))
        }
        "/logout" => respond(200, &["Set-Cookie: sid=; Path=/; Max-Age=0"], ""),
        _ => respond(200, &[], seen.header("cookie")),
    }
}

#[test]
fn curl_and_wget_use_the_session_by_themselves() {
    let home = Home::new();
    let serve = Serve::start(&home);
    home.run(["login", &serve.url(), "--user", "alice"]).exits(0);
    let session = format!("{}/session", serve.url().trim_end_matches('/'));
    run(&home, &["--", "curl", "-s", &session]).exits(0).answers("\"user\":\"alice\"");
    run(&home, &["--", "wget", "-q", "-O", "-", &session]).exits(0).answers("\"user\":\"alice\"");
    // Without `--`, and with options of the command.
    run(&home, &["curl", "-s", &session, "-o", "saved"]).exits(0);
    assert!(fs::read_to_string(home.path().join("saved")).expect("a file").contains("alice"));
    assert_eq!(leftovers(&home), [""; 0]);
}

#[test]
fn the_configurations_of_the_user_stay_in_effect() {
    let home = Home::new();
    let server = Script::new(|seen| {
        respond(200, &[], &format!("{} {}", seen.header("user-agent"), seen.header("cookie")))
    });
    home.run(["set-cookie", &server.url("/"), "sid=1"]).exits(0);
    fs::write(home.path().join(".curlrc"), "user-agent = \"my curl\"\n").expect("to be written");
    fs::write(home.path().join(".wgetrc"), "user_agent = my wget").expect("to be written");
    run(&home, &["--", "curl", "-s", &server.url("/")]).exits(0).answers("my curl sid=1");
    run(&home, &["--", "wget", "-q", "-O-", &server.url("/")]).exits(0).answers("my wget sid=1");
}

#[test]
fn the_exit_code_is_that_of_the_command() {
    let home = Home::new();
    run(&home, &["--", "sh", "-c", "echo out; echo err >&2; exit 42"]).exits(42).says("err").answers("out\n");
    run(&home, &["--", "true"]).exits(0);
    run(&home, &["--", "sh", "-c", "kill -KILL $$"]).exits(128 + 9);
    run(&home, &["--", "no-such-command-here"]).exits(127).says("cannot run no-such-command-here");
    run(&home, &["--", "/"]).exits(126).says("cannot run /");
    run(&home, &[]).exits(2);
    run(&home, &["--no-such-option", "true"]).exits(2);
    assert_eq!(leftovers(&home), [""; 0]);
}

#[test]
fn a_signal_reaches_the_command_and_no_folder_stays() {
    for (name, code) in [("TERM", 128 + 15), ("INT", 128 + 2), ("HUP", 128 + 1)] {
        let home = Home::new();
        // A process of its own session has no terminal.
        let mut command = Command::new("setsid");
        command.arg("--wait").arg(env!("CARGO_BIN_EXE_sessctl"));
        command.args(["exec", "--", "sh", "-c", "echo $PPID > pid; exec sleep 60"]).env_clear();
        command.env("HOME", home.path()).env("TMPDIR", temporary(&home)).current_dir(home.path());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).stdin(Stdio::null());
        let mut child = command.spawn().expect("setsid, of util-linux");
        let pid = || fs::read_to_string(home.path().join("pid")).unwrap_or_default();
        until("the command runs", || pid().ends_with('\n'));
        assert_eq!(leftovers(&home).len(), 1);
        let sent = Command::new("kill").args([&format!("-{name}"), pid().trim()]).status();
        assert!(sent.expect("kill").success());
        assert_eq!(child.wait().expect("its end").code(), Some(code), "{name}");
        assert_eq!(leftovers(&home), [""; 0], "{name}");
    }
}

#[test]
fn a_command_that_handles_a_signal_ends_by_itself() {
    let home = Home::new();
    let script = "trap 'test -d \"$CURL_HOME\" && exit 5' TERM; touch ready; while :; do sleep 0.05; done";
    let mut child = exec(&home, &["--", "sh", "-c", script]).spawn().expect("to start");
    until("the command runs", || home.path().join("ready").exists());
    signal("TERM", &child);
    assert_eq!(child.wait().expect("its end").code(), Some(5), "the files are there until the command ends");
    assert_eq!(leftovers(&home), [""; 0]);
}

#[test]
fn the_files_are_private() {
    let home = Home::new();
    let server = Script::new(counting);
    home.run(["visit", "-q", &server.url("/login")]).exits(0);
    let script = r#"find "$CURL_HOME" -printf '%m %y\n' | sort -u; env; head -n 99 "$SESSCTL_COOKIES" "$SESSCTL_COOKIES_PYTHON" "$SESSCTL_STORAGE_STATE""#;
    let mut command = exec(&home, &["--", "sh", "-c", script]);
    command.env("SESSCTL_PASSWORD", "pa55word").env("SESSCTL_BASIC_PASSWORD", "pa55word");
    let shown = crate::support::Ran::from(command.output().expect("to run")).exits(0).stdout;
    let (head, files) = shown.split_once("==>").expect("the files");
    assert!(head.starts_with("600 f\n700 d\n"), "{shown}");
    assert!(!head.contains("s3cret") && !head.contains("pa55word"), "the environment has only paths: {head}");
    assert_eq!(files.matches("s3cretvalue0123456789abcdef").count(), 3, "{files}");
}

/// All files below a folder.
fn files_below(folder: &Path, all: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.path() {
            path if path.is_dir() => files_below(&path, all),
            path => all.push(path),
        }
    }
}

#[test]
fn no_secret_stays_and_no_process_shows_one() {
    let home = Home::new();
    let serve = Serve::start(&home);
    let mut login = home.command(["login", &serve.url(), "--user", "alice", "-v"]);
    login.env("SESSCTL_PASSWORD", "pl4nted-password");
    let mut said = crate::support::Ran::from(login.output().expect("to run")).exits(0);
    let token = home.line("show-cookies --name sessionid --value").exits(0).stdout.trim().to_owned();
    // The command sees its own arguments and those of its parent, and both environments.
    let script = r#"for p in $$ $PPID; do tr '\0' '\n' </proc/$p/cmdline; done; env; curl -s -o page "$0/session"; cat /proc/self/environ"#;
    let mut command =
        exec(&home, &["--save", "-v", "--", "sh", "-c", script, serve.url().trim_end_matches('/')]);
    command.env("SESSCTL_PASSWORD", "pl4nted-password");
    let ran = crate::support::Ran::from(command.output().expect("to run")).exits(0);
    assert!(fs::read_to_string(home.path().join("page")).expect("a page").contains("alice"));
    said.stdout += &ran.stdout;
    said.stderr += &ran.stderr;
    for line in ["history -v", "history --json", "history --har", "history --curl", "history --hurl"] {
        let line = home.line(line).exits(0);
        said.stdout += &(line.stdout + &line.stderr);
    }
    let mut files = Vec::new();
    files_below(home.path(), &mut files);
    let kept = files.iter().filter(|path| **path != home.jar());
    let mut texts: Vec<(String, String)> = kept
        .map(|path| {
            (
                path.display().to_string(),
                String::from_utf8_lossy(&fs::read(path).expect("a file")).into_owned(),
            )
        })
        .collect();
    texts.extend([("stdout".to_owned(), said.stdout), ("stderr".to_owned(), said.stderr)]);
    for (place, text) in texts {
        for secret in ["pl4nted-password", token.as_str()] {
            assert!(!text.contains(secret), "{secret} is in {place}:\n{text}");
        }
    }
    let jar = fs::metadata(home.jar()).expect("the jar");
    assert_eq!(jar.permissions().mode() & 0o777, 0o600);
    assert_eq!(leftovers(&home), [""; 0]);
}

#[test]
fn changed_cookies_are_saved_if_that_is_wanted() {
    let (home, server) = (Home::new(), Script::new(counting));
    home.run(["visit", "-q", &server.url("/login")]).exits(0);
    let cookie = |name: &str| {
        let cookies = home.line("show-cookies --json").exits(0).json()["cookies"].clone();
        cookies.as_array().expect("a list").iter().find(|cookie| cookie["name"] == name).cloned()
    };
    let count = |args: &[&str]| run(&home, args).exits(0);
    count(&["--", "curl", "-s", &server.url("/count")]);
    assert_eq!(cookie("n").expect("n")["value"], "0", "without --save, the jar stays as it is");
    count(&["--save", "--", "curl", "-s", &server.url("/count")]).says("saved: n");
    let changed = cookie("n").expect("n");
    assert_eq!((&changed["value"], &changed["same_site"]), (&"1".into(), &"Lax".into()), "SameSite is kept");
    count(&["--save", "--", "wget", "-q", "-O", "-", &server.url("/count")]).says("saved: n");
    assert_eq!(cookie("n").expect("n")["value"], "2");
    let kept = cookie("sid").expect("sid");
    assert_eq!((&kept["same_site"], &kept["http_only"]), (&"Strict".into(), &true.into()));
    // Two requests of one command share their cookies.
    let twice = format!("curl -s {0}; curl -s {0}", server.url("/count"));
    count(&["--save", "--", "sh", "-c", &twice]);
    assert_eq!(cookie("n").expect("n")["value"], "4");
    // A logout is a change too, even if the command fails afterwards.
    let logout = format!("curl -s {}; exit 3", server.url("/logout"));
    run(&home, &["--save", "--", "sh", "-c", &logout]).exits(3).says("deleted: sid");
    assert!(cookie("sid").is_none());
    // Python leaves session cookies out of its file; that deletes nothing.
    let python = "printf '# Netscape HTTP Cookie File\\n' > \"$SESSCTL_COOKIES_PYTHON\"";
    run(&home, &["--save", "--", "sh", "-c", python]).exits(0);
    assert_eq!(cookie("n").expect("n")["value"], "4");
    run(&home, &["--save", "--", "sh", "-c", "echo nonsense > \"$SESSCTL_COOKIES\""])
        .exits(0)
        .says("cannot save the cookies of");
    assert_eq!(cookie("n").expect("n")["value"], "4");
}
