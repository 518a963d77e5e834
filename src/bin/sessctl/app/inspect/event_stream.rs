//! The events for one viewer, as `text/event-stream` (HTML standard, server-sent events).

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::poll_fn;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use warp::Stream;

use sessctl::session::Sessions;

use super::feed::{FeedMessage, Subscription};
use super::inspector::Inspector;
use super::snapshot::table;
use super::ticker::tick;
use crate::json::json;

/// How many events wait for a slow viewer, in addition to those in the feed.
const BUFFER_LEN: usize = 8;

/// It ends when the feed is closed. When it is dropped, the task that sends to it ends.
pub(super) fn event_stream(
    subscription: Subscription,
    inspector: Arc<Inspector>,
    sessions: Sessions,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let (sender, mut receiver) = mpsc::channel(BUFFER_LEN);
    tokio::spawn(async move {
        tokio::select! {
            _ = send_all(subscription, &inspector, &sessions, &sender) => {}
            () = sender.closed() => {}
        }
    });
    poll_fn(move |cx| receiver.poll_recv(cx).map(|text| text.map(Ok)))
}

/// Sends the current state, then every event until the feed is closed.
async fn send_all(
    Subscription { recent, mut messages }: Subscription,
    inspector: &Inspector,
    sessions: &Sessions,
    sender: &mpsc::Sender<Bytes>,
) -> Result<(), mpsc::error::SendError<Bytes>> {
    // The table is read after the subscription: later changes arrive as events.
    sender.send(tick(inspector).text).await?;
    for message in recent {
        sender.send(message.text).await?;
    }
    sender.send(table(sessions, inspector).await.text).await?;
    loop {
        match messages.recv().await {
            Ok(message) => sender.send(message.text).await?,
            Err(RecvError::Lagged(missed)) => {
                // The missed events may have changed sessions.
                inspector.feed.mark_stale();
                sender.send(FeedMessage::new("missed", &json!({ "count": missed })).text).await?;
            }
            Err(RecvError::Closed) => return Ok(()),
        }
    }
}
