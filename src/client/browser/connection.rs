//! [`Connection`]: commands to a browser and its answers and events, as JSON. DevTools and WebDriver BiDi have the same
//! form of messages: a command has an `id` and a `method`, its answer the same `id`, and an event only a `method`.

use std::collections::VecDeque;
use std::io;
use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::net::unix::pipe::{Receiver, Sender};
use tokio::time::timeout_at;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// A browser that answers a command later does not answer any more.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// How the messages are sent.
pub(super) enum Wire {
    /// Messages end with a zero byte.
    Pipe {
        to: Sender,
        from: BufReader<Receiver>,
        unfinished: Vec<u8>,
    },
    WebSocket(Box<WebSocketStream<MaybeTlsStream<TcpStream>>>),
}

/// A connection to a browser.
pub(super) struct Connection {
    wire: Wire,
    last_id: u64,
    /// Events that were received and not yet taken.
    events: VecDeque<Value>,
    /// The end of the time limit.
    pub(super) deadline: Instant,
    /// The command that an event needs at once: a dialog stops the page, and so every later answer.
    reply: fn(&Value) -> Option<Value>,
}

/// Why there is no message.
pub(super) enum NoMessage {
    Closed,
    TimedOut,
}

impl Wire {
    async fn send(&mut self, message: &Value) -> io::Result<()> {
        match self {
            Wire::Pipe { to, .. } => {
                let mut bytes = message.to_string().into_bytes();
                bytes.push(0);
                to.write_all(&bytes).await
            }
            Wire::WebSocket(socket) => {
                socket.send(Message::text(message.to_string())).await.map_err(io::Error::other)
            }
        }
    }

    /// The next message. `None` if the browser has closed the connection. Nothing is lost if the future is dropped.
    async fn receive(&mut self) -> Option<Value> {
        loop {
            match self {
                Wire::Pipe { from, unfinished, .. } => {
                    let read = from.read_until(0, unfinished).await.ok()?;
                    if read == 0 || unfinished.pop() != Some(0) {
                        return None;
                    }
                    let message = std::mem::take(unfinished);
                    if let Ok(message) = serde_json::from_slice(&message) {
                        return Some(message);
                    }
                }
                Wire::WebSocket(socket) => {
                    if let Message::Text(text) = socket.next().await?.ok()?
                        && let Ok(message) = serde_json::from_str(&text)
                    {
                        return Some(message);
                    }
                }
            }
        }
    }
}

impl Connection {
    pub(super) fn new(wire: Wire, deadline: Instant, reply: fn(&Value) -> Option<Value>) -> Self {
        Connection { wire, last_id: 0, events: VecDeque::new(), deadline, reply }
    }

    /// Sends a command without waiting for its answer.
    pub(super) async fn send(&mut self, mut command: Value) -> Result<u64, NoMessage> {
        self.last_id += 1;
        command["id"] = json!(self.last_id);
        let sent = timeout_at(self.deadline.into(), self.wire.send(&command)).await;
        match sent {
            Ok(Ok(())) => Ok(self.last_id),
            Ok(Err(_)) => Err(NoMessage::Closed),
            Err(_) => Err(NoMessage::TimedOut),
        }
    }

    /// The answer to a command: its result, or the message of its error. Events are kept.
    pub(super) async fn answer(&mut self, id: u64) -> Result<Result<Value, String>, NoMessage> {
        let end = self.deadline.min(Instant::now() + ANSWER_TIMEOUT);
        loop {
            let mut message = self.next_until(end).await?;
            if message["id"] == json!(id) {
                // DevTools has an object with a message, BiDi has the message beside the error.
                let why = message["error"]["message"].as_str().or_else(|| message["message"].as_str());
                let is_error = !message["error"].is_null();
                return Ok(match (is_error, why) {
                    (true, why) => Err(why.unwrap_or_default().to_owned()),
                    _ => Ok(message["result"].take()),
                });
            }
            // The answers of a page that was closed never arrive.
            let is_closed = message["method"] == "Target.detachedFromTarget";
            self.keep(message).await?;
            if is_closed {
                return Ok(Err("the page was closed".to_owned()));
            }
        }
    }

    /// Keeps an event. The answer to a command for which nothing waits is dropped.
    async fn keep(&mut self, message: Value) -> Result<(), NoMessage> {
        if !message["id"].is_null() {
            return Ok(());
        }
        if let Some(command) = (self.reply)(&message) {
            self.send(command).await?;
        }
        self.events.push_back(message);
        Ok(())
    }

    async fn next_until(&mut self, end: Instant) -> Result<Value, NoMessage> {
        match timeout_at(end.into(), self.wire.receive()).await {
            Ok(Some(message)) => Ok(message),
            Ok(None) => Err(NoMessage::Closed),
            Err(_) => Err(NoMessage::TimedOut),
        }
    }

    /// Receives events for this time.
    pub(super) async fn wait(&mut self, time: Duration) -> Result<(), NoMessage> {
        let end = self.deadline.min(Instant::now() + time);
        loop {
            match self.next_until(end).await {
                Ok(message) => self.keep(message).await?,
                Err(NoMessage::TimedOut) => return Ok(()),
                Err(closed) => return Err(closed),
            }
        }
    }

    /// The events since the last call.
    pub(super) fn take_events(&mut self) -> VecDeque<Value> {
        std::mem::take(&mut self.events)
    }
}
