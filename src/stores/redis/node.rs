//! One server: a connection for all that is quick, and some for what waits for replicas.

use std::sync::atomic::{AtomicUsize, Ordering};

use redis::{Cmd, ConnectionInfo, Pipeline, RedisError, Value};

use super::connection::{Failure, Link};

/// WAIT holds up its connection, and counts the writes of that connection alone: some for it, so that logins do not
/// queue behind each other.
const WAITING: usize = 8;

/// For how many replicas to wait, and for how many milliseconds.
const REPLICAS: usize = 1;
const REPLICATED_WITHIN: u64 = 200;

/// When a write counts as done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Durability {
    /// When the server has done it.
    Server,
    /// When a replica has it too: it must outlive the server.
    Replica,
}

/// A server.
pub(super) struct Node {
    /// Host and port, or the path of a socket.
    pub(super) address: String,
    quick: Link,
    waiting: Vec<Link>,
    turn: AtomicUsize,
}

impl Node {
    pub(super) fn new(server: &ConnectionInfo) -> Result<Self, RedisError> {
        Ok(Node {
            address: server.addr().to_string(),
            quick: Link::new(server.clone())?,
            waiting: (0..WAITING).map(|_| Link::new(server.clone())).collect::<Result<_, _>>()?,
            turn: AtomicUsize::new(0),
        })
    }

    /// Sends commands that do not concern replicas, and gives their answers, refusals among them.
    pub(super) async fn send(&self, commands: &Pipeline) -> Result<Vec<Value>, Failure> {
        self.quick.send(commands).await
    }

    /// Sends one command and gives its answer. `asking`: it is about a slot that is being moved here.
    pub(super) async fn run(
        &self,
        command: &Cmd,
        durability: Durability,
        asking: bool,
    ) -> Result<Value, Failure> {
        let mut commands = Pipeline::with_capacity(3);
        if asking {
            commands.cmd("ASKING");
        }
        commands.add_command(command.clone());
        let link = match durability {
            Durability::Server => &self.quick,
            Durability::Replica => {
                commands.cmd("WAIT").arg(REPLICAS).arg(REPLICATED_WITHIN);
                let turn = self.turn.fetch_add(1, Ordering::Relaxed);
                self.waiting.get(turn % WAITING).unwrap_or(&self.quick)
            }
        };
        let mut answers = link.send(&commands).await?.into_iter().skip(usize::from(asking));
        let answer = answers.next().unwrap_or(Value::Nil);
        let answer = answer.extract_error().map_err(Failure::Refused)?;
        match answers.next() {
            None => Ok(answer),
            Some(Value::Int(replicas)) if replicas >= 1 => Ok(answer),
            Some(_) => Err(Failure::Unreplicated),
        }
    }
}
