//! For the operator of a server: readiness, metrics, logs.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::support::{Home, Serve, exchange, get, post, until};

fn number(metrics: &str, name: &str) -> f64 {
    let line = metrics.lines().find(|line| line.starts_with(&format!("{name} ")));
    line.unwrap_or_else(|| panic!("{name} is not in\n{metrics}")).rsplit(' ').next().unwrap().parse().unwrap()
}

#[test]
fn requests_sessions_and_the_store_are_counted() {
    let home = Home::new();
    let server = Serve::with(&home, &["--store", "sqlite:sessions.db"]);
    let cookie = post(&server.address, "/login", &[], "username=alice").cookie();
    let other = post(&server.address, "/login", &[("Cookie", &cookie)], "username=alice").cookie();
    get(&server.address, "/", &[("Cookie", &other)]);
    get(&server.address, "/no-such-page/x", &[]);
    post(&server.address, "/logout", &[("Cookie", &other)], "");
    post(&server.address, "/login", &[], "username=bob");
    let answer = get(&server.address, "/metrics", &[]);
    assert_eq!(answer.header("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let metrics = answer.body;
    for (name, wanted) in [
        ("sessctl_requests_total{route=\"/login\",status=\"3xx\"}", 3.0),
        ("sessctl_requests_total{route=\"other\",status=\"4xx\"}", 1.0),
        ("sessctl_request_seconds_count{route=\"/\"}", 1.0),
        ("sessctl_sessions_made_total", 3.0),
        ("sessctl_sessions_ended_total{reason=\"superseded\"}", 1.0),
        ("sessctl_sessions_ended_total{reason=\"logout\"}", 1.0),
        ("sessctl_sessions_live", 1.0),
    ] {
        assert!((number(&metrics, name) - wanted).abs() < 0.5, "{name} is not {wanted}:\n{metrics}");
    }
    // Calls that return immediately are not timed.
    let waited = number(&metrics, "sessctl_store_seconds_count{call=\"create\"}");
    assert!((1.0..=3.0).contains(&waited), "{metrics}");
    assert!(metrics.ends_with("# EOF\n") && !metrics.contains("no-such-page") && !metrics.contains("alice"));
}

#[test]
fn a_server_is_ready_while_its_store_answers() {
    let home = Home::new();
    let server = Serve::with(&home, &["--store", "sqlite:sessions.db"]);
    assert_eq!(get(&server.address, "/readyz", &[]).status, 200);
    let (here, away) = (home.path().join("sessions.db"), home.path().join("away.db"));
    std::fs::rename(&here, &away).unwrap();
    // The result is kept for a second.
    until("that the server is not ready", || get(&server.address, "/readyz", &[]).status == 503);
    assert_eq!(get(&server.address, "/healthz", &[]).status, 200);
    let failed = post(&server.address, "/login", &[], "username=alice");
    assert_eq!(failed.status, 503);
    std::fs::rename(&away, &here).unwrap();
    until("that the server is ready", || get(&server.address, "/readyz", &[]).status == 200);
    let metrics = get(&server.address, "/metrics", &[]).body;
    assert!(number(&metrics, "sessctl_store_errors_total{call=\"create\"}") >= 1.0, "{metrics}");
}

#[test]
fn readable_files_and_store_failures_are_reported() {
    let home = Home::new();
    Serve::with(&home, &["--store", "sqlite:sessions.db"]).stop();
    let file = home.path().join("sessions.db");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (_, said) = Serve::with(&home, &["--store", "sqlite:sessions.db"]).stop();
    assert!(said.contains("warning: other users can access sessions.db (mode 644)"), "{said}");
    let server = Serve::with(&home, &["--store", "sqlite:sessions.db", "--log", "json"]);
    std::fs::rename(&file, home.path().join("away.db")).unwrap();
    assert_eq!(post(&server.address, "/login", &[], "username=alice").status, 503);
    let (_, log) = server.stop();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let failure = lines.iter().find(|line| line["message"] == "the session store failed").expect("a line");
    assert_eq!((&failure["call"], &failure["level"]), (&"create".into(), &"ERROR".into()));
    assert!(failure["why"].as_str().unwrap().contains("the file sessions.db is missing"), "{failure}");
}

#[test]
fn a_log_has_handles_and_no_tokens() {
    let home = Home::new();
    let server = Serve::with(&home, &["--log", "json"]);
    let cookie = post(&server.address, "/login", &[], "username=alice").cookie();
    let facts = get(&server.address, "/session?secret=1", &[("Cookie", &cookie)]).body;
    let facts: Value = serde_json::from_str(&facts).unwrap();
    post(&server.address, "/logout", &[("Cookie", &cookie)], "");
    let (status, log) = server.stop();
    assert!(status.success());
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let said = |message: &str| lines.iter().filter(|line| line["message"] == message).collect::<Vec<_>>();
    assert_eq!((said("listening").len(), said("stopped").len(), said("request").len()), (1, 1, 3), "{log}");
    assert_eq!(said("session began")[0]["session"], facts["handle"]);
    assert_eq!(said("session ended")[0]["reason"], "logout");
    let login = said("request")[0];
    assert_eq!(
        (&login["method"], &login["status"], &login["happened"]),
        (&"POST".into(), &303.into(), &"session began".into())
    );
    assert!(!log.contains(cookie.strip_prefix("sessionid=").unwrap()) && !log.contains("secret"), "{log}");

    let server = Serve::with(&home, &["--log", "text"]);
    get(&server.address, "/healthz", &[]);
    let (_, log) = server.stop();
    assert!(
        log.contains("INFO request method=GET path=\"/healthz\" status=200") && !log.contains('\u{1b}'),
        "{log}"
    );
}

/// The paths in the table of routes, with the value of `Allow`.
fn routes() -> Vec<(String, &'static str)> {
    let table = include_str!("../../../src/bin/sessctl/app/routes.rs");
    let rows = table.lines().filter_map(|line| line.strip_prefix("    ")?.strip_suffix("\"),"));
    let route = |row: &str| {
        let path = row.rsplit('"').next().expect("a path").to_owned();
        (path, if row.contains("POST") { "POST" } else { "GET, HEAD" })
    };
    rows.map(route).collect()
}

#[test]
fn every_route_is_routed_and_has_its_own_label_in_the_metrics() {
    let home = Home::new();
    let server = Serve::with(&home, &["--time-travel"]);
    let routes = routes();
    assert!(routes.len() >= 12, "{routes:?}");
    for (path, allow) in &routes {
        let request =
            format!("PATCH {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", server.address);
        let answer = exchange(&server.address, request.as_bytes());
        assert_eq!((answer.status, answer.header("allow")), (405, *allow), "{path}");
    }
    let metrics = get(&server.address, "/metrics", &[]).body;
    for (path, _) in &routes {
        let counted = number(&metrics, &format!("sessctl_requests_total{{route=\"{path}\",status=\"4xx\"}}"));
        assert!((counted - 1.0).abs() < 0.5, "{path}: {metrics}");
    }
    let other = number(&metrics, "sessctl_requests_total{route=\"other\",status=\"4xx\"}");
    assert!(other < 0.5, "{metrics}");
}

#[test]
fn no_character_in_the_log_controls_a_terminal() {
    let server = Serve::with(&Home::new(), &["--log", "json"]);
    for path in ["/a\u{9b}31m", "/\u{202e}b"] {
        get(&server.address, path, &[]);
    }
    let (_, log) = server.stop();
    assert!(log.contains("\\u009b31m") && log.contains("\\u202eb"), "{log}");
    assert!(!log.contains(['\u{9b}', '\u{202e}']), "{log:?}");
    assert!(log.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{log}");
}
