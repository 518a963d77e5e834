//! Events that no request causes: every second the counts and the server's clock, and now and then the table of
//! sessions. They also keep proxies from closing the stream as idle.

use std::sync::Weak;
use std::time::Duration;

use serde::Serialize;
use tokio::time::MissedTickBehavior;

use sessctl::session::Sessions;

use super::feed::{Counts, Message};
use super::inspector::Inspector;
use super::millis::Millis;
use super::snapshot::Snapshot;

const INTERVAL: Duration = Duration::from_secs(1);

/// The table is read after so many ticks even if it is not stale: another server may change a shared store.
const TICKS_PER_TABLE: u32 = 10;

#[derive(Debug, Serialize)]
pub(super) struct Tick {
    now: Millis,
    #[serde(flatten)]
    counts: Counts,
}

impl Tick {
    pub(super) fn of(inspector: &Inspector) -> Message {
        Message::new("tick", &Tick { now: inspector.now(), counts: inspector.feed.counts() })
    }
}

/// Runs until the inspector is closed or dropped. It does nothing while there are no viewers.
pub(super) fn start(inspector: Weak<Inspector>, sessions: Sessions) {
    tokio::spawn(async move {
        let mut interval = tokio::time::interval(INTERVAL);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut ticks_since_table = 0;
        loop {
            interval.tick().await;
            let Some(inspector) = inspector.upgrade() else { return };
            match inspector.feed.has_viewers() {
                None => return,
                Some(false) => continue,
                Some(true) => inspector.feed.publish(Tick::of(&inspector)),
            }
            ticks_since_table += 1;
            if inspector.feed.take_stale() || ticks_since_table >= TICKS_PER_TABLE {
                ticks_since_table = 0;
                let table = Snapshot::take(&sessions, || inspector.now()).await;
                inspector.feed.publish(Message::new("sessions", &table));
            }
        }
    });
}
