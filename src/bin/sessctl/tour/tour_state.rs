//! [`TourState`]: the cookies on the client and the sessions on the server at one time.

use sessctl::clock::Timestamp;
use sessctl::cookies::{Jar, StoredCookie};
use sessctl::session::{Handle, Owner, Record, Sessions, StoreError};

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

impl TourState {
    /// Adds the handles of new sessions to `handles`.
    pub(super) async fn read(
        jar: &Jar,
        sessions: &Sessions,
        handles: &mut Vec<Handle>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let page = sessions.list(Owner::Everyone, None, MAX_SESSIONS).await?;
        let mut records = Vec::new();
        for (_, record) in page.sessions {
            let known = handles.iter().position(|handle| *handle == record.handle);
            let index = known.unwrap_or_else(|| {
                handles.push(record.handle);
                handles.len() - 1
            });
            records.push(NumberedRecord { number: index + 1, record });
        }
        records.sort_by_key(|record| record.number);
        Ok(TourState { cookies: jar.cookies(), records, now })
    }
}
