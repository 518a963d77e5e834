//! A disk that fails to sync for a while: the server says so, is not ready, and recovers without a restart.

use std::process::Command;

use crate::support::{Home, Serve, get, post, until};

#[test]
fn a_server_recovers_from_failed_syncs_and_reports_them() {
    let home = Home::new();
    // Creates the file, so that the syncs of the second server are those of the thread that writes.
    drop(Serve::with(&home, &["--store", "sqlite:sessions.db"]).stop());
    let mut command = Command::new("strace");
    command.args(["-f", "-o", "/dev/null", "-e", "trace=fsync,fdatasync"]);
    command.args(["-e", "inject=fsync,fdatasync:error=EIO:when=1..4"]);
    // A killed tracer does not end its child; `--pdeathsig` does.
    command.args(["setpriv", "--pdeathsig", "KILL"]).arg(env!("CARGO_BIN_EXE_sessctl"));
    command.args(["serve", "--bind", "127.0.0.1:0", "--store", "sqlite:sessions.db"]);
    command.current_dir(home.path()).env("HOME", home.path());
    let server = Serve::of(command);
    let log_in = || post(&server.address, "/login", &[], "username=alice");
    assert_eq!(log_in().status, 503);
    assert_eq!(get(&server.address, "/readyz", &[]).status, 503);
    until("a login", || log_in().status == 303);
    until("readiness", || get(&server.address, "/readyz", &[]).status == 200);
    let answer = log_in();
    let answer = get(&server.address, "/session", &[("Cookie", &answer.cookie())]);
    assert_eq!(answer.status, 200, "{}", answer.body);
    // The signal goes to the server, not to the tracer.
    let servers = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", server.pid())).unwrap();
    let status = Command::new("kill").args(servers.split_whitespace()).status().unwrap();
    assert!(status.success());
    let said = server.said();
    assert_eq!(said.matches("disk I/O error; requests that need a session get 503").count(), 1, "{said}");
    assert_eq!(said.matches("the session store works again").count(), 1, "{said}");
}
