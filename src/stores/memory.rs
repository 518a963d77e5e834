//! [`MemoryStore`]: sessions in the memory of this process.
//!
//! Records are in shards by key, and an index of users is in shards by user. Each shard has its own lock, which is held
//! for one table operation: never across an await point, and never while another one is held, except that a rotation
//! locks the shards of both keys. So a table that grows or is swept delays only the requests of its own shard.

mod memory_record;

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hashbrown::hash_table::Entry;

use self::memory_record::{FixedFields, MemoryRecord, RecordShard, table_hash};
use crate::clock::Timestamp;
use crate::session::{
    Change, Changed, Cursor, ExpiredSession, Handle, Owner, Page, Record, Replacement, SessionStore,
    StoreError, Successor, TokenHash,
};

/// With a million sessions, a shard has 4,000. A table of that size grows, or is swept, within a millisecond.
const SHARD_COUNT: usize = 256;

/// Sessions in the memory of this process. They are lost when it ends.
///
/// ```
/// use sessctl::session::{SessionConfig, Sessions};
/// use sessctl::stores::MemoryStore;
///
/// let sessions = Sessions::new(MemoryStore::new(), SessionConfig::default())?;
/// # drop(sessions);
/// # Ok::<(), sessctl::session::ConfigError>(())
/// ```
///
/// A clone is cheap and refers to the same sessions.
#[derive(Debug, Clone)]
pub struct MemoryStore {
    /// [`SHARD_COUNT`] of them, so a byte is a valid index.
    records: Arc<[Mutex<RecordShard>; SHARD_COUNT]>,
    users: Arc<[Mutex<UserShard>; SHARD_COUNT]>,
    hasher: RandomState,
}

/// Sorts a user's sessions from old to new. The first part is a keyed hash of the user, so clients cannot cause
/// collisions. Lists compare the names too.
type UserKey = (u64, Timestamp, Handle);

