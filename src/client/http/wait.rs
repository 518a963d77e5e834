//! Waiting for a server that starts: `--wait`, and the `Retry-After` of its answers.

use std::time::{Duration, Instant};

use http::{HeaderMap, StatusCode};

use super::agent::UserAgent;
use super::error::is_temporary;
use super::request::Request;
use super::retry_after::retry_after;

/// The delays between two attempts. The last one repeats.
const RETRY_DELAYS: [Duration; 5] = [
    Duration::from_millis(50),
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
];

impl UserAgent {
    /// Starts the time limit, if no request has, and returns its end.
    #[cfg(feature = "browser")]
    pub(crate) fn start_time_limit(&mut self) -> Instant {
        *self.deadline.get_or_insert_with(|| Instant::now() + self.config.timeout)
    }

    /// Moves the end of the time limit: the time since `started` does not count.
    #[cfg(feature = "browser")]
    pub(crate) fn discount(&mut self, started: Instant) {
        self.deadline = self.deadline.map(|deadline| deadline + started.elapsed());
    }

    /// Starts the time to wait with the first request.
    pub(super) fn start_to_wait(&mut self) {
        let wait = self.config.wait;
        self.wait.until.get_or_insert_with(|| Instant::now() + wait);
    }

    /// Sleeps before the next attempt to connect, if the failure is temporary and there is time left. Without an answer, the
    /// server may have received a request, so one that is not safe is sent again only if there was no connection.
    pub(super) async fn may_try_again(&mut self, request: &Request, error: &reqwest::Error) -> bool {
        let is_harmless = request.method.is_safe() || error.is_connect();
        if self.wait.is_ready || !is_harmless || !is_temporary(error) {
            return false;
        }
        self.sleep_at_most(self.next_delay()).await
    }

    /// Sleeps before the request is sent again, if the server is not ready yet or asks to send it later, and there is time
    /// left.
    pub(super) async fn asks_again(
        &mut self,
        request: &Request,
        status: StatusCode,
        headers: &HeaderMap,
    ) -> bool {
        let is_unavailable = matches!(status.as_u16(), 502..=504);
        self.wait.is_ready |= !is_unavailable;
        // A gateway does not know whether the application received the request.
        let is_harmless = request.method.is_safe() || status == StatusCode::SERVICE_UNAVAILABLE;
        let delay = match retry_after(headers, self.jar().now()) {
            Some(asked) if status == StatusCode::TOO_MANY_REQUESTS => asked,
            asked if is_unavailable && is_harmless && !self.wait.is_ready => {
                asked.unwrap_or_else(|| self.next_delay())
            }
            _ => return false,
        };
        self.sleep_at_most(delay).await
    }

    /// Waits before a form is sent: some applications refuse a form that is returned at once.
    pub(super) async fn delay_form(&mut self, request: &Request) {
        if !self.config.delay.is_zero() && request.from_page.is_some() && !request.method.is_safe() {
            self.sleep(self.config.delay).await;
        }
    }

    fn next_delay(&self) -> Duration {
        RETRY_DELAYS[self.wait.attempts.min(RETRY_DELAYS.len() - 1)]
    }

    /// Sleeps, unless the time to wait ends before.
    async fn sleep_at_most(&mut self, delay: Duration) -> bool {
        let end = Instant::now().checked_add(delay);
        let fits = self.wait.until.zip(end).is_some_and(|(until, end)| end < until);
        if fits {
            self.wait.attempts += 1;
            self.sleep(delay).await;
        }
        fits
    }

    /// Sleeps. The time does not count.
    async fn sleep(&mut self, delay: Duration) {
        tokio::time::sleep(delay).await;
        self.deadline = self.deadline.map(|deadline| deadline + delay);
    }
}
