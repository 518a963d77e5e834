//! The configuration files: precedence, trust, errors, `profiles init` and `login --remember`.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::process::Command;

use crate::support::{Home, Ran, Script, Seen, html, redirect};

const FORM: &str = "<form id=signin method=post action=/login><input name=tenant><input name=user><input type=password name=pass><button>Log in</button></form>";
const SEARCH: &str = "<form id=other method=post action=/other><input name=user><input type=password name=pass><button>Log in</button></form>";

/// An application for the tenant acme, where another form comes first.
fn application() -> Script {
    Script::new(|seen: &Seen| match (seen.method.as_str(), seen.path()) {
        ("POST", "/login") if seen.body.contains("tenant=acme") && seen.body.contains("pass=s3cret") => {
            redirect(303, "/", &["Set-Cookie: sid=alive; Path=/"])
        }
        ("POST", _) => html(200, &[], &format!("<p>Wrong.</p>{SEARCH}{FORM}")),
        (_, "/reports") if seen.cookie("sid") == "alive" => html(200, &[], "<p>Monthly report</p>"),
        (_, "/reports") => redirect(302, "/", &[]),
        _ if seen.cookie("sid") == "alive" => html(200, &[], "<a href=/logout>Log out</a>"),
        _ => html(200, &[], &format!("{SEARCH}{FORM}")),
    })
}

fn project(home: &Home, text: &str) -> PathBuf {
    let path = home.path().join(".sessctl.toml");
    fs::write(&path, text).expect("a file");
    path
}

fn user_file(home: &Home, text: &str) -> PathBuf {
    let folder = home.path().join(".config/sessctl");
    fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("config.toml");
    fs::write(&path, text).expect("a file");
    path
}

/// A profile whose login needs options.
fn staging(server: &Script) -> String {
    format!(
        "[profiles.staging]\nurl = \"{}\"\nuser = \"ci\"\npassword_env = \"STAGING_PASSWORD\"\n\
         headers = {{ X-Tenant = \"acme\" }}\n\n[profiles.staging.login]\nform = \"#signin\"\nfields = {{ tenant = \"acme\" }}\n\n\
         [profiles.staging.expect]\njudge-by = \"/reports\"\n",
        server.url("/")
    )
}

fn run(mut command: Command, variables: &[(&str, &str)]) -> Ran {
    Ran::from(command.envs(variables.iter().copied()).output().expect("the binary to start"))
}

const PASSWORD: [(&str, &str); 1] = [("STAGING_PASSWORD", "s3cret")];

#[test]
fn a_profile_of_a_file_logs_in_with_one_command() {
    let (home, server) = (Home::new(), application());
    user_file(&home, &staging(&server));
    let login = || home.command(["login", "--profile", "staging"]);
    run(login(), &[]).exits(2).says("set the variable STAGING_PASSWORD, which password_env names");
    let ran = run(login(), &PASSWORD).exits(0).answers("logged in as ci at").answers("/reports");
    ran.says("/reports changes with the cookie");
    home.line("--profile staging status").exits(0).answers("/reports");
    home.line("--profile staging visit /reports --expect-text report").exits(0);
    // The headers are only for the site of the profile.
    assert!(server.seen().iter().all(|seen| seen.header("x-tenant") == "acme"));
    let other = Script::new(|_: &Seen| html(200, &[], "<p>Elsewhere</p>"));
    home.run(["--profile", "staging", "visit", &other.url("/")]).exits(0);
    let elsewhere = Script::new(|_: &Seen| html(200, &[], FORM));
    let url = elsewhere.url("/");
    run(home.command(["login", "--profile", "staging", &url]), &PASSWORD).exits(2).says("password");
    for seen in other.seen().iter().chain(&elsewhere.seen()) {
        assert_eq!((seen.header("x-tenant"), seen.body.as_str()), ("", ""));
    }
    // Another profile has none of it.
    home.run(["visit", &server.url("/")]).exits(0);
    assert_eq!(server.seen().last().expect("a request").header("x-tenant"), "");
}

