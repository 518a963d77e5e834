//! Several servers behind a real proxy, with the configuration of the guide.

use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Authority, Home, Kept, RedisServer, Serve, free_port, until};

/// A proxy that is stopped when it is dropped.
struct Nginx {
    child: Child,
    _folder: TempDir,
}

impl Nginx {
    /// Starts it with this configuration, and waits until it listens there.
    fn start(configuration: &str, port: u16) -> Self {
        let folder = TempDir::new().unwrap();
        // By default, nginx writes to system folders.
        let own = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {kind};"));
        let own = format!("http {{ access_log off; {}", own.join(" "));
        std::fs::write(folder.path().join("nginx.conf"), configuration.replace("http {", &own)).unwrap();
        std::fs::create_dir(folder.path().join("logs")).unwrap();
        let mut command = Command::new("nginx");
        command.arg("-p").arg(folder.path()).args(["-c", "nginx.conf", "-e", "logs/error.log"]);
        command.args(["-g", "daemon off; pid nginx.pid;"]).env("PATH", "/usr/sbin:/usr/bin");
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        let nginx = Nginx { child: child.expect("nginx: scripts/test installs it"), _folder: folder };
        until("nginx", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        nginx
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // With SIGTERM, nginx also ends its workers.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

/// The configuration of the guide.
fn sample() -> String {
    let guide = include_str!("../../../src/guide/many_servers.md");
    let start = guide.find("```nginx\n").expect("a configuration") + "```nginx\n".len();
    guide[start..].split("```").next().unwrap_or_default().to_owned()
}

/// A server at a fixed port, so that the proxy finds it again after a restart.
fn serve(home: &Home, redis: &RedisServer, port: u16) -> Serve {
    let bind = format!("127.0.0.1:{port}");
    let options = ["--trust-proxy", "127.0.0.1", "--public-url", "https://app.example"];
    let mut command = home.command(["serve", "--bind", &bind].iter().chain(&options));
    Serve::of({
        command.env("SESSCTL_STORE", redis.url());
        command
    })
}

#[test]
fn the_sample_configuration_serves_two_over_tls() {
    let (home, redis, authority) = (Home::new(), RedisServer::start(&[]), Authority::new());
    authority.open_to_others();
    let (first, second, port) = (free_port(), free_port(), free_port());
    let servers = [serve(&home, &redis, first), serve(&home, &redis, second)];
    let path = |name: &str| authority.path(name).to_string_lossy().into_owned();
    let configuration = sample()
        .replace("127.0.0.1:8001", &servers[0].address)
        .replace("127.0.0.1:8002", &servers[1].address)
        .replace("listen 443 ssl", &format!("listen 127.0.0.1:{port} ssl"))
        .replace("fullchain.pem", &path("server.pem"))
        .replace("privkey.pem", &path("server-key.pem"));
    let _proxy = Nginx::start(&configuration, port);
    let (url, ca) = (format!("https://localhost:{port}"), path("ca.pem"));
    // The public URL is https://app.example; in this test it is localhost with a free port.
    let run = |args: &[&str]| home.run(["--url", &url, "--cacert", &ca].iter().chain(args)).exits(0);
    run(&["visit", "-H", "Host: app.example", "--expect-text", "You are not logged in"]);
    let login =
        ["visit", "/login", "-H", "Host: app.example", "-d", "username=alice", "--max-redirects", "0"];
    home.run(["--url", &url, "--cacert", &ca].iter().chain(&login)).exits(3);
    let cookie = run(&["show-cookies", "--json"]).json()["cookies"][0].clone();
    assert_eq!((cookie["name"].as_str(), &cookie["secure"]), (Some("__Host-sessionid"), &true.into()));
    // The proxy is on the same machine, but probes and metrics are not public.
    for path in ["/healthz", "/readyz", "/metrics"] {
        run(&["visit", path, "-H", "Host: app.example", "--expect-status", "404"]);
    }
    // Both servers know the session.
    for _ in 0..4 {
        run(&["visit", "-H", "Host: app.example"]).answers("Welcome, alice!");
    }
    let [one, other] = servers;
    drop(one);
    run(&["visit", "-H", "Host: app.example"]).answers("Welcome, alice!");
    drop(other);
}

/// The results of the requests of one client.
#[derive(Default)]
struct Experience {
    failed: usize,
    counted: i64,
}

#[test]
fn killing_one_server_after_another_loses_no_session() {
    let (home, redis) = (Home::new(), RedisServer::start(&[]));
    let ports = [free_port(), free_port(), free_port()];
    let mut servers: Vec<Option<Serve>> = ports.map(|port| Some(serve(&home, &redis, port))).into();
    let port = free_port();
    // As in the guide, with a third server and without TLS between the test and the proxy.
    let configuration = sample()
        .replace("127.0.0.1:8001", &format!("127.0.0.1:{}", ports[0]))
        .replace(
            "127.0.0.1:8002",
            &format!("127.0.0.1:{} max_fails=0; server 127.0.0.1:{}", ports[1], ports[2]),
        )
        .replace("listen 443 ssl", &format!("listen 127.0.0.1:{port}"))
        .replace("$scheme", "https");
    let configuration: Vec<&str> = configuration.lines().filter(|line| !line.contains("ssl_")).collect();
    let _proxy = Nginx::start(&configuration.join("\n"), port);
    let address = format!("127.0.0.1:{port}");
    let (is_over, answered, kills) = (AtomicBool::new(false), AtomicU32::new(0), 6);
    let answers_more = || {
        let enough = answered.load(Ordering::Relaxed) + 200;
        until("answers", || answered.load(Ordering::Relaxed) >= enough);
    };
    let experiences: Vec<Experience> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..12)
            .map(|client| {
                let (address, answered, is_over) = (&address, &answered, &is_over);
                scope.spawn(move || use_until(address, &format!("user{client}"), answered, is_over))
            })
            .collect();
        for round in 0..kills {
            let victim = round % servers.len();
            answers_more();
            // Dropping it kills the server.
            drop(servers[victim].take());
            answers_more();
            servers[victim] = Some(serve(&home, &redis, ports[victim]));
        }
        answers_more();
        is_over.store(true, Ordering::Relaxed);
        clients.into_iter().map(|client| client.join().expect("no wrong answer")).collect()
    });
    let failed: usize = experiences.iter().map(|it| it.failed).sum();
    eprintln!("{kills} kills: {answered:?} requests answered, {failed} failed");
    // Each client sends one request at a time, so a kill fails at most one request of each client.
    assert!(failed <= 12 * kills, "{failed} failed");
}

