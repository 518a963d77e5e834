//! Events that no request causes: every second the counts and the server's clock, and now and then the table of
//! sessions. They also keep proxies from closing the stream as idle.

use std::sync::Weak;
use std::time::Duration;

use tokio::time::MissedTickBehavior;

use sessctl::session::Sessions;

use super::feed::FeedMessage;
use super::inspector::Inspector;
use super::snapshot::table;
use crate::json::json;

const INTERVAL: Duration = Duration::from_secs(1);

/// The table is read after so many ticks even if it is not stale: another server may change a shared store.
const TICKS_PER_TABLE: u32 = 10;

/// The event with the server's clock and the counts.
pub(super) fn tick(inspector: &Inspector) -> FeedMessage {
    let (shown, all) = inspector.feed.counts();
    FeedMessage::new("tick", &json!({ "now": inspector.now(), "all": all, "shown": shown }))
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
                Some(true) => inspector.feed.publish(tick(&inspector)),
            }
            ticks_since_table += 1;
            if inspector.feed.take_stale() || ticks_since_table >= TICKS_PER_TABLE {
                ticks_since_table = 0;
                inspector.feed.publish(table(&sessions, &inspector).await);
            }
        }
    });
}
