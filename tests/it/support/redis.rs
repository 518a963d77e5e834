//! Temporary Redis servers, single or as a cluster.

use std::os::unix::fs::chown;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};

use tempfile::TempDir;

use super::until;

/// A server that ends with the test.
pub struct RedisServer {
    pub port: u16,
    folder: TempDir,
    args: Vec<String>,
    child: Option<Child>,
}

/// Three masters, each with a replica.
pub struct RedisCluster {
    pub servers: Vec<RedisServer>,
}

/// Three Sentinels that watch one service, `main`.
pub struct Sentinels(Vec<(u16, TempDir, Child)>);

/// The user of Debian's package, if the tests run as root.
const USER: &str = "redis";

/// A free port whose cluster port (10,000 higher) is free too.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        let spread = u16::try_from(std::process::id() % 10_000).unwrap();
        let port = 21_000 + (spread + NEXT.fetch_add(1, Ordering::Relaxed)) % 20_000;
        let is_free = |port| std::net::TcpListener::bind(("127.0.0.1", port)).is_ok();
        if is_free(port) && is_free(port + 10_000) {
            return port;
        }
    }
}

/// Runs the server without root rights. It ends with the test process.
fn unprivileged(program: &str, owner: &Path) -> Command {
    use std::os::unix::fs::MetadataExt;
    if std::fs::metadata(owner).unwrap().uid() == 0 {
        let id = |what: &str| {
            let output = Command::new("id").args([what, USER]).output().unwrap();
            String::from_utf8(output.stdout).unwrap().trim().parse::<u32>().expect("a user for Redis")
        };
        chown(owner, Some(id("-u")), Some(id("-g"))).unwrap();
    }
    let is_root = std::fs::metadata("/proc/self").unwrap().uid() == 0;
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]);
    if is_root {
        command.args(["--reuid", USER, "--regid", USER, "--clear-groups"]);
    }
    command.arg("--").arg(program);
    command
}

impl RedisServer {
    /// Starts a server that writes everything to files, with additional settings.
    pub fn start(args: &[&str]) -> Self {
        let args = args.iter().map(|arg| (*arg).to_owned()).collect();
        let mut server =
            RedisServer { port: free_port(), folder: TempDir::new().unwrap(), args, child: None };
        server.launch_until_it_answers(|_| free_port());
        server
    }

    /// Starts it again, with its data.
    pub fn resume(&mut self) {
        self.launch_until_it_answers(|port| port);
    }

    /// A connection of another test may have its port. Then it ends at once, and `next_port` is tried.
    fn launch_until_it_answers(&mut self, next_port: impl Fn(u16) -> u16) {
        self.launch();
        until("redis-server", || {
            if self.child.as_mut().is_some_and(|child| !matches!(child.try_wait(), Ok(None))) {
                self.port = next_port(self.port);
                self.launch();
            }
            self.answers()
        });
    }

    fn launch(&mut self) {
        let mut command = unprivileged("redis-server", self.folder.path());
        command.current_dir(self.folder.path());
        command.args(["--port", &self.port.to_string(), "--bind", "127.0.0.1", "--save", ""]);
        command.args(["--appendonly", "yes", "--appendfsync", "no", "--loglevel", "warning"]);
        command.args(["--unixsocket", "redis.sock", "--unixsocketperm", "777"]);
        command.args(&self.args).stdin(Stdio::null()).stdout(Stdio::null());
        self.child = Some(command.spawn().expect("redis-server"));
    }

