//! A PgBouncer in transaction mode in front of a PostgreSQL server. It ends with the test.

use std::net::TcpStream;
use std::process::{Child, Stdio};

use super::postgres::{PASSWORD, PostgresServer};
use super::{free_port, until};

/// The number of server processes for all its clients.
pub const POOL_SIZE: usize = 3;

pub struct PgBouncer {
    child: Child,
    port: u16,
}

impl PgBouncer {
    /// Starts it with further settings.
    pub fn start(server: &PostgresServer, settings: &str) -> Self {
        let port = free_port();
        let users = server.file(&format!("users-{port}"), format!("\"postgres\" \"{PASSWORD}\"").as_bytes());
        let configuration = format!(
            "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
            unix_socket_dir =\nauth_type = scram-sha-256\nauth_file = {}\npool_mode = transaction\n\
            default_pool_size = {POOL_SIZE}\n{settings}\n",
            server.port(),
            users.display()
        );
        let file = server.file(&format!("pgbouncer-{port}.ini"), configuration.as_bytes());
        let mut command = server.command_of_owner("pgbouncer".as_ref());
        command.env("PATH", "/usr/sbin:/usr/bin:/usr/local/bin:/bin").arg(file);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("pgbouncer: scripts/test installs it");
        let pooler = PgBouncer { child, port };
        until("pgbouncer", || TcpStream::connect(("127.0.0.1", port)).is_ok());
        pooler
    }

    /// The URL of the pooler for a URL of its server.
    pub fn url(&self, server: &PostgresServer, url: &str) -> String {
        url.replace(&format!(":{}/", server.port()), &format!(":{}/", self.port))
    }

    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
