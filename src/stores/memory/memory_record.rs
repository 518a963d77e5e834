//! [`MemoryRecord`]: a record in the tables of the memory store.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use hashbrown::HashTable;

use crate::clock::Timestamp;
use crate::session::{Data, Handle, Record, RecordOptions, Successor, TokenHash};

/// The records whose keys start with one byte, and the successors of such keys.
#[derive(Debug, Default)]
pub(super) struct RecordShard {
    pub(super) table: HashTable<MemoryRecord>,
    pub(super) successors: HashMap<TokenHash, Successor>,
}

/// A record. The fields that never change are shared with the index.
#[derive(Debug)]
pub(super) struct MemoryRecord {
    pub(super) fixed: Arc<FixedFields>,
    pub(super) data: Data,
    pub(super) last_seen: Timestamp,
}

#[derive(Debug)]
pub(super) struct FixedFields {
    pub(super) key: TokenHash,
    pub(super) handle: Handle,
    pub(super) user: Option<Arc<str>>,
    pub(super) credential_version: u64,
    pub(super) options: RecordOptions,
    pub(super) created: Timestamp,
    pub(super) absolute_expiry: Timestamp,
    /// Half the size of a `Duration`.
    pub(super) idle_millis: u64,
}

impl MemoryRecord {
    pub(super) fn new(key: TokenHash, record: Record) -> Self {
        let fixed = FixedFields {
            key,
            handle: record.handle,
            user: record.user,
            credential_version: record.credential_version,
            options: record.options,
            created: record.created,
            absolute_expiry: record.absolute_expiry,
            idle_millis: u64::try_from(record.idle_timeout.as_millis()).unwrap_or(u64::MAX),
        };
        MemoryRecord { fixed: Arc::new(fixed), data: record.data, last_seen: record.last_seen }
    }

    pub(super) fn record(&self) -> Record {
        let fixed = &*self.fixed;
        Record {
            handle: fixed.handle,
            user: fixed.user.clone(),
            credential_version: fixed.credential_version,
            options: fixed.options,
            data: self.data.clone(),
            created: fixed.created,
            last_seen: self.last_seen,
            idle_timeout: Duration::from_millis(fixed.idle_millis),
            absolute_expiry: fixed.absolute_expiry,
        }
    }

    /// This record under another key and handle.
    pub(super) fn under(&self, (key, handle): (TokenHash, Handle)) -> Self {
        MemoryRecord::new(key, Record { handle, ..self.record() })
    }

    pub(super) fn is_expired(&self, now: Timestamp) -> bool {
        let idle_timeout = Duration::from_millis(self.fixed.idle_millis);
        self.last_seen.plus(idle_timeout).min(self.fixed.absolute_expiry) <= now
    }
}

impl RecordShard {
    pub(super) fn remove(&mut self, key: &TokenHash) -> Option<MemoryRecord> {
        let found = self.table.find_entry(table_hash(key), |record| record.fixed.key == *key);
        found.ok().map(|entry| entry.remove().0)
    }
}

/// A key is a SHA-256 hash, so any of its bytes are a good hash. The first byte has chosen the shard.
pub(super) fn table_hash(key: &TokenHash) -> u64 {
    let key = key.as_bytes();
    u64::from_le_bytes([key[1], key[2], key[3], key[4], key[5], key[6], key[7], key[8]])
}
