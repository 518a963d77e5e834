//! What client and server keep at a moment.

use sessctl::clock::{Clock, Timestamp};
use sessctl::cookies::StoredCookie;
use sessctl::session::Record;
use sessctl::session::{Owner, StoreError};

use super::Tour;

/// More sessions than the walk ever has.
const ALL: usize = 100;

/// Both sides.
#[derive(Debug, Clone)]
pub(crate) struct Sides {
    /// The client's jar.
    pub(crate) cookies: Vec<StoredCookie>,
    /// The server's records, in the order in which they began.
    pub(crate) records: Vec<Kept>,
    pub(crate) now: Timestamp,
}

/// A record of the server.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    /// Which session of the walk it is, from 1.
    pub(crate) number: usize,
    pub(crate) record: Record,
}

impl Tour {
    pub(super) async fn sides(&mut self) -> Result<Sides, StoreError> {
        let page = self.sessions.list(Owner::Everyone, None, ALL).await?;
        let mut records = Vec::new();
        for (_, record) in page.sessions {
            let known = self.handles.iter().position(|handle| *handle == record.handle);
            let index = known.unwrap_or_else(|| {
                self.handles.push(record.handle);
                self.handles.len() - 1
            });
            records.push(Kept { number: index + 1, record });
        }
        records.sort_by_key(|kept| kept.number);
        Ok(Sides { cookies: self.jar.cookies(), records, now: self.clock.now() })
    }
}