/// The sessions of the users whose hash ends with one byte.
type UserShard = BTreeMap<UserKey, Arc<FixedFields>>;

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
            records: Arc::new(std::array::from_fn(|_| Mutex::default())),
            users: Arc::new(std::array::from_fn(|_| Mutex::default())),
            hasher: RandomState::new(),
        }
    }

    /// The number of records, including expired ones that were not swept yet.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.iter().map(|shard| lock(shard).table.len()).sum()
    }

    /// Whether there are no records.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn shard(&self, key: &TokenHash) -> MutexGuard<'_, RecordShard> {
        lock(&self.records[usize::from(key.as_bytes()[0])])
    }

    fn users_shard(&self, user_hash: u64) -> MutexGuard<'_, UserShard> {
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
        let found = shard.table.find_mut(table_hash(key), |record| record.fixed.key == *key)?;
        (!found.is_expired(now)).then(|| work(found))
    }

    /// Moves a live record to the key and handle in `fixed`, and returns it as it was. The locks of both shards are held,
    /// so no change gets lost and one of the two keys always finds the record.
    fn move_record(&self, key: &TokenHash, fixed: &Arc<FixedFields>, now: Timestamp) -> Option<MemoryRecord> {
        let (from, to) = (usize::from(key.as_bytes()[0]), usize::from(fixed.key.as_bytes()[0]));
        // Always in the same order, so that two moves do not wait for each other.
        let (mut first, mut second) =
            (lock(&self.records[from.min(to)]), (from != to).then(|| lock(&self.records[from.max(to)])));
        let (source, target) = match &mut second {
            None => (&mut *first, None),
            Some(second) if from < to => (&mut *first, Some(&mut **second)),
            Some(second) => (&mut **second, Some(&mut *first)),
        };
        let is_key = |record: &MemoryRecord| record.fixed.key == *key;
        source.table.find(table_hash(key), is_key).filter(|record| !record.is_expired(now))?;
        let previous = source.remove(key)?;
        source.successors.insert(*key, Successor::new(fixed.key, Replacement::Rotation, now));
        let (data, last_seen) = (previous.data.clone(), previous.last_seen);
        let moved = MemoryRecord { fixed: Arc::clone(fixed), data, last_seen };
        let target = target.unwrap_or(source);
        target.table.insert_unique(table_hash(&fixed.key), moved, |other| table_hash(&other.fixed.key));
        Some(previous)
    }

    fn list_user(&self, user: &str, after: (Timestamp, Handle), limit: usize, now: Timestamp) -> Page {
        let hash = self.hasher.hash_one(user);
        let mut last = (hash, after.0, after.1);
        let mut sessions: Vec<(TokenHash, Record)> = Vec::new();
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
                && let Some((key, record)) = self.find_rotated(fixed.key, now)
            {
                // A session that is rotated meanwhile has two entries with the same creation time.
                let mut same_time = sessions.iter().rev().take_while(|(_, it)| it.created == record.created);
                if same_time.all(|(listed, _)| *listed != key) {
                    sessions.push((key, record));
                }
            }
        }
        Page::first(sessions, limit, |(_, record)| Cursor::of_creation(&(record.created, record.handle)))
    }

    /// The live record under a key of the index, which may have been rotated since the entry was read.
    fn find_rotated(&self, key: TokenHash, now: Timestamp) -> Option<(TokenHash, Record)> {
        let mut at = key;
        loop {
            if let Some(record) = self.with_live(&at, now, |record| record.record()) {
                return Some((at, record));
            }
            let next = self.shard(&at).successors.get(&at).copied()?;
            at = Some(next).filter(|next| next.by == Replacement::Rotation)?.key;
        }
    }

    fn list_everyone(&self, after: Option<TokenHash>, limit: usize, now: Timestamp) -> Page {
        let first_shard = after.map_or(0, |key| usize::from(key.as_bytes()[0]));
        let mut sessions = Vec::new();
        for shard in &self.records[first_shard..] {
            let shard = lock(shard);
            let live = shard.table.iter().filter(|record| !record.is_expired(now));
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
            let entry = shard.table.entry(table_hash(&key), same, |other| table_hash(&other.fixed.key));
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
        let changed = self.with_live(&key, now, |record| Changed::apply(change, &mut record.data));
        Ok(changed.unwrap_or(Changed::NotFound))
    }

    async fn touch(&self, key: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
        let touched = self.with_live(&key, now, |record| record.last_seen = record.last_seen.max(now));
        Ok(touched.is_some())
    }

    async fn delete(&self, key: TokenHash) -> Result<Option<Record>, StoreError> {
        let removed = self.shard(&key).remove(&key);
        Ok(removed.map(|record| {
            self.unindex(&record.fixed);
            record.record()
        }))
    }

    async fn rotate(
        &self,
        key: TokenHash,
        to: (TokenHash, Handle),
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        let Some(moved) = self.with_live(&key, now, |record| record.under(to)) else { return Ok(None) };
        // As for a new record: it is in the index first.
        self.index(&moved.fixed);
        let Some(previous) = self.move_record(&key, &moved.fixed, now) else {
            self.unindex(&moved.fixed);
            return Ok(None);
        };
        self.unindex(&previous.fixed);
        Ok(Some(Record { handle: to.1, ..previous.record() }))
    }

    async fn supersede(
        &self,
        key: TokenHash,
        by: TokenHash,
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        let removed = {
            let mut shard = self.shard(&key);
            let removed = shard.remove(&key);
            if removed.is_some() {
                shard.successors.insert(key, Successor::new(by, Replacement::Login, now));
            }
            removed
        };
        Ok(removed.map(|record| {
            self.unindex(&record.fixed);
            record.record()
        }))
    }

    async fn successor(&self, key: TokenHash, now: Timestamp) -> Result<Option<Successor>, StoreError> {
        Ok(self.shard(&key).successors.get(&key).filter(|next| !next.is_expired(now)).copied())
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

    fn clock_tolerance(&self) -> Duration {
        Duration::ZERO
    }

    async fn sweep(&self, now: Timestamp) -> Result<Vec<ExpiredSession>, StoreError> {
        let mut swept = Vec::new();
        for shard in self.records.iter() {
            let expired: Vec<MemoryRecord> = {
                let mut shard = lock(shard);
                shard.successors.retain(|_, next| !next.is_expired(now));
                let table = &mut shard.table;
                let expired = table.extract_if(|record| record.is_expired(now)).collect();
                // Only a mostly empty table shrinks, so that a busy one does not shrink and grow in turn.
                if table.len() < table.capacity() / 4 {
                    table.shrink_to_fit(|record| table_hash(&record.fixed.key));
                }
                expired
            };
            for record in &expired {
                self.unindex(&record.fixed);
            }
            let removed =
                |record: MemoryRecord| ExpiredSession::new(record.fixed.handle, record.fixed.user.clone());
            swept.extend(expired.into_iter().map(removed));
            tokio::task::yield_now().await;
        }
        Ok(swept)
    }
}

/// Every operation on a table is one call, so a panic elsewhere leaves it consistent.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
