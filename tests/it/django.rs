//! Django's own admin: a login that nobody here wrote. `scripts/install-django` puts Django where this finds it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::support::Home;

struct Django {
    server: Child,
    url: String,
}

impl Drop for Django {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn python() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
    let python = target.join("django/bin/python");
    let python = std::path::absolute(python).expect("a path");
    assert!(
        python.exists(),
        "{} is missing: run scripts/install-django, as scripts/test does",
        python.display()
    );
    python
}

impl Django {
    /// A new project with one account: `admin`, whose password is `s3cret & more`.
    fn start(home: &Home) -> Self {
        let run = |args: &[&str]| {
            let mut command = Command::new(python());
            command.args(args).current_dir(home.path()).env("DJANGO_SUPERUSER_PASSWORD", "s3cret & more");
            let output = command.output().expect("python to start");
            assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        };
        run(&["-m", "django", "startproject", "site1", "."]);
        run(&["manage.py", "migrate", "-v0"]);
        run(&[
            "manage.py",
            "createsuperuser",
            "--noinput",
            "--username",
            "admin",
            "--email",
            "admin@example.org",
        ]);
        let address =
            std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port");
        let mut command = Command::new(python());
        command.args(["manage.py", "runserver", &address.to_string(), "--noreload"]).current_dir(home.path());
        let server = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("python to start");
        let django = Django { server, url: format!("http://{address}/admin/") };
        home.run(["visit", &django.url, "--wait", "60s", "--no-save"]).exits(0);
        django
    }
}

#[test]
fn the_admin_is_logged_in_to_and_out_of_without_any_option() {
    let home = Home::new();
    let django = Django::start(&home);
    let login = ["login", django.url.as_str(), "--user", "admin", "--password-stdin"];

    let refused = home.run_with_input(login, "wrong").exits(7);
    refused.says(
        "login refused (status 200): Please enter the correct username and password for a staff account.",
    );
    let ran = home.run_with_input(login, "s3cret & more\n").exits(0).answers("logged in as admin");
    for evidence in
        ["cookie sessionid was issued", "the login form is gone", "without it the way leads to /admin/login/"]
    {
        assert!(ran.stderr.contains(evidence), "{evidence:?} is not in\n{}", ran.stderr);
    }
    home.line("visit /admin/ --expect-text Site").exits(0);
    let old = home.line("show-cookies --name sessionid --value").exits(0).stdout;

    home.run_with_input(login, "s3cret & more").exits(0);
    home.run_with_input(login, "wrong").exits(7);
    home.line("visit /admin/ --expect-status 200 --reject-text /admin/login/").exits(0);

    home.line("logout").exits(0).answers("the server ended the session");
    let cookie = format!("Cookie: sessionid={}", old.trim());
    home.run(["visit", &django.url, "--no-save", "--max-redirects", "0", "-H", &cookie]).exits(3);
    home.line("logout").exits(7).says("nobody is logged in there");
}
