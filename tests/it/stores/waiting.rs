//! `serve --wait TIME`: a store that is down when the server starts.

use std::fs::{File, read_to_string};
use std::process::{Child, Stdio};

use crate::support::{Home, PostgresServer, Ran, RedisServer, until};

/// Ends with the test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve_waits(url: &str, start: impl FnOnce()) {
    let home = Home::new();
    let command = |option: &[&str]| {
        let mut command = home.command(["serve", "--bind", "127.0.0.1:0"].iter().chain(option));
        command.env("SESSCTL_STORE", url);
        command
    };
    Ran::from(command(&[]).output().unwrap()).exits(1).says("cannot reach");
    let (stdout, stderr) = (home.path().join("stdout"), home.path().join("stderr"));
    let mut command = command(&["--wait", "1m"]);
    command.stdin(Stdio::null()).stdout(File::create(&stdout).unwrap());
    let _server = Ended(command.stderr(File::create(&stderr).unwrap()).spawn().unwrap());
    until("the warning", || read_to_string(&stderr).unwrap().contains("waiting for it"));
    assert_eq!(read_to_string(&stdout).unwrap(), "");
    start();
    until("the server", || read_to_string(&stdout).unwrap().contains("listening on"));
    assert_eq!(read_to_string(&stderr).unwrap().lines().count(), 1);
}

#[test]
fn serve_waits_for_redis() {
    let mut server = RedisServer::start(&[]);
    server.kill();
    serve_waits(&server.url(), || server.resume());
}

#[test]
fn serve_waits_for_postgresql() {
    let server = PostgresServer::start();
    let (_, url) = server.database();
    server.crash();
    serve_waits(&url, || server.go_on());
}
