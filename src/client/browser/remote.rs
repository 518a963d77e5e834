//! [`Remote`]: a browser that runs, and the connection to it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::connection::{Connection, NoMessage};
use super::error::BrowserError;
use super::process::BrowserProcess;

/// A browser that runs, and the connection to it. It ends with this value.
pub(super) struct Remote {
    pub(super) connection: Connection,
    pub(super) process: BrowserProcess,
}

impl Remote {
    /// Sends a command and returns its result. `target` has the members that say for which page it is.
    pub(super) async fn call(
        &mut self,
        method: &str,
        params: Value,
        target: Option<&str>,
    ) -> Result<Value, BrowserError> {
        let started = Instant::now();
        let answer = match self.send_only(method, params, target).await {
            Ok(id) => self.connection.answer(id).await,
            Err(why) => Err(why),
        };
        match answer {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(why)) => Err(BrowserError::Refused { command: method.to_owned(), why }),
            Err(NoMessage::TimedOut) if Instant::now() < self.connection.deadline => {
                Err(BrowserError::NoAnswer { command: method.to_owned(), limit: started.elapsed() })
            }
            Err(why) => Err(self.failure(why)),
        }
    }

    /// Sends a command whose answer does not matter.
    pub(super) async fn post(
        &mut self,
        method: &str,
        params: Value,
        target: Option<&str>,
    ) -> Result<(), BrowserError> {
        let sent = self.send_only(method, params, target).await;
        sent.map(drop).map_err(|why| self.failure(why))
    }

    /// Receives events for this time.
    pub(super) async fn wait(&mut self, time: Duration) -> Result<(), BrowserError> {
        if Instant::now() >= self.connection.deadline {
            return Err(BrowserError::TimedOut);
        }
        let waited = self.connection.wait(time).await;
        waited.map_err(|why| self.failure(why))
    }

    async fn send_only(
        &mut self,
        method: &str,
        params: Value,
        target: Option<&str>,
    ) -> Result<u64, NoMessage> {
        let mut message = json!({ "method": method, "params": params });
        if let Some(session) = target {
            message["sessionId"] = json!(session);
        }
        self.connection.send(message).await
    }

    fn failure(&mut self, why: NoMessage) -> BrowserError {
        match why {
            NoMessage::TimedOut => BrowserError::TimedOut,
            NoMessage::Closed => self.process.crash(),
        }
    }
}