/// Logs in, then reads the session and counts until `is_over`. Only failures of the proxy are accepted.
fn use_until(address: &str, name: &str, answered: &AtomicU32, is_over: &AtomicBool) -> Experience {
    let mut experience = Experience::default();
    let mut connection = Kept::open(address);
    let mut ask = |method: &str, path: &str, cookie: &str, body: &str| {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: app.example\r\nCookie: {cookie}\r\n\
            Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        loop {
            if connection.send(request.as_bytes()).is_ok()
                && let Some(answer) = connection.answer()
            {
                return answer;
            }
            // The proxy closes a connection after a number of requests.
            connection = Kept::open(address);
        }
    };
    let login = ask("POST", "/login", "", &format!("username={name}"));
    assert_eq!(login.status, 303, "{}", login.body);
    let cookie = login.cookie();
    while !is_over.load(Ordering::Relaxed) {
        let counted = ask("POST", "/counter", &cookie, "");
        match counted.status {
            200 => {
                let count: Value = serde_json::from_str(&counted.body).expect("JSON");
                let count = count["count"].as_i64().expect("a count");
                assert!(count > experience.counted, "a count was lost: {count} after {}", experience.counted);
                experience.counted = count;
                answered.fetch_add(1, Ordering::Relaxed);
            }
            502 | 504 => experience.failed += 1,
            other => panic!("{name}: POST /counter answers {other}: {}", counted.body),
        }
        let session = ask("GET", "/session", &cookie, "");
        match session.status {
            200 => {
                let facts: Value = serde_json::from_str(&session.body).expect("JSON");
                assert_eq!(facts["user"], name, "the session of another user");
                answered.fetch_add(1, Ordering::Relaxed);
            }
            502 | 504 => experience.failed += 1,
            other => panic!("{name}: GET /session answers {other}: {}", session.body),
        }
    }
    assert_eq!(ask("GET", "/session", &cookie, "").status, 200, "the session outlives the servers");
    experience
}
