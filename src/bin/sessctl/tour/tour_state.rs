//! [`TourState`]: the cookies on the client and the sessions on the server at one time.

use sessctl::clock::{Clock, Timestamp};
use sessctl::cookies::StoredCookie;
use sessctl::session::Record;
use sessctl::session::{Owner, StoreError};

use super::Tour;

/// More than the tour ever has.
const MAX_SESSIONS: usize = 100;

#[derive(Debug, Clone)]
pub(crate) struct TourState {
    pub(crate) cookies: Vec<StoredCookie>,
    /// The oldest first.
    pub(crate) records: Vec<NumberedRecord>,
    pub(crate) now: Timestamp,
}

#[derive(Debug, Clone)]
pub(crate) struct NumberedRecord {
    /// The first session of the tour has number 1.
    pub(crate) number: usize,
    pub(crate) record: Record,
}

impl Tour {
    pub(super) async fn state(&mut self) -> Result<TourState, StoreError> {
        let page = self.sessions.list(Owner::Everyone, None, MAX_SESSIONS).await?;
        let mut records = Vec::new();
        for (_, record) in page.sessions {
            let known = self.handles.iter().position(|handle| *handle == record.handle);
            let index = known.unwrap_or_else(|| {
                self.handles.push(record.handle);
                self.handles.len() - 1
            });
            records.push(NumberedRecord { number: index + 1, record });
        }
        records.sort_by_key(|record| record.number);
        Ok(TourState { cookies: self.jar.cookies(), records, now: self.clock.now() })
    }
}
