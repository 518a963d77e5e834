//! [`MemoryStore`]: sessions in the memory of this process.
//!
//! Records are in shards by key, and an index of users is in shards by user. Each shard has its own lock, which is held
//! for one table operation: never across an await point, and never while another one is held. So a table that grows or is
//! swept delays only the requests of its own shard.

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::clock::Timestamp;
use crate::session::{
    Change, Changed, Cursor, Data, Handle, Owner, Page, Record, SessionStore, StoreError, TokenHash,
};

/// With a million sessions, a shard has 4,000. A table of that size grows, or is swept, within a millisecond.
const SHARD_COUNT: usize = 256;

/// Sessions in the memory of this process. They are lost when it ends.
///
/// ```
/// use sessctl::session::{SessionConfig, Sessions};
/// use sessctl::stores::MemoryStore;
///
/// let sessions = Sessions::new(MemoryStore::new(), &SessionConfig::default())?;
/// # drop(sessions);
/// # Ok::<(), sessctl::session::ConfigError>(())
/// ```
#[derive(Debug)]
pub struct MemoryStore {
    records: Vec<Mutex<HashTable<MemoryRecord>>>,
    users: Vec<Mutex<BTreeMap<UserKey, Arc<FixedFields>>>>,
    hasher: RandomState,
}

/// A record. The fields that never change are shared with the index.
#[derive(Debug)]
struct MemoryRecord {
    fixed: Arc<FixedFields>,
    data: Data,
    last_seen: Timestamp,
}

#[derive(Debug)]
struct FixedFields {
    key: TokenHash,
    handle: Handle,
    user: Option<Arc<str>>,
    credential: u64,
    created: Timestamp,
    absolute_expiry: Timestamp,
    /// Half the size of a `Duration`.
    idle_millis: u64,
}

/// Sorts a user's sessions from old to new. The first part is a keyed hash of the user, so clients cannot cause
/// collisions. Lists compare the names too.
type UserKey = (u64, Timestamp, Handle);

impl MemoryRecord {
    fn new(key: TokenHash, record: Record) -> Self {
        let Record { handle, user, credential, data, created, last_seen, idle_timeout, absolute_expiry } =
            record;
        let idle_millis = u64::try_from(idle_timeout.as_millis()).unwrap_or(u64::MAX);
        let fixed = FixedFields { key, handle, user, credential, created, absolute_expiry, idle_millis };
        MemoryRecord { fixed: Arc::new(fixed), data, last_seen }
    }

    fn record(&self) -> Record {
        let FixedFields { handle, credential, created, absolute_expiry, idle_millis, ref user, .. } =
            *self.fixed;
        let (user, data, last_seen) = (user.clone(), self.data.clone(), self.last_seen);
        let idle_timeout = Duration::from_millis(idle_millis);
        Record { handle, user, credential, data, created, last_seen, idle_timeout, absolute_expiry }
    }

    fn is_expired(&self, now: Timestamp) -> bool {
        let idle_timeout = Duration::from_millis(self.fixed.idle_millis);
        self.last_seen.plus(idle_timeout).min(self.fixed.absolute_expiry) <= now
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        MemoryStore {
            records: (0..SHARD_COUNT).map(|_| Mutex::default()).collect(),
            users: (0..SHARD_COUNT).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
        }
    }

    /// The number of records, including expired ones that were not swept yet.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.iter().map(|shard| lock(shard).len()).sum()
    }

    /// Whether there are no records.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn shard(&self, key: &TokenHash) -> MutexGuard<'_, HashTable<MemoryRecord>> {
        lock(&self.records[usize::from(key.as_bytes()[0])])
    }

    fn users_shard(&self, user_hash: u64) -> MutexGuard<'_, BTreeMap<UserKey, Arc<FixedFields>>> {
        lock(&self.users[usize::from(user_hash.to_le_bytes()[0])])
    }

    fn index(&self, fixed: &Arc<FixedFields>) {
        if let Some(user) = &fixed.user {
            let hash = self.hasher.hash_one(user);
            self.users_shard(hash).insert((hash, fixed.created, fixed.handle), Arc::clone(fixed));
        }
    }

    /// Removes the entry of this record from the index, but not the entry of another record with the same user, time and
    /// handle.
    fn unindex(&self, fixed: &Arc<FixedFields>) {
        if let Some(user) = &fixed.user {
            let hash = self.hasher.hash_one(user);
            let key = (hash, fixed.created, fixed.handle);
            let mut users = self.users_shard(hash);
            if users.get(&key).is_some_and(|indexed| Arc::ptr_eq(indexed, fixed)) {
                users.remove(&key);
            }
        }
    }

    /// Runs `work` on the live record under `key`, while its shard is locked.
    fn with_live<T>(
        &self,
        key: &TokenHash,
        now: Timestamp,
        work: impl FnOnce(&mut MemoryRecord) -> T,
    ) -> Option<T> {
        let mut shard = self.shard(key);
        let found = shard.find_mut(table_hash(key), |record| record.fixed.key == *key)?;
        (!found.is_expired(now)).then(|| work(found))
    }

    fn list_user(&self, user: &str, after: (Timestamp, Handle), limit: usize, now: Timestamp) -> Page {
        let hash = self.hasher.hash_one(user);
        let mut last = (hash, after.0, after.1);
        let mut sessions = Vec::new();
        while sessions.len() <= limit {
            let users = self.users_shard(hash);
            let next = users.range((Bound::Excluded(last), Bound::Unbounded)).next();
            let Some((key, fixed)) = next.filter(|(key, _)| key.0 == hash).map(|(k, v)| (*k, v.clone()))
            else {
                break;
            };
            drop(users);
            last = key;
            if fixed.user.as_deref() == Some(user)
                && let Some(record) = self.with_live(&fixed.key, now, |record| record.record())
            {
                sessions.push((fixed.key, record));
            }
        }
        Page::first(sessions, limit, |(_, record)| Cursor::of_creation(record))
    }

    fn list_everyone(&self, after: Option<TokenHash>, limit: usize, now: Timestamp) -> Page {
        let first_shard = after.map_or(0, |key| usize::from(key.as_bytes()[0]));
        let mut sessions = Vec::new();
        for shard in &self.records[first_shard..] {
            let shard = lock(shard);
            let live = shard.iter().filter(|record| !record.is_expired(now));
            let mut records: Vec<&MemoryRecord> =
                live.filter(|record| after.is_none_or(|key| record.fixed.key > key)).collect();
            records.sort_unstable_by_key(|record| record.fixed.key);
            let wanted = limit.saturating_add(1) - sessions.len();
            sessions.extend(records.into_iter().take(wanted).map(|it| (it.fixed.key, it.record())));
            if sessions.len() > limit {
                break;
            }
        }
        Page::first(sessions, limit, |(key, _)| Cursor::of_key(key))
    }
}

