//! [`Feed`]: what viewers are told, bounded in number and in memory.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use serde::Serialize;
use tokio::sync::broadcast;

use super::sampling::Bucket;
use super::snapshot::Ended;

/// How many messages a viewer may be behind; then it misses some, and is told how many.
const BEHIND: usize = 256;

/// How many exchanges are kept for who comes later.
const KEPT: usize = 100;

/// How many may look at once: a page that is left open takes little, thousands would not.
const VIEWERS: usize = 16;

/// A message as it goes over the wire, written once for all viewers.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) text: Bytes,
    /// Whether it is an exchange, of which a viewer is told how many it missed.
    pub(super) is_exchange: bool,
}

impl Message {
    /// An event of a stream of `text/event-stream`.
    pub(super) fn new(kind: &str, content: &impl Serialize) -> Self {
        // JSON text holds no line breaks, and what is written here has text keys only: it can always be written.
        let content = serde_json::to_string(content).unwrap_or_default();
        Message {
            text: format!("event: {kind}\ndata: {content}\n\n").into(),
            is_exchange: kind == "exchange",
        }
    }
}

/// Where messages go.
#[derive(Debug)]
pub(super) struct Feed {
    /// Requests that came, and those of them that were shown.
    all: AtomicU64,
    shown: AtomicU64,
    /// Whether sessions may have changed without a word to viewers.
    is_stale: AtomicBool,
    buckets: Mutex<Buckets>,
    live: Mutex<Live>,
}

/// Requests that change something have a bucket of their own: a login is seen also among thousands of visits.
#[derive(Debug, Default)]
struct Buckets {
    reading: Bucket,
    changing: Bucket,
    endings: Bucket,
}

#[derive(Debug)]
struct Live {
    /// `None`: it is closed.
    sender: Option<broadcast::Sender<Message>>,
    recent: VecDeque<Message>,
}

/// How many requests came, and how many of them were shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Counts {
    pub(super) all: u64,
    pub(super) shown: u64,
}

/// What somebody who begins to look is given.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) recent: Vec<Message>,
    pub(super) messages: broadcast::Receiver<Message>,
}

impl Default for Feed {
    fn default() -> Self {
        let sender = Some(broadcast::Sender::new(BEHIND));
        Feed {
            all: AtomicU64::new(0),
            shown: AtomicU64::new(0),
            is_stale: AtomicBool::new(false),
            buckets: Mutex::default(),
            live: Mutex::new(Live { sender, recent: VecDeque::with_capacity(KEPT) }),
        }
    }
}

impl Feed {
    /// Counts a request. `Some` of its number: it is to be shown.
    pub(super) fn admit(&self, changes_something: bool) -> Option<u64> {
        let number = self.all.fetch_add(1, Ordering::Relaxed) + 1;
        let mut buckets = lock(&self.buckets);
        let bucket = if changes_something { &mut buckets.changing } else { &mut buckets.reading };
        let is_shown = bucket.take(Instant::now());
        drop(buckets);
        if is_shown {
            self.shown.fetch_add(1, Ordering::Relaxed);
        } else {
            self.table_is_stale();
        }
        is_shown.then_some(number)
    }

    pub(super) fn counts(&self) -> Counts {
        // In this order no more are shown than came.
        let shown = self.shown.load(Ordering::Relaxed);
        Counts { all: self.all.load(Ordering::Relaxed), shown }
    }

    /// A session was ended. In a rush of them the table is read anew instead.
    pub(super) fn ended(&self, ended: &Ended) {
        if lock(&self.buckets).endings.take(Instant::now()) {
            self.publish(Message::new("ended", ended));
        } else {
            self.table_is_stale();
        }
    }

    /// Sessions may have changed without a word to viewers.
    pub(super) fn table_is_stale(&self) {
        // Mostly it is known already, and a cache line is not taken from the other threads for it.
        if !self.is_stale.load(Ordering::Relaxed) {
            self.is_stale.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the table has to be read anew, which is then somebody's to do.
    pub(super) fn take_stale(&self) -> bool {
        self.is_stale.swap(false, Ordering::Relaxed)
    }

    pub(super) fn publish(&self, message: Message) {
        let mut live = self.live();
        if message.is_exchange {
            if live.recent.len() == KEPT {
                live.recent.pop_front();
            }
            live.recent.push_back(message.clone());
        }
        if let Some(sender) = &live.sender {
            // It fails when nobody looks.
            let _ = sender.send(message);
        }
    }

    /// Whether anybody looks; `None`: nobody will any more.
    pub(super) fn has_viewers(&self) -> Option<bool> {
        self.live().sender.as_ref().map(|sender| sender.receiver_count() > 0)
    }

    /// A place for one more viewer: what was shown last, and then what comes, without a gap. `None`: there is none.
    pub(super) fn join(&self) -> Option<Seat> {
        let live = self.live();
        let sender = live.sender.as_ref().filter(|sender| sender.receiver_count() < VIEWERS)?;
        Some(Seat { recent: live.recent.iter().cloned().collect(), messages: sender.subscribe() })
    }

    pub(super) fn close(&self) {
        self.live().sender = None;
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        lock(&self.live)
    }
}

/// A panic leaves what is held whole: each change of it is one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_later_sees_the_last_exchanges_once() {
        let feed = Feed::default();
        let exchange = |number: u64| Message::new("exchange", &number);
        (0..150).for_each(|number| feed.publish(exchange(number)));
        let Seat { recent, mut messages } = feed.join().unwrap();
        assert_eq!((recent.len(), &recent[0].text), (KEPT, &exchange(50).text));
        feed.publish(exchange(150));
        assert_eq!(messages.try_recv().unwrap().text, exchange(150).text);
        assert!(messages.try_recv().is_err());
    }

    #[test]
    fn there_are_so_many_seats_and_none_after_the_end() {
        let feed = Feed::default();
        let seats: Vec<Seat> = (0..VIEWERS).map_while(|_| feed.join()).collect();
        assert_eq!((seats.len(), feed.join().is_none()), (VIEWERS, true));
        drop(seats);
        assert!(feed.join().is_some());
        feed.close();
        assert!(feed.join().is_none() && feed.has_viewers().is_none());
    }
}
