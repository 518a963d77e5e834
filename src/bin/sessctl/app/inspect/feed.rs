//! [`Feed`]: the events for viewers, limited in rate and in memory.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use serde::Serialize;
use tokio::sync::broadcast;

use super::rate_limit::RateLimit;
use crate::json::Json;

/// A viewer that is further behind misses events, and is told how many.
const MAX_BEHIND: usize = 256;

/// How many exchanges are kept for new viewers.
const MAX_RECENT: usize = 100;

/// How many pages may be open. Each one needs little, thousands would not.
const MAX_VIEWERS: usize = 16;

/// A server-sent event, serialized once for all viewers.
#[derive(Debug, Clone)]
pub(super) struct FeedMessage {
    pub(super) text: Bytes,
    pub(super) is_exchange: bool,
}

impl FeedMessage {
    pub(super) fn new(kind: &str, content: &impl Serialize) -> Self {
        // JSON contains no line breaks. Every value here is a struct or a map with string keys, which serde_json can
        // always write.
        let content = serde_json::to_string(content).unwrap_or_default();
        FeedMessage {
            text: format!("event: {kind}\ndata: {content}\n\n").into(),
            is_exchange: kind == "exchange",
        }
    }
}

/// The threads that handle requests write it, the ticker and the streams of viewers read it.
///
/// - `all`, `shown` and `is_stale` are independent of each other and of everything else: relaxed atomics are enough.
/// - `limits` is locked for one subtraction.
/// - `live` is locked while an event is sent, so that a new viewer gets each exchange once: either in `recent` or by its
///   receiver.
#[derive(Debug)]
pub(super) struct Feed {
    /// How many requests there were, and how many of them were shown.
    all: AtomicU64,
    shown: AtomicU64,
    /// Whether sessions may have changed without an event.
    is_stale: AtomicBool,
    limits: Mutex<RateLimits>,
    live: Mutex<Live>,
}

/// Unsafe methods have a limit of their own, so that a login is shown among thousands of GET requests.
#[derive(Debug, Default)]
struct RateLimits {
    safe: RateLimit,
    unsafe_methods: RateLimit,
    endings: RateLimit,
}

#[derive(Debug)]
struct Live {
    /// `None`: the feed is closed.
    sender: Option<broadcast::Sender<FeedMessage>>,
    recent: VecDeque<FeedMessage>,
}

/// The recent exchanges, and a receiver of all later events.
#[derive(Debug)]
pub(super) struct Subscription {
    pub(super) recent: Vec<FeedMessage>,
    pub(super) messages: broadcast::Receiver<FeedMessage>,
}

impl Default for Feed {
    fn default() -> Self {
        let sender = Some(broadcast::Sender::new(MAX_BEHIND));
        Feed {
            all: AtomicU64::new(0),
            shown: AtomicU64::new(0),
            is_stale: AtomicBool::new(false),
            limits: Mutex::default(),
            live: Mutex::new(Live { sender, recent: VecDeque::with_capacity(MAX_RECENT) }),
        }
    }
}

impl Feed {
    /// Counts a request. Returns its number if it is to be shown.
    pub(super) fn admit(&self, is_unsafe_method: bool) -> Option<u64> {
        let number = self.all.fetch_add(1, Ordering::Relaxed) + 1;
        let mut limits = lock(&self.limits);
        let limit = if is_unsafe_method { &mut limits.unsafe_methods } else { &mut limits.safe };
        let is_shown = limit.take(Instant::now());
        drop(limits);
        if is_shown {
            self.shown.fetch_add(1, Ordering::Relaxed);
        } else {
            self.mark_stale();
        }
        is_shown.then_some(number)
    }

    /// How many requests were shown, and how many there were.
    pub(super) fn counts(&self) -> (u64, u64) {
        // Loaded first, `shown` is never greater than `all`.
        (self.shown.load(Ordering::Relaxed), self.all.load(Ordering::Relaxed))
    }

    /// Reports the end of a session. Above the limit, the ticker reads the whole table instead.
    pub(super) fn ended(&self, ended: &Json) {
        if lock(&self.limits).endings.take(Instant::now()) {
            self.publish(FeedMessage::new("ended", ended));
        } else {
            self.mark_stale();
        }
    }

    /// Marks that sessions may have changed without an event.
    pub(super) fn mark_stale(&self) {
        // A load first: a store by every thread would contend for the cache line.
        if !self.is_stale.load(Ordering::Relaxed) {
            self.is_stale.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the table must be read. The caller then reads it.
    pub(super) fn take_stale(&self) -> bool {
        self.is_stale.swap(false, Ordering::Relaxed)
    }

    pub(super) fn publish(&self, message: FeedMessage) {
        let mut live = self.live();
        if message.is_exchange {
            if live.recent.len() == MAX_RECENT {
                live.recent.pop_front();
            }
            live.recent.push_back(message.clone());
        }
        if let Some(sender) = &live.sender {
            // It fails if there are no viewers.
            let _ = sender.send(message);
        }
    }

    /// `None`: the feed is closed.
    pub(super) fn has_viewers(&self) -> Option<bool> {
        self.live().sender.as_ref().map(|sender| sender.receiver_count() > 0)
    }

    /// `None`: there are too many viewers, or the feed is closed.
    pub(super) fn subscribe(&self) -> Option<Subscription> {
        let live = self.live();
        let sender = live.sender.as_ref().filter(|sender| sender.receiver_count() < MAX_VIEWERS)?;
        Some(Subscription { recent: live.recent.iter().cloned().collect(), messages: sender.subscribe() })
    }

    pub(super) fn close(&self) {
        self.live().sender = None;
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        lock(&self.live)
    }
}

/// A panic leaves the content consistent, because each change of it is one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_viewer_gets_each_recent_exchange_once() {
        let feed = Feed::default();
        let exchange = |number: u64| FeedMessage::new("exchange", &number);
        (0..150).for_each(|number| feed.publish(exchange(number)));
        let Subscription { recent, mut messages } = feed.subscribe().unwrap();
        assert_eq!((recent.len(), &recent[0].text), (MAX_RECENT, &exchange(50).text));
        feed.publish(exchange(150));
        assert_eq!(messages.try_recv().unwrap().text, exchange(150).text);
        assert!(messages.try_recv().is_err());
    }

    #[test]
    fn viewers_are_limited_and_a_closed_feed_accepts_none() {
        let feed = Feed::default();
        let viewers: Vec<Subscription> = (0..MAX_VIEWERS).map_while(|_| feed.subscribe()).collect();
        assert_eq!((viewers.len(), feed.subscribe().is_none()), (MAX_VIEWERS, true));
        drop(viewers);
        assert!(feed.subscribe().is_some());
        feed.close();
        assert!(feed.subscribe().is_none() && feed.has_viewers().is_none());
    }
}
