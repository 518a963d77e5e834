//! A viewer's stream: `text/event-stream` (HTML, Server-sent events).

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use warp::Stream;

use sessctl::session::Sessions;

use super::Inspector;
use super::feed::{Message, Seat};
use super::pulse::Tick;
use super::snapshot::Snapshot;

/// How much waits for a viewer that reads slowly, beside what the feed keeps for all.
const WAITING: usize = 8;

/// The body of the stream. It ends when the feed is closed; when it is dropped, what feeds it ends.
#[derive(Debug)]
pub(super) struct Viewer(mpsc::Receiver<Bytes>);

impl Stream for Viewer {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().0.poll_recv(cx).map(|text| text.map(Ok))
    }
}

impl Viewer {
    pub(super) fn seated(seat: Seat, inspector: Arc<Inspector>, sessions: Sessions) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            // Whoever has gone needs nothing more.
            tokio::select! {
                _ = show(seat, &inspector, &sessions, &sender) => {}
                () = sender.closed() => {}
            }
        });
        Viewer(receiver)
    }
}

/// First what there is, then what comes. It ends with the feed.
async fn show(
    Seat { recent, mut messages }: Seat,
    inspector: &Inspector,
    sessions: &Sessions,
    sender: &mpsc::Sender<Bytes>,
) -> Result<(), mpsc::error::SendError<Bytes>> {
    // The table is read after the seat was taken: what happens meanwhile comes after it.
    sender.send(Tick::of(inspector).text).await?;
    for message in recent {
        sender.send(message.text).await?;
    }
    let table = Snapshot::take(sessions, || inspector.now()).await;
    sender.send(Message::new("sessions", &table).text).await?;
    loop {
        match messages.recv().await {
            Ok(message) => sender.send(message.text).await?,
            Err(RecvError::Lagged(missed)) => {
                // What it missed may have changed sessions.
                inspector.feed.table_is_stale();
                sender.send(Message::new("missed", &json!({ "count": missed })).text).await?;
            }
            Err(RecvError::Closed) => return Ok(()),
        }
    }
}