    /// Its socket is asked: another server may answer at the port.
    fn answers(&self) -> bool {
        let said = Command::new("redis-cli").args(["-s", &self.socket(), "PING"]).output().unwrap();
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        said.contains("PONG") || said.contains("NOAUTH")
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub fn socket(&self) -> String {
        self.folder.path().join("redis.sock").display().to_string()
    }

    pub fn cli(&self, args: &[&str]) -> Output {
        Command::new("redis-cli").args(["-p", &self.port.to_string()]).args(args).output().unwrap()
    }

    /// What redis-cli prints.
    pub fn says(&self, args: &[&str]) -> String {
        String::from_utf8_lossy(&self.cli(args).stdout).trim().to_owned()
    }

    /// Whether each range of slots has a master and at least one replica.
    fn sees_replicas_everywhere(&self) -> bool {
        let slots = self.says(&["--json", "CLUSTER", "SLOTS"]);
        let slots: serde_json::Value = serde_json::from_str(&slots).unwrap_or_default();
        let is_whole = |range: &serde_json::Value| range.as_array().is_some_and(|it| it.len() >= 4);
        slots.as_array().is_some_and(|slots| slots.len() >= 3 && slots.iter().all(is_whole))
    }

    /// Kills the server.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Sends a signal: `STOP` freezes the server, `CONT` lets it continue.
    pub fn signal(&self, name: &str) {
        let id = self.child.as_ref().expect("a process").id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Sentinels {
    /// Starts Sentinels for this primary, and waits until they know each other and its replica.
    pub fn watch(primary: &RedisServer) -> Self {
        let ports = [free_port(), free_port(), free_port()];
        let start = |port: u16| {
            let folder = TempDir::new().unwrap();
            let settings = format!(
                "port {port}\nbind 127.0.0.1\nsentinel monitor main 127.0.0.1 {} 2\n\
                sentinel down-after-milliseconds main 500\nsentinel failover-timeout main 3000\n",
                primary.port
            );
            let file = folder.path().join("sentinel.conf");
            std::fs::write(&file, settings).unwrap();
            // Sentinel writes what it learns to its file.
            std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
            let mut command = unprivileged("redis-server", folder.path());
            command.arg(&file).arg("--sentinel").stdin(Stdio::null()).stdout(Stdio::null());
            (port, folder, command.spawn().expect("a Sentinel"))
        };
        let sentinels = Sentinels(ports.map(start).into());
        until("the Sentinels", || {
            let knows_all = |port| {
                let state = sentinels.says(port, &["INFO", "sentinel"]);
                state.contains("status=ok") && state.contains("slaves=1,sentinels=3")
            };
            ports.into_iter().all(knows_all)
        });
        sentinels
    }

    fn says(&self, port: u16, args: &[&str]) -> String {
        let output = Command::new("redis-cli").args(["-p", &port.to_string()]).args(args).output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    pub fn url(&self) -> String {
        let hosts: Vec<String> = self.0.iter().map(|(port, ..)| format!("127.0.0.1:{port}")).collect();
        format!("redis+sentinel://{}/main", hosts.join(","))
    }

    /// Starts a planned failover.
    pub fn fail_over(&self) {
        let port = self.0[0].0;
        until("a failover to start", || self.says(port, &["SENTINEL", "FAILOVER", "main"]) == "OK");
    }

    /// Kills one of them.
    pub fn kill_first(&mut self) {
        let (_, _, mut child) = self.0.remove(0);
        let _ = child.kill();
        let _ = child.wait();
    }
}

impl Drop for Sentinels {
    fn drop(&mut self) {
        while !self.0.is_empty() {
            self.kill_first();
        }
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}

impl RedisCluster {
    pub fn start() -> Self {
        Self::with_node_timeout("1000")
    }

    /// Starts a cluster with this `cluster-node-timeout` in milliseconds.
    pub fn with_node_timeout(millis: &str) -> Self {
        let args = ["--cluster-enabled", "yes", "--cluster-node-timeout", millis];
        let args =
            [&args[..], &["--repl-diskless-sync-delay", "0", "--cluster-replica-validity-factor", "0"]];
        let servers: Vec<_> = (0..6).map(|_| RedisServer::start(&args.concat())).collect();
        let cluster = RedisCluster { servers };
        let mut command = Command::new("redis-cli");
        command.args(["--cluster", "create", "--cluster-replicas", "1", "--cluster-yes"]);
        command.args(cluster.servers.iter().map(|server| format!("127.0.0.1:{}", server.port)));
        let made = command.output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stdout));
        cluster.wait();
        cluster
    }

    /// Waits until all servers agree that each slot has a master and each master has a replica.
    pub fn wait(&self) {
        let running = || self.servers.iter().filter(|server| server.child.is_some());
        let all_run = running().count() == self.servers.len();
        until("the cluster", || {
            running().all(|server| {
                server.says(&["CLUSTER", "INFO"]).contains("cluster_state:ok")
                    && (server.says(&["ROLE"]).starts_with("master")
                        || server.says(&["INFO", "replication"]).contains("master_link_status:up"))
                    && (!all_run || server.sees_replicas_everywhere())
            })
        });
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{},127.0.0.1:{}", self.servers[0].port, self.servers[1].port)
    }

    /// The server that has a key.
    pub fn master_of(&self, key: &str) -> usize {
        let asked = self.servers.iter().find(|server| server.child.is_some()).expect("one that runs");
        let slot: u64 = asked.says(&["CLUSTER", "KEYSLOT", key]).parse().unwrap();
        let slots: serde_json::Value =
            serde_json::from_str(&asked.says(&["--json", "CLUSTER", "SLOTS"])).unwrap();
        let shard = slots
            .as_array()
            .unwrap()
            .iter()
            .find(|shard| (shard[0].as_u64().unwrap()..=shard[1].as_u64().unwrap()).contains(&slot));
        let port = shard.unwrap()[2][1].as_u64().unwrap();
        self.servers.iter().position(|server| u64::from(server.port) == port).unwrap()
    }

    pub fn kill_all(&mut self) {
        self.servers.iter_mut().for_each(RedisServer::kill);
    }

    pub fn resume_all(&mut self) {
        self.servers.iter_mut().for_each(RedisServer::resume);
        self.wait();
    }
}
