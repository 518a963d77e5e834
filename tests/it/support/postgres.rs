//! A temporary PostgreSQL server on a free port. It ends with the last test that uses it.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Contains characters that must be percent-encoded in a URL.
pub(super) const PASSWORD: &str = "s3cret/?@:%word";
const IN_URL: &str = "s3cret%2F%3F%40%3A%25word";

pub struct PostgresServer {
    folder: TempDir,
    port: u16,
    settings: Vec<String>,
    postmaster: Mutex<Option<Child>>,
    databases: AtomicU32,
}

impl PostgresServer {
    /// The server that tests share, unless they stop it or change its settings.
    pub fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<PostgresServer>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let server = Arc::new(PostgresServer::start());
            *shared = Arc::downgrade(&server);
            server
        })
    }

    /// A separate server. Without fsync, a killed process loses no data.
    pub fn start() -> Self {
        Self::with(&["fsync=off"])
    }

    pub fn with(settings: &[&str]) -> Self {
        let server = Self::made(settings);
        server.go_on();
        server
    }

    /// A server that is not started yet, so that a test can add files.
    pub fn made(settings: &[&str]) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let server = PostgresServer {
            folder,
            port: TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its number").port(),
            settings: settings.iter().map(ToString::to_string).collect(),
            postmaster: Mutex::new(None),
            databases: AtomicU32::new(0),
        };
        let password = server.file("password", PASSWORD.as_bytes());
        chown(server.folder(), owner(), None).expect("a folder given away");
        // initdb takes seconds, so its result is kept in the target folder.
        let version = programs().to_string_lossy().replace('/', "-");
        let template = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("database-1{version}"));
        if template.exists() {
            copy(&template, &server.data());
            return server;
        }
        let mut command = server.command("initdb");
        command.args([
            "--no-sync",
            "--no-locale",
            "--encoding=UTF8",
            "--username=postgres",
            "--auth=scram-sha-256",
        ]);
        command.arg(format!("--pwfile={}", password.display())).arg("--pgdata").arg(server.data());
        said(&command.output().expect("initdb"));
        // If several tests create the template at the same time, one of them is kept.
        let mine = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let copied = mine.path().join("data");
        copy(&server.data(), &copied);
        let _ = fs::rename(copied, &template);
        server
    }

    /// Writes a file that only the server can read.
    pub fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.folder().join(name);
        fs::write(&path, content).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("its mode");
        chown(&path, owner(), None).expect("a file given away");
        path
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Starts the server and waits until it accepts connections.
    pub fn go_on(&self) {
        let log =
            fs::File::options().create(true).append(true).open(self.folder().join("log")).expect("a log");
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data()).arg("-k").arg(self.folder()).stderr(log).stdout(Stdio::null());
        let own = [format!("port={}", self.port), "listen_addresses=127.0.0.1".to_owned()];
        for setting in own.iter().chain(&self.settings) {
            command.arg("-c").arg(setting);
        }
        *self.postmaster.lock().unwrap() = Some(command.spawn().expect("the server to start"));
        let end = Instant::now() + Duration::from_secs(30);
        let port = self.port.to_string();
        let answers = || {
            let mut command = self.command("pg_isready");
            command.args(["-q", "-h", "127.0.0.1", "-p", &port]).status().expect("pg_isready").success()
        };
        while !answers() {
            assert!(Instant::now() < end, "{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends the server with SIGQUIT, without closing its connections properly.
    pub fn crash(&self) {
        let Some(mut postmaster) = self.postmaster.lock().unwrap().take() else { return };
        signal("QUIT", &[postmaster.id()]);
        postmaster.wait().expect("its end");
    }

    /// Freezes all its processes: connections stay open without responses.
    pub fn freeze(&self) {
        signal("STOP", &self.processes());
    }

    pub fn thaw(&self) {
        signal("CONT", &self.processes());
    }

    fn processes(&self) -> Vec<u32> {
        let id = self.postmaster.lock().unwrap().as_ref().expect("a server").id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).expect("its children");
        // The parent first, so that it starts no new process.
        std::iter::once(id)
            .chain(children.split_whitespace().map(|id| id.parse().expect("a number")))
            .collect()
    }

    /// Creates an empty database. Returns its name and URL.
    pub fn database(&self) -> (String, String) {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        let url = self.url(&name);
        (name, url)
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres:{IN_URL}@127.0.0.1:{}/{database}", self.port)
    }

    /// The output of psql: one line per row, columns separated by `|`.
    #[track_caller]
    pub fn sql(&self, database: &str, sql: &str) -> String {
        let output =
            self.client("psql", database).args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql]).output();
        said(&output.expect("psql"))
    }

    /// Everything in a database, as text.
    pub fn dump(&self, database: &str) -> String {
        said(&self.client("pg_dump", database).output().expect("pg_dump"))
    }

    /// Runs `sql` in a transaction that stays open, with its locks, until the result is dropped.
    pub fn hold(&self, database: &str, sql: &str) -> Held {
        self.hold_through(self.port, database, sql)
    }

    /// Like [`hold`](PostgresServer::hold), through a pooler on this port.
    pub fn hold_through(&self, port: u16, database: &str, sql: &str) -> Held {
        let mut command = self.client("psql", database);
        command.args(["-h", "127.0.0.1", "-p", &port.to_string()]);
        command.args(["-XAtq"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("psql");
        let input = child.stdin.as_mut().expect("a pipe");
        std::io::Write::write_all(input, format!("BEGIN; {sql};\n\\echo held\n").as_bytes())
            .expect("to write");
        let mut output = std::io::BufReader::new(child.stdout.take().expect("a pipe"));
        let mut said = String::new();
        while !said.ends_with("held\n") {
            let read = std::io::BufRead::read_line(&mut output, &mut said).expect("a line");
            assert!(read > 0, "psql ended");
        }
        Held { child, said: said.trim_end_matches("held\n").to_owned() }
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.folder().join("log")).unwrap_or_default()
    }

    fn client(&self, name: &str, database: &str) -> Command {
        let mut command = self.command(name);
        command.arg("-h").arg(self.folder()).args([
            "-p",
            &self.port.to_string(),
            "-U",
            "postgres",
            "-d",
            database,
        ]);
        command.env("PGPASSWORD", PASSWORD);
        command
    }

    fn command(&self, name: &str) -> Command {
        self.command_of_owner(&programs().join(name))
    }

    /// Runs a program of PostgreSQL as an unprivileged user: they refuse root.
    pub(super) fn command_of_owner(&self, program: &Path) -> Command {
        let mut command = match owner() {
            None => Command::new(program),
            Some(owner) => {
                let mut command = Command::new("setpriv");
                command.args([format!("--reuid={owner}"), "--regid=postgres".to_owned()]);
                command.arg("--clear-groups").arg(program);
                command
            }
        };
        command.current_dir(self.folder()).env("LC_ALL", "C").stdin(Stdio::null());
        command
    }

    fn data(&self) -> PathBuf {
        self.folder().join("data")
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.crash();
    }
}

/// An open transaction.
pub struct Held {
    child: Child,
    /// What its statements returned.
    pub said: String,
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[track_caller]
fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").args(["-a", "--reflink=auto"]).arg(from).arg(to).output();
    said(&copied.expect("cp"));
}

fn signal(name: &str, processes: &[u32]) {
    let sent =
        Command::new("kill").arg(format!("-{name}")).args(processes.iter().map(u32::to_string)).status();
    assert!(sent.expect("kill").success(), "kill -{name} {processes:?}");
}

/// The folder with the programs: the newest Debian version, otherwise from PATH.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .max()
        .map(|version| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin")));
    newest.unwrap_or_else(|| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path)
            .find(|folder| folder.join("initdb").exists())
            .expect("PostgreSQL is missing: scripts/test installs it")
    })
}

/// The owner of the files: `postgres`, if the tests run as root.
fn owner() -> Option<u32> {
    let is_root = fs::metadata("/proc/self").expect("this process").uid() == 0;
    is_root.then(|| {
        let users = fs::read_to_string("/etc/passwd").expect("the users");
        let line = users.lines().find(|line| line.starts_with("postgres:")).expect("the user postgres");
        line.split(':').nth(2).and_then(|id| id.parse().ok()).expect("a number")
    })
}