#[test]
fn options_come_before_the_environment_the_project_and_the_user() {
    let (home, server) = (Home::new(), application());
    let dead = "http://127.0.0.1:1/";
    user_file(&home, &staging(&server).replace("ci", "from-user"));
    project(
        &home,
        "[profiles.staging]\nuser = \"from-project\"\n[profiles.staging.login]\nform = \"signin\"\n",
    );
    let key_of = |document: &serde_json::Value, key: &str| {
        let values = document.as_array().expect("a list").clone();
        let found =
            values.into_iter().find(|it| it["key"] == key).unwrap_or_else(|| panic!("{key}: {document}"));
        let text = |name: &str| found[name].as_str().unwrap_or_default().to_owned();
        (text("value"), text("source"))
    };
    let config = home.line("config --profile staging --json").exits(0).json();
    let (project_path, user_path) = (
        home.path().join(".sessctl.toml").display().to_string(),
        home.path().join(".config/sessctl/config.toml").display().to_string(),
    );
    assert_eq!(key_of(&config, "user"), ("from-project".into(), format!("{project_path}:2")));
    assert_eq!(key_of(&config, "login.form"), ("signin".into(), format!("{project_path}:4")));
    assert_eq!(key_of(&config, "login.fields.tenant"), ("acme".into(), format!("{user_path}:9")));
    assert_eq!(key_of(&config, "url"), (server.url("/"), format!("{user_path}:2")));
    assert_eq!(key_of(&config, "profile"), ("staging".into(), "--profile".into()));
    let with_env = run(home.command(["config", "--profile", "staging", "--json"]), &[("SESSCTL_URL", dead)]);
    assert_eq!(key_of(&with_env.json(), "url"), (dead.into(), "SESSCTL_URL".into()));
    let with_option = home.run(["config", "--profile", "staging", "--json", "--url", dead]).exits(0).json();
    assert_eq!(key_of(&with_option, "url"), (dead.into(), "--url".into()));
    home.line("config --profile staging").exits(0).answers("KEY").answers("from-project");
    // The same order in a login.
    let login = |args: &[&str], variables: &[(&str, &str)]| {
        run(home.command(["login", "--profile", "staging"].iter().chain(args)), variables)
    };
    login(&[], &PASSWORD).exits(0).answers("logged in as from-project");
    login(&["--user", "given"], &PASSWORD).exits(0).answers("logged in as given");
    login(&[], &[PASSWORD[0], ("SESSCTL_PASSWORD", "other")]).exits(7).says("login refused");
    login(&["--field", "tenant=none"], &PASSWORD).exits(7).says("login refused");
    login(&["--form", "#other"], &PASSWORD).exits(7).says("login refused");
    login(&[], &[PASSWORD[0], ("SESSCTL_URL", dead)]).exits(1).says("refused the connection");
}

#[test]
fn a_project_must_be_trusted_before_it_sends_a_password_or_runs_a_command() {
    let (home, server) = (Home::new(), application());
    let path = project(&home, &staging(&server));
    let inner = home.path().join("src/deep");
    fs::create_dir_all(&inner).expect("folders");
    let login = || {
        let mut command = home.command(["login", "--profile", "staging"]);
        command.current_dir(&inner);
        run(command, &PASSWORD)
    };
    let untrusted =
        format!("error: {} is not trusted: it sets url (line 2), password_env (line 4)", path.display());
    let hint = "hint: read the file, then run: sessctl config trust";
    login().exits(2).says(&untrusted).says(hint);
    let json = home.line("visit / --profile staging --json").exits(2).json();
    assert_eq!(json["verdict"]["kind"], "usage_error");
    home.line("config --profile staging").exits(0).answers("(not trusted)");
    // Another profile of the same file sets nothing of that kind.
    home.run(["visit", &server.url("/")]).exits(0);
    let asked = server.seen().len();
    home.line("config trust")
        .exits(0)
        .says("it sets url (line 2), password_env (line 4), headers.X-Tenant (line 5)");
    let store = home.path().join("state/sessctl/trusted.json");
    assert_eq!(fs::metadata(&store).expect("the trusted files").permissions().mode() & 0o777, 0o600);
    assert_eq!(server.seen().len(), asked, "nothing was sent");
    login().exits(0).answers("logged in as ci");
    fs::write(&path, staging(&server) + "# changed\n").expect("a file");
    login().exits(2).says("is not trusted").says(hint);
    fs::write(&path, staging(&server)).expect("a file");
    login().exits(0);
    // What cannot send a password anywhere needs no trust.
    project(&home, "[profiles.staging]\nuser = \"eve\"\n[profiles.staging.expect]\nno-login = true\n");
    home.run(["visit", "--profile", "staging", &server.url("/reports")]).exits(0);
    let command = "[profiles.staging]\npassword_command = \"touch ran; echo s3cret\"\n";
    project(&home, command);
    login().exits(2).says("password_command (line 2)");
    assert!(!home.path().join("ran").exists() && !inner.join("ran").exists());
}

