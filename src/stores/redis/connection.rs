//! [`SharedConnection`]: one connection to one server, which all calls share. It is replaced when it is lost.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{AsyncConnectionConfig, Pipeline, PushInfo, PushKind, RedisError, Value};

use super::command_error::{CommandError, is_unavailable};
use super::endpoint::Endpoint;

/// The time limit of an answer. Together with [`CONNECT_TIMEOUT`] it is shorter than the time limit of a store call.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);

/// The time limit of connecting.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(700);

/// After a failed attempt to connect, calls get its error for this long before the next attempt.
const RETRY_DELAY: Duration = Duration::from_millis(100);

/// The number of calls that can wait to be written.
const QUEUE_SIZE: usize = 1024;

/// A connection that is made at the first call and again after it was lost.
pub(super) struct SharedConnection {
    endpoint: Endpoint,
    /// Written by the call that connects and by whichever call or task notices that the connection is lost. It is locked
    /// only for single reads and assignments.
    current: Arc<Mutex<CurrentConnection>>,
    /// Held while connecting: other calls wait and share the result.
    last_failure: tokio::sync::Mutex<Option<(Instant, RedisError)>>,
}

#[derive(Default)]
struct CurrentConnection {
    connection: Option<MultiplexedConnection>,
    /// Increases with each connection, so that a call that failed on an older one does not close this one.
    number: u64,
}

impl SharedConnection {
    pub(super) fn new(endpoint: Endpoint) -> Self {
        SharedConnection { endpoint, current: Arc::default(), last_failure: tokio::sync::Mutex::default() }
    }

    /// Sends the commands together, and returns their answers, which may be errors.
    ///
    /// It never sends them twice: after a lost connection, nobody knows whether they were executed.
    pub(super) async fn send(&self, commands: &Pipeline) -> Result<Vec<Value>, CommandError> {
        let (mut connection, number) =
            self.get().await.map_err(|error| CommandError::Unreachable(self.server(), error))?;
        let count = commands.cmd_iter().count();
        let answers = connection.req_packed_commands(commands, 0, count).await.map_err(|error| {
            // A silent server and a lost one look the same, so the next call tries a new connection.
            forget(&self.current, number);
            CommandError::NoAnswer(self.server(), error)
        })?;
        let has_failed_over = |answer: &Value| match answer {
            Value::ServerError(error) => is_unavailable(&error.clone().into()),
            _ => false,
        };
        if answers.iter().any(has_failed_over) {
            // After a failover, the same name leads to another server.
            forget(&self.current, number);
        }
        Ok(answers)
    }

    fn server(&self) -> String {
        self.endpoint.name()
    }

    async fn get(&self) -> Result<(MultiplexedConnection, u64), RedisError> {
        if let Some(found) = self.current() {
            return Ok(found);
        }
        let mut last_failure = self.last_failure.lock().await;
        if let Some(found) = self.current() {
            return Ok(found);
        }
        if let Some((_, error)) = last_failure.as_ref().filter(|(when, _)| when.elapsed() < RETRY_DELAY) {
            return Err(error.clone());
        }
        // Boxed, so that the future of each call does not contain this rare and large one.
        let connected = Box::pin(self.connect()).await;
        *last_failure = connected.as_ref().err().map(|error| (Instant::now(), error.clone()));
        connected
    }

    fn current(&self) -> Option<(MultiplexedConnection, u64)> {
        let current = lock(&self.current);
        current.connection.clone().map(|connection| (connection, current.number))
    }

    async fn connect(&self) -> Result<(MultiplexedConnection, u64), RedisError> {
        let number = lock(&self.current).number + 1;
        let weak = Arc::downgrade(&self.current);
        // A connection that the server closes is forgotten at once, so that no call fails on it.
        let on_push = move |push: PushInfo| {
            if let Some(current) = weak.upgrade().filter(|_| push.kind == PushKind::Disconnection) {
                forget(&current, number);
            }
            Ok::<(), ()>(())
        };
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(ANSWER_TIMEOUT))
            .set_pipeline_buffer_size(QUEUE_SIZE)
            .set_push_sender(on_push);
        let connecting = self.endpoint.connect(&config);
        // The timeout of the `redis` crate does not cover every step of connecting.
        let connection = match tokio::time::timeout(CONNECT_TIMEOUT, connecting).await {
            Ok(connection) => connection?,
            Err(_) => return Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()),
        };
        *lock(&self.current) = CurrentConnection { connection: Some(connection.clone()), number };
        Ok((connection, number))
    }
}

/// Drops the connection with this number, if it is still in use.
fn forget(current: &Mutex<CurrentConnection>, number: u64) {
    let mut current = lock(current);
    if current.number == number {
        current.connection = None;
    }
}

/// No code panics while it holds the lock, so a poisoned lock is still consistent.
fn lock(current: &Mutex<CurrentConnection>) -> MutexGuard<'_, CurrentConnection> {
    current.lock().unwrap_or_else(PoisonError::into_inner)
}
