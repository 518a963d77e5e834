//! [`Node`]: one server. It has one connection for most commands, and several for commands that wait for a replica.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use redis::{Cmd, Pipeline, Value};

use super::command_error::CommandError;
use super::connection::SharedConnection;
use super::endpoint::{Endpoint, parse_hello};
use super::server::RedisServer;

/// The number of connections for `WAIT`. It blocks its connection, and counts only the writes of that connection, so one
/// connection would make logins wait for each other.
const WAIT_CONNECTIONS: usize = 8;

/// The arguments of `WAIT`: the number of replicas, and the time limit in milliseconds.
const WAIT_REPLICAS: usize = 1;
const WAIT_TIMEOUT_MS: u64 = 200;

/// When a write counts as done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Durability {
    /// When the server has executed it.
    Server,
    /// When a replica has it too, so that it survives the loss of the server.
    Replica,
}

/// A server.
pub(super) struct Node {
    /// Host and port, the path of a socket, or the service of a Sentinel.
    pub(super) address: String,
    connection: SharedConnection,
    wait_connections: Vec<SharedConnection>,
    /// Chooses the next of `wait_connections`.
    turn: AtomicUsize,
}

impl Node {
    pub(super) fn new(server: &RedisServer) -> Self {
        Self::at(&Endpoint::Address(server.clone()))
    }

    pub(super) fn at(endpoint: &Endpoint) -> Self {
        let connection = || SharedConnection::new(endpoint.clone());
        Node {
            address: endpoint.name(),
            connection: connection(),
            wait_connections: (0..WAIT_CONNECTIONS).map(|_| connection()).collect(),
            turn: AtomicUsize::new(0),
        }
    }

    /// What the server reports about itself. Every user may ask for it.
    pub(super) async fn hello(&self) -> Result<BTreeMap<String, String>, CommandError> {
        let mut command = Pipeline::new();
        command.cmd("HELLO");
        let answer = self.send(&command).await?.pop().unwrap_or(Value::Nil);
        let hello = answer.extract_error().and_then(parse_hello);
        hello.map_err(CommandError::Rejected)
    }

    /// Sends commands that need no replica, and returns their answers, which may be errors.
    pub(super) async fn send(&self, commands: &Pipeline) -> Result<Vec<Value>, CommandError> {
        self.connection.send(commands).await
    }

    /// Sends one command and returns its answer. `asking`: its slot is being moved to this server, which would reject the
    /// command without `ASKING`.
    pub(super) async fn run(
        &self,
        command: &Cmd,
        durability: Durability,
        asking: bool,
    ) -> Result<Value, CommandError> {
        let mut commands = Pipeline::with_capacity(3);
        if asking {
            commands.cmd("ASKING");
        }
        commands.add_command(command.clone());
        let connection = match durability {
            Durability::Server => &self.connection,
            Durability::Replica => {
                commands.cmd("WAIT").arg(WAIT_REPLICAS).arg(WAIT_TIMEOUT_MS);
                let turn = self.turn.fetch_add(1, Ordering::Relaxed);
                self.wait_connections.get(turn % WAIT_CONNECTIONS).unwrap_or(&self.connection)
            }
        };
        let mut answers = connection.send(&commands).await?.into_iter().skip(usize::from(asking));
        let answer = answers.next().unwrap_or(Value::Nil);
        let answer = answer.extract_error().map_err(CommandError::Rejected)?;
        match answers.next() {
            None => Ok(answer),
            Some(Value::Int(replicas)) if replicas >= 1 => Ok(answer),
            Some(_) => Err(CommandError::NotReplicated),
        }
    }
}
