//! What viewers are told without a request: how many came, what the clock shows, which sessions there are. A stream that
//! says something every second is also one that nobody on the way takes for dead.

use std::sync::Weak;
use std::time::Duration;

use serde::Serialize;
use tokio::time::MissedTickBehavior;

use sessctl::session::Sessions;

use super::feed::{Counts, Message};
use super::snapshot::Snapshot;
use super::{Inspector, Millis};

const BEAT: Duration = Duration::from_secs(1);

/// Every so many beats the table is read anew: others may change a store that is shared, without a word to us.
const TABLE: u32 = 10;

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

/// Beats for as long as there is an inspector; while nobody looks it does nothing.
pub(super) fn begin(inspector: Weak<Inspector>, sessions: Sessions) {
    tokio::spawn(async move {
        let mut beats = tokio::time::interval(BEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut since_table = 0;
        loop {
            beats.tick().await;
            let Some(inspector) = inspector.upgrade() else { return };
            match inspector.feed.has_viewers() {
                None => return,
                Some(false) => continue,
                Some(true) => inspector.feed.publish(Tick::of(&inspector)),
            }
            since_table += 1;
            if inspector.feed.take_stale() || since_table >= TABLE {
                since_table = 0;
                let table = Snapshot::take(&sessions, || inspector.now()).await;
                inspector.feed.publish(Message::new("sessions", &table));
            }
        }
    });
}