#[test]
fn a_file_of_another_user_is_refused() {
    let home = Home::new();
    let path = project(&home, "[profiles.default]\nuser = \"eve\"\n");
    if fs::metadata(&path).expect("the file").uid() != 0 {
        return; // only root can give a file away
    }
    std::os::unix::fs::chown(&path, Some(4_711), None).expect("to give it away");
    home.line("visit http://127.0.0.1:1/").exits(2).says("it belongs to another user");
    home.line("config trust").exits(2).says("it belongs to another user");
}

#[test]
fn a_password_command_and_a_password_file_are_read_when_needed() {
    let (home, server) = (Home::new(), application());
    let with = |line: &str| staging(&server).replace("password_env = \"STAGING_PASSWORD\"", line);
    fs::write(home.path().join(".config-password"), "s3cret\n").expect("a file");
    for (line, code, said) in [
        ("password_command = \"echo s3cret; touch ../../ran\"", 0, ""),
        ("password_command = \"exit 3\"", 1, "(password_command): exit status: 3"),
        ("password_file = \"../../.config-password\"", 0, ""),
        ("password_file = \"~/.config-password\"", 0, ""),
        ("password_file = \"missing\"", 1, "missing (password_file)"),
    ] {
        user_file(&home, &with(line));
        home.line("login --profile staging").exits(code).says(said);
    }
    user_file(&home, &with("password_command = \"touch ran; echo s3cret\""));
    home.line("login --profile staging --if-needed").exits(0).answers("already logged in");
    assert!(!home.path().join("ran").exists(), "no password was asked for");
}

#[test]
fn mistakes_in_a_file_are_named_with_their_line() {
    let home = Home::new();
    for (text, line, said) in [
        ("[profiles.a]\nuser = \"x\"\nurls = \"http://x\"\n", 3, "unknown key urls; did you mean url?"),
        ("[profiles.a]\nzzz = 1\n", 2, "unknown key zzz; known keys: url, user, password_env"),
        ("[profile.a]\n", 1, "unknown key profile; did you mean profiles?"),
        ("[profiles.a.login]\nuser-fiel = \"x\"\n", 2, "unknown key user-fiel; did you mean user-field?"),
        ("[profiles.a]\nuser = 7\n", 2, "user must be a string, not integer"),
        ("[profiles.a.login]\nas-json = \"yes\"\n", 2, "as-json must be true or false, not string"),
        ("[profiles.a]\nheaders = [\"A: b\"]\n", 2, "headers must be a table of strings"),
        ("[profiles.a]\n\nurl = \"ftp://x\"\n", 3, "invalid value for url (as --url): the scheme ftp"),
        ("[profiles.a]\ndelay = \"soon\"\n", 2, "invalid value for delay (as --delay): not a duration"),
        ("[profiles.a]\nheaders = { \"a b\" = \"c\" }\n", 2, "is not a valid header name"),
        ("[profiles.a]\n\npassword = \"x\"\n", 3, "use password_env, password_file or password_command"),
        ("[profiles.a.login]\nfields = { password = \"x\" }\n", 2, "use password_env, password_file"),
        ("[profiles.a]\npassword_env = \"A\"\npassword_file = \"b\"\n", 3, "exclude each other"),
        ("[profiles.\"a b\"]\n", 1, "not a profile name"),
        ("[profiles.a]\nuser = \"x\n", 2, "not valid TOML"),
        ("user\n", 1, "not valid TOML"),
    ] {
        let path = project(&home, text);
        for command in ["visit http://127.0.0.1:1/", "config", "config trust"] {
            home.line(command).exits(2).says(&format!("error: {}:{line}: ", path.display())).says(said);
        }
        // Commands that use no settings do not read it.
        home.line("history").exits(0);
    }
    project(&home, "");
    home.line("config").exits(0).answers("profile");
}

