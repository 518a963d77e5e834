//! The option: its list, what it rejects, and its warning.

use crate::support::{Authority, Home, Serve, get, post};

#[test]
fn the_list_names_each_weakness_with_its_fault_and_its_checks() {
    let home = Home::new();
    let list = home.line("serve --weaken list").exits(0);
    let row = list.stdout.lines().find(|line| line.trim_start().starts_with("fixation "));
    let row: Vec<&str> = row.expect("a row").split("  ").map(str::trim).filter(|it| !it.is_empty()).collect();
    let fault = "a login adopts any token that the browser sends and keeps it";
    assert_eq!(row, ["fixation", fault, "fixation, rotation, relogin"]);
    assert_eq!(list.stdout.lines().count(), 44, "a header and 43 rows");
    let document = home.line("serve --weaken list --json").exits(0).json();
    let wide =
        document["weaknesses"].as_array().expect("rows").iter().find(|row| row["name"] == "wide-domain");
    let expected = serde_json::json!({
        "name": "wide-domain", "fault": "the session cookie is shared with all subdomains", "needs": [],
        "checks": ["cookie-domain"], "checks_over_tls": ["cookie-domain", "cookie-prefix"]
    });
    assert_eq!(wide, Some(&expected));
    let mut korean = home.command(["serve", "--weaken", "list"]);
    let korean = String::from_utf8(korean.env("LANG", "ko_KR.UTF-8").output().expect("a list").stdout);
    let korean = korean.expect("text");
    assert!(korean.contains("세션을 종료합니다") || korean.contains("세션만 종료합니다"), "{korean}");
    let faults = document["weaknesses"].as_array().expect("rows").iter().map(|row| row["fault"].as_str());
    let english: Vec<&str> = faults.flatten().filter(|fault| korean.contains(fault)).collect();
    assert!(english.is_empty(), "without a Korean text: {english:?}");
}

#[test]
fn unknown_and_contradictory_names_are_usage_errors() {
    let home = Home::new();
    for (list, said) in [
        (
            "fixatoin",
            "there is no such weakness; did you mean fixation?; `sessctl serve --weaken list` lists them",
        ),
        ("bleed,xyz", "there is no such weakness; `sessctl serve --weaken list` lists them"),
        ("no-logout,logout-by-get", "cannot combine the weaknesses no-logout and logout-by-get"),
        (
            "shared-token,predictable-token",
            "cannot combine the weaknesses shared-token and predictable-token",
        ),
        ("textbook,readable-token", "cannot combine"),
        ("readable-token,fixation", "cannot combine the weaknesses fixation and readable-token"),
        ("no-hsts", "the weakness no-hsts needs TLS: give --tls-cert and --tls-key"),
        ("any-password", "the weakness any-password needs passwords: give --users FILE"),
    ] {
        let ran = home.run(["serve", "--bind", "127.0.0.1:0", "--weaken", list]).exits(2).says(said);
        assert_eq!(ran.stdout, "", "{list}");
    }
}

#[test]
fn a_server_with_weaknesses_is_only_for_this_machine() {
    let home = Home::new();
    for options in ["--bind 0.0.0.0:0 --open-to-anyone", "--bind 0.0.0.0:0 --open-to-anyone --inspect"] {
        let ran = home.line(&format!("serve --weaken fixation {options}")).exits(2);
        ran.says("other machines could attack it; use --weaken only on this machine");
    }
    let proxied = home.line("serve --bind 127.0.0.1:0 --weaken fixation --trust-proxy 127.0.0.0/8").exits(2);
    proxied.says("cannot use --weaken with --trust-proxy");
}

#[test]
fn the_server_warns_at_its_start_and_on_every_page() {
    let home = Home::new();
    let options = ["--weaken", "no-samesite,bleed", "--color", "always", "-q"];
    let mut server = Serve::with(&home, &options);
    let warning = server.line_on_stderr("\u{1b}[1;31m");
    assert_eq!(
        warning,
        "warning: this server is insecure on purpose (--weaken no-samesite,bleed); use it only to learn and to test\u{1b}[0m"
    );
    let cookie = post(&server.address, "/login", &[], "username=alice").cookie();
    let shown = "<aside class=\"weakened\">Insecure on purpose (serve --weaken no-samesite,bleed)";
    for (path, status) in [("/", 200), ("/sessions", 200), ("/nowhere", 404), ("/login", 405)] {
        let page = get(&server.address, path, &[("Cookie", &cookie)]);
        assert_eq!((page.status, page.body.matches(shown).count()), (status, 1), "{path}: {}", page.body);
    }
    let anonymous = get(&server.address, "/", &[("Accept-Language", "ko")]);
    assert!(anonymous.body.contains("일부러 취약하게 만든 서버입니다(serve --weaken no-samesite,bleed)"));
    let failed = post(&server.address, "/login", &[], "username=");
    assert!(failed.body.contains(shown), "{}", failed.body);
    assert!(get(&server.address, "/style.css", &[]).body.contains(".weakened { background: #a11b14;"));
    let json = get(&server.address, "/", &[("Accept", "application/json")]);
    assert_eq!(json.body, "{\"logged_in\":false}");
}

#[test]
fn the_log_has_the_warning_too() {
    let home = Home::new();
    let server = Serve::with(&home, &["--weaken", "bleed", "--log", "json"]);
    let (_, log) = server.stop();
    assert!(log.contains("insecure on purpose (--weaken bleed)"), "{log}");
}

#[test]
fn a_login_in_clear_text_leads_back_to_https() {
    let (home, authority) = (Home::new(), Authority::new());
    let options = authority.options();
    let options: Vec<&str> =
        options.iter().map(String::as_str).chain(["--weaken", "clear-text-login"]).collect();
    let server = Serve::with(&home, &options);
    let ca = authority.path("ca.pem").to_string_lossy().into_owned();
    let run = |words: &[&str]| home.run([words, &["--cacert", &ca, "--url", &server.url()]].concat());
    let login = run(&["login", "--user", "alice", "-v"]).exits(0).stderr;
    let posted = login.lines().find(|line| line.starts_with("> POST http://127.0.0.1:"));
    assert!(posted.is_some_and(|line| line.ends_with("/login")), "{login}");
    assert!(login.contains(&format!("< Location: {}/login\n", server.url())), "{login}");
    run(&["visit", "/"]).exits(0).answers("Welcome, alice!");
    let clear = posted.and_then(|line| line.split('/').nth(2)).expect("an address").to_owned();
    let other = get(&clear, "/session?x=1", &[]);
    assert_eq!((other.status, other.header("location")), (307, &*format!("{}/session?x=1", server.url())));
    run(&["logout"]).exits(0);
}

#[test]
fn the_client_logs_in_and_out_of_weakened_servers() {
    let home = Home::new();
    for list in ["textbook", "no-rotation", "fixation,open-redirect", "revival,bleed"] {
        let server = Serve::with(&home, &["--weaken", list]);
        home.line(&format!("login {} --user alice", server.url())).exits(0);
        home.line("visit").exits(0).answers("Welcome, alice!");
        let code = if list == "textbook" { 7 } else { 0 };
        let ran = home.line("logout");
        assert_eq!(ran.code, Some(code), "{list}: {}", ran.stderr);
    }
}
