//! [`Serve`]: a running `sessctl serve` on a free port. It ends with the test.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ExitStatus, Stdio};

use super::Home;

pub struct Serve {
    child: Child,
    /// `127.0.0.1:PORT`
    pub address: String,
    scheme: &'static str,
}

impl Serve {
    pub fn start(home: &Home) -> Self {
        Self::with(home, &[])
    }

    pub fn with(home: &Home, args: &[&str]) -> Self {
        Self::of(home.command(["serve", "--bind", "127.0.0.1:0"].iter().chain(args)))
    }

    /// Starts the server with a prepared command.
    pub fn of(mut command: std::process::Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary to start");
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().expect("a pipe")).read_line(&mut line).expect("a line");
        let said = line.trim();
        let announced = ["http", "https"].into_iter().find_map(|scheme| {
            Some((
                said.strip_prefix("listening on ")?.strip_prefix(scheme)?.strip_prefix("://")?.to_owned(),
                scheme,
            ))
        });
        let Some((address, scheme)) = announced else {
            let _ = child.kill();
            let mut said = String::new();
            let _ = child.stderr.take().map(|mut stderr| stderr.read_to_string(&mut said));
            panic!("serve printed {line:?} and {said:?}");
        };
        Serve { child, address, scheme }
    }

    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// The path of its inspector, which it prints to stderr before it listens.
    pub fn inspector(&mut self) -> String {
        let url = self.line_on_stderr("inspect at ");
        let at = format!("{}://{}", self.scheme, self.address);
        url.strip_prefix(&at).expect("its address").to_owned()
    }

    /// The rest of the line on stderr that starts with this text.
    pub fn line_on_stderr(&mut self, start: &str) -> String {
        let stderr = self.child.stderr.as_mut().expect("a pipe");
        loop {
            // Byte by byte, so that the rest of stderr stays unread.
            let (mut line, mut octet) = (Vec::new(), [0]);
            while stderr.read(&mut octet).is_ok_and(|count| count == 1) && octet != *b"\n" {
                line.extend(octet);
            }
            assert!(!line.is_empty(), "the server does not print `{start}…`");
            let line = String::from_utf8(line).expect("text");
            if let Some(rest) = line.strip_prefix(start) {
                return rest.to_owned();
            }
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Resident memory in KiB.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("its status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// Sends a signal.
    pub fn signal(&self, name: &str) {
        let sent = std::process::Command::new("kill").args(["-s", name, &self.pid().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "kill -s {name}");
    }

    /// Sends SIGTERM and waits for the end. Returns the exit status and stderr.
    pub fn stop(mut self) -> (ExitStatus, String) {
        self.signal("TERM");
        let said = self.read_stderr();
        (self.child.wait().expect("its end"), said)
    }

    /// Waits for the end of a server that a signal has reached, and returns stderr.
    pub fn said(mut self) -> String {
        self.read_stderr()
    }

    fn read_stderr(&mut self) -> String {
        let mut said = String::new();
        let _ = self.child.stderr.take().map(|mut stderr| stderr.read_to_string(&mut said));
        said
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