#[test]
fn expectations_of_a_profile_apply_beside_the_status() {
    let (home, server) = (Home::new(), application());
    let url = server.url("/");
    let expect = |text: &str| {
        user_file(&home, &format!("[profiles.default]\nurl = \"{url}\"\n[profiles.default.expect]\n{text}"))
    };
    expect("no-login = true\n");
    home.line("visit /reports").exits(7).says("expected no login, got one");
    home.line("visit /reports -H Cookie:sid=alive").exits(0);
    expect("status = [\"3xx\", \"404\"]\nreject-text = \"Wrong\"\n");
    home.line("visit /reports").exits(7).says("expected status 3xx or 404, got 200");
    home.line("visit /reports --expect-status 200").exits(0);
    let down = Script::new(|_: &Seen| html(503, &[], "down"));
    user_file(&home, &format!("[profiles.default]\nurl = \"{}\"\nexpect.no-login = true\n", down.url("/")));
    home.line("visit /").exits(5);
}

#[test]
fn init_writes_a_commented_file_and_never_overwrites_one() {
    let home = Home::new();
    home.line("profiles init").exits(0).says("wrote .sessctl.toml");
    let path = home.path().join(".sessctl.toml");
    let text = fs::read_to_string(&path).expect("the file");
    assert!(text.lines().all(|line| line.is_empty() || line.starts_with('#')), "{text}");
    home.line("config").exits(0);
    // Each example in it is a valid line.
    let active: String = text
        .lines()
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| line.contains(['=', '[']))
        .fold(String::new(), |all, line| all + line + "\n");
    fs::write(&path, &active).expect("a file");
    home.line("config").exits(0).answers("login.totp-secret-file").answers("expect.no-login");
    home.line("profiles init").exits(1).says("exists already and was not changed");
    assert_eq!(fs::read_to_string(&path).expect("the file"), active);
}

#[test]
fn a_login_that_needed_options_can_be_remembered() {
    let (home, server) = (Home::new(), application());
    let url = server.url("/");
    let login = |args: &[&str]| {
        let fixed = ["login", &url, "--user", "ci", "--form", "#signin", "--field", "tenant=acme"];
        run(home.command(fixed.iter().chain(args)), &[("SESSCTL_PASSWORD", "s3cret")])
    };
    let shown = login(&[]).exits(0);
    let shown = shown.says("the same with --remember stores these options:").says("  form = \"#signin\"");
    assert!(shown.stderr.contains("  fields = { tenant = \"acme\" }"), "{}", shown.stderr);
    assert!(!home.path().join(".config").exists());
    let user = home.path().join(".config/sessctl/config.toml");
    login(&["--remember", "--field", "pin=1234"]).exits(0);
    login(&["--remember"]).exits(0).says(&format!("stored the options of this login in {}", user.display()));
    let text = fs::read_to_string(&user).expect("the file");
    assert!(text.contains(&format!("url = \"{url}\"")) && text.contains("user = \"ci\""), "{text}");
    assert!(!text.contains("s3cret") && !text.contains("1234"), "{text}");
    assert_eq!(fs::metadata(&user).expect("the file").permissions().mode() & 0o777, 0o600);
    run(home.command(["login"]), &[("SESSCTL_PASSWORD", "s3cret")]).exits(0).answers("logged in as ci");

    // A project's file keeps its comments, and stays trusted.
    let path =
        project(&home, "# Ours\n[profiles.default]\nuser = \"old\" # who\n\n[profiles.x]\nuser = \"y\"\n");
    login(&["--remember"]).exits(0).says(&path.display().to_string());
    let text = fs::read_to_string(&path).expect("the file");
    assert!(text.starts_with("# Ours\n[profiles.default]\nuser = \"ci\" # who\n"), "{text}");
    assert!(
        text.contains("[profiles.x]\nuser = \"y\"\n") && text.contains("[profiles.default.login]"),
        "{text}"
    );
    run(home.command(["login"]), &[("SESSCTL_PASSWORD", "s3cret")]).exits(0).answers("logged in as ci");
    fs::write(&path, text + "# changed\n").expect("a file");
    run(home.command(["login"]), &[("SESSCTL_PASSWORD", "s3cret")]).exits(2).says("is not trusted");
}
