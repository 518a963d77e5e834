//! [`Target`]: a server under test, and the requests that the checks send to it.

use std::sync::Mutex;

use super::connection::Connection;
use crate::support::{Answer, Authority, Home, Kept, Serve};

pub const PASSWORD: &str = "correct-horse-1";

/// How the server runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    Plain,
    /// With passwords.
    Accounts,
    Tls,
    TlsAccounts,
}

impl Setting {
    fn has_tls(self) -> bool {
        matches!(self, Setting::Tls | Setting::TlsAccounts)
    }

    fn has_accounts(self) -> bool {
        matches!(self, Setting::Accounts | Setting::TlsAccounts)
    }
}

pub struct Target {
    pub setting: Setting,
    pub server: Serve,
    connection: Mutex<Connection>,
    _home: Home,
}

impl Target {
    pub fn start(setting: Setting, authority: &Authority, options: &[&str]) -> Self {
        let home = Home::new();
        let mut all: Vec<String> =
            ["--time-travel", "--idle-timeout", "5m", "--lifetime", "1h"].map(str::to_owned).into();
        all.extend(options.iter().map(ToString::to_string));
        if setting.has_tls() {
            all.extend(authority.options());
        }
        if setting.has_accounts() {
            for name in ["alice", "bob", "<b>x</b>"] {
                let add = ["users", "add", "accounts.json", name, "--password-stdin"];
                home.run_with_input(add, PASSWORD).exits(0);
            }
            all.extend(["--users", "accounts.json"].map(str::to_owned));
        }
        let server = Serve::with(&home, &all.iter().map(String::as_str).collect::<Vec<_>>());
        let authority = setting.has_tls().then_some(authority);
        let connection = Mutex::new(Connection::open(&server.address, authority));
        Target { setting, server, connection, _home: home }
    }

    pub fn get(&self, path: &str, cookie: Option<&str>) -> Answer {
        let headers: Vec<(&str, &str)> = cookie.map(|cookie| ("Cookie", cookie)).into_iter().collect();
        self.send("GET", path, &headers, "")
    }

    pub fn post(&self, path: &str, headers: &[(&str, &str)], form: &str) -> Answer {
        self.send("POST", path, headers, form)
    }

    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], form: &str) -> Answer {
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.server.address);
        headers.iter().for_each(|(name, value)| request.push_str(&format!("{name}: {value}\r\n")));
        let kind = "Content-Type: application/x-www-form-urlencoded";
        request.push_str(&format!("{kind}\r\nContent-Length: {}\r\n\r\n{form}", form.len()));
        self.connection.lock().expect("no panic").ask(&request)
    }

    /// Sends requests at the same time, without TLS. Each is sent before the first response is read.
    pub fn at_once(&self, requests: &[String]) -> Vec<Answer> {
        assert!(!self.setting.has_tls());
        let mut connections: Vec<Kept> = requests.iter().map(|_| Kept::open(&self.server.address)).collect();
        for (connection, request) in connections.iter_mut().zip(requests) {
            connection.send(request.as_bytes()).expect("an open connection");
        }
        connections.iter_mut().map(|connection| connection.answer().expect("an answer")).collect()
    }

    /// The form of a login.
    pub fn form(&self, user: &str) -> String {
        let user: String = form_urlencoded::byte_serialize(user.as_bytes()).collect();
        match self.setting.has_accounts() {
            true => format!("username={user}&password={PASSWORD}"),
            false => format!("username={user}"),
        }
    }

    pub fn log_in_with(&self, user: &str, cookie: Option<&str>) -> Answer {
        let headers: Vec<(&str, &str)> = cookie.map(|cookie| ("Cookie", cookie)).into_iter().collect();
        let answer = self.post("/login", &headers, &self.form(user));
        assert_eq!(answer.status, 303, "{answer:?}");
        assert!(answer.cookie().contains("sessionid="), "{answer:?}");
        answer
    }

    /// Logs in with a new browser. Returns the cookie.
    pub fn log_in(&self, user: &str) -> String {
        self.log_in_with(user, None).cookie()
    }

    pub fn log_out(&self, cookie: &str) -> Answer {
        self.post("/logout", &[("Cookie", cookie)], "")
    }

    pub fn is_live(&self, cookie: &str) -> bool {
        self.get("/session", Some(cookie)).status == 200
    }

    pub fn advance(&self, seconds: u32) {
        assert_eq!(self.post("/clock/advance", &[], &format!("seconds={seconds}")).status, 200);
    }

    /// A request on a connection that stays open.
    pub fn request(method: &str, path: &str, cookie: &str) -> String {
        format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nContent-Length: 0\r\n\r\n"
        )
    }
}