impl SessionStore for MemoryStore {
    async fn create(&self, key: TokenHash, record: Record) -> Result<(), StoreError> {
        let record = MemoryRecord::new(key, record);
        let fixed = Arc::clone(&record.fixed);
        // Indexed first: a call that finds the record to delete it also finds it in the index.
        self.index(&fixed);
        {
            let mut shard = self.shard(&key);
            let same = |other: &MemoryRecord| other.fixed.key == key;
            let entry = shard.entry(table_hash(&key), same, |other| table_hash(&other.fixed.key));
            if let Entry::Vacant(vacant) = entry {
                vacant.insert(record);
                return Ok(());
            }
        }
        self.unindex(&fixed);
        Err(StoreError::Exists)
    }

    async fn load(&self, key: TokenHash, now: Timestamp) -> Result<Option<Record>, StoreError> {
        Ok(self.with_live(&key, now, |record| record.record()))
    }

    async fn change(&self, key: TokenHash, change: &Change, now: Timestamp) -> Result<Changed, StoreError> {
        let changed = self.with_live(&key, now, |record| match change.apply_to(&record.data) {
            Ok(data) => {
                record.data = data.clone();
                Changed::Applied(data)
            }
            Err(error) => Changed::Rejected(error, record.data.clone()),
        });
        Ok(changed.unwrap_or(Changed::NotFound))
    }

    async fn touch(&self, key: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
        let touched = self.with_live(&key, now, |record| record.last_seen = record.last_seen.max(now));
        Ok(touched.is_some())
    }

    async fn delete(&self, key: TokenHash) -> Result<Option<Record>, StoreError> {
        let removed = {
            let mut shard = self.shard(&key);
            let found = shard.find_entry(table_hash(&key), |record| record.fixed.key == key);
            found.ok().map(|entry| entry.remove().0)
        };
        Ok(removed.map(|record| {
            self.unindex(&record.fixed);
            record.record()
        }))
    }

    async fn list(
        &self,
        owner: Owner<'_>,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        Ok(match owner {
            Owner::User(user) => self.list_user(user, Cursor::after_creation(after)?, limit, now),
            Owner::Everyone => self.list_everyone(Cursor::after_key(after)?, limit, now),
        })
    }

    async fn count(&self, _now: Timestamp) -> Result<Option<u64>, StoreError> {
        Ok(Some(self.len() as u64))
    }

    async fn sweep(&self, now: Timestamp) -> Result<usize, StoreError> {
        let mut swept = 0;
        for shard in &self.records {
            let expired: Vec<MemoryRecord> = {
                let mut shard = lock(shard);
                let expired = shard.extract_if(|record| record.is_expired(now)).collect();
                // Only a mostly empty table shrinks, so that a busy one does not shrink and grow in turn.
                if shard.len() < shard.capacity() / 4 {
                    shard.shrink_to_fit(|record| table_hash(&record.fixed.key));
                }
                expired
            };
            for record in &expired {
                self.unindex(&record.fixed);
            }
            swept += expired.len();
            tokio::task::yield_now().await;
        }
        Ok(swept)
    }
}

/// A key is a SHA-256 hash, so any of its bytes are a good hash. The first byte has chosen the shard.
fn table_hash(key: &TokenHash) -> u64 {
    let key = key.as_bytes();
    u64::from_le_bytes([key[1], key[2], key[3], key[4], key[5], key[6], key[7], key[8]])
}

/// Every operation on a table is one call, so a panic elsewhere leaves it consistent.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
