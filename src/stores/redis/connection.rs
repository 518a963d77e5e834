//! One connection to one server, shared by all calls and made anew when it is lost.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{AsyncConnectionConfig, Client, ConnectionInfo, Pipeline, PushInfo, PushKind, RedisError, Value};
use thiserror::Error;

/// How long a server may take to answer. With [`CONNECT`] it is less than a call may take.
const ANSWER: Duration = Duration::from_secs(1);

/// How long it may take to be connected.
const CONNECT: Duration = Duration::from_millis(700);

/// How long a failure to connect is the answer to all calls before it is tried again.
const PAUSE: Duration = Duration::from_millis(100);

/// How many calls may wait to be written.
const QUEUE: usize = 1024;

/// Why a server did not do what it was sent.
#[derive(Debug, Error)]
pub(super) enum Failure {
    /// It was not reached: nothing was done.
    #[error("the Redis server {0} is out of reach")]
    Unreached(String, #[source] RedisError),
    /// No answer came: it may have been done.
    #[error("the Redis server {0} did not answer")]
    Unanswered(String, #[source] RedisError),
    /// It said no: nothing was done.
    #[error("the Redis server refused")]
    Refused(#[source] RedisError),
    /// It was done, and only the server that did it knows: should that fail, it is as if it had not been.
    #[error("no replica of the Redis server confirmed it in time")]
    Unreplicated,
}

/// A connection that heals.
pub(super) struct Link {
    client: Client,
    current: Arc<Mutex<Current>>,
    /// Held while connecting: the others wait and share what comes of it.
    last_failure: tokio::sync::Mutex<Option<(Instant, RedisError)>>,
}

#[derive(Default)]
struct Current {
    connection: Option<MultiplexedConnection>,
    /// Which one it is: a call that failed on an older one must not end it.
    number: u64,
}

impl Link {
    pub(super) fn new(server: ConnectionInfo) -> Result<Self, RedisError> {
        Ok(Link {
            client: Client::open(server)?,
            current: Arc::default(),
            last_failure: tokio::sync::Mutex::default(),
        })
    }

    /// Sends the commands in one piece, and gives their answers, refusals among them.
    ///
    /// Nothing is ever sent twice: what a lost connection has done is not known.
    pub(super) async fn send(&self, commands: &Pipeline) -> Result<Vec<Value>, Failure> {
        let (mut connection, number) =
            self.connection().await.map_err(|error| Failure::Unreached(self.server(), error))?;
        let count = commands.cmd_iter().count();
        match connection.req_packed_commands(commands, 0, count).await {
            Ok(answers) => Ok(answers),
            Err(error) => {
                // A server that is silent is not told from one that is gone: the next call tries a new connection.
                forget(&self.current, number);
                Err(Failure::Unanswered(self.server(), error))
            }
        }
    }

    fn server(&self) -> String {
        self.client.get_connection_info().addr().to_string()
    }

    async fn connection(&self) -> Result<(MultiplexedConnection, u64), RedisError> {
        if let Some(found) = self.current() {
            return Ok(found);
        }
        let mut last_failure = self.last_failure.lock().await;
        if let Some(found) = self.current() {
            return Ok(found);
        }
        if let Some((_, error)) = last_failure.as_ref().filter(|(when, _)| when.elapsed() < PAUSE) {
            return Err(error.clone());
        }
        match self.connect().await {
            Ok(found) => {
                *last_failure = None;
                Ok(found)
            }
            Err(error) => {
                *last_failure = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }

    fn current(&self) -> Option<(MultiplexedConnection, u64)> {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.connection.clone().map(|connection| (connection, current.number))
    }

    async fn connect(&self) -> Result<(MultiplexedConnection, u64), RedisError> {
        let number = self.current.lock().unwrap_or_else(PoisonError::into_inner).number + 1;
        let weak = Arc::downgrade(&self.current);
        // A connection that the server ends is forgotten at once, not by the first call that fails on it.
        let on_push = move |push: PushInfo| {
            if let Some(current) = weak.upgrade().filter(|_| push.kind == PushKind::Disconnection) {
                forget(&current, number);
            }
            Ok::<(), ()>(())
        };
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(ANSWER))
            .set_pipeline_buffer_size(QUEUE)
            .set_push_sender(on_push);
        let connecting = self.client.get_multiplexed_async_connection_with_config(&config);
        // The crate's own limit leaves parts of the way out.
        let connection = match tokio::time::timeout(CONNECT, connecting).await {
            Ok(connection) => connection?,
            Err(_) => return Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()),
        };
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        *current = Current { connection: Some(connection.clone()), number };
        Ok((connection, number))
    }
}

/// Ends the connection with this number, if it is the one in use.
fn forget(current: &Mutex<Current>, number: u64) {
    let mut current = current.lock().unwrap_or_else(PoisonError::into_inner);
    if current.number == number {
        current.connection = None;
    }
}
