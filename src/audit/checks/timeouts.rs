//! Advances the time of the application: with its clock, or by waiting.

use std::time::Duration;

use crate::audit::auditor::Auditor;
use crate::audit::observation::NotTested;

/// The parts of a timeout at which a session must be live, and must have ended.
pub(super) const LIVE_AT: f64 = 0.9;
pub(super) const ENDED_AT: f64 = 1.1;

/// A session is used at least this often while it is kept busy.
pub(super) const STEPS: u32 = 10;

impl Auditor<'_> {
    /// Lets this much time pass for the application.
    pub(super) async fn let_pass(&mut self, duration: Duration) -> Result<(), NotTested> {
        self.state.wrong_passwords_in_a_row = 0;
        // A clock that counts in seconds must not lose a part of one.
        let duration = Duration::from_secs(duration.as_secs_f64().ceil() as u64);
        match &mut self.config.clock {
            Some(clock) => clock(duration)
                .map_err(|why| NotTested::target_failed(format!("the clock command failed: {why}"))),
            None => {
                tokio::time::sleep(duration).await;
                Ok(())
            }
        }
    }
}
