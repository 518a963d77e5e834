//! [`MemoryStore`]: sessions in this process, gone when it ends.
//!
//! Records lie in shards by their key, and an index of users lies in shards by user, each behind a lock of
//! its own that is held for one table operation: never across an await, never while another is held. A
//! table that grows or is swept holds up only the requests of its own shard.

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::clock::Timestamp;
use crate::session::{Change, Data, Handle, Record, TokenHash};
use crate::session::{Changed, Cursor, Owner, Page, SessionStore, StoreError};

/// A million sessions are 4,000 a shard: a table of that size grows, and is swept, within a millisecond.
const SHARDS: usize = 256;

/// Sessions in the memory of this process.
#[derive(Debug)]
pub struct MemoryStore {
    records: Vec<Mutex<HashTable<Slot>>>,
    users: Vec<Mutex<BTreeMap<UserKey, Arc<Fixed>>>>,
    hasher: RandomState,
}

/// A record, split into what never changes and is shared with the index, and what does.
#[derive(Debug)]
struct Slot {
    fixed: Arc<Fixed>,
    data: Data,
    last_seen: Timestamp,
}

#[derive(Debug)]
struct Fixed {
    key: TokenHash,
    handle: Handle,
    user: Option<Arc<str>>,
    credential: u64,
    created: Timestamp,
    absolute_expiry: Timestamp,
    /// In milliseconds: half the size of a duration.
    idle_millis: u64,
}

/// Orders a user's sessions from old to new. Users are told apart by a keyed hash, which a client cannot
/// aim at, and by name again when listed.
type UserKey = (u64, Timestamp, Handle);

impl Slot {
    fn new(key: TokenHash, record: Record) -> Self {
        let Record { handle, user, credential, data, created, last_seen, idle_timeout, absolute_expiry } =
            record;
        let idle_millis = u64::try_from(idle_timeout.as_millis()).unwrap_or(u64::MAX);
        Slot {
            fixed: Arc::new(Fixed { key, handle, user, credential, created, absolute_expiry, idle_millis }),
            data,
            last_seen,
        }
    }

    fn record(&self) -> Record {
        let Fixed { handle, credential, created, absolute_expiry, idle_millis, ref user, .. } = *self.fixed;
        let (user, data) = (user.clone(), self.data.clone());
        let idle_timeout = Duration::from_millis(idle_millis);
        Record {
            handle,
            user,
            credential,
            data,
            created,
            last_seen: self.last_seen,
            idle_timeout,
            absolute_expiry,
        }
    }

    fn is_expired(&self, now: Timestamp) -> bool {
        self.last_seen.plus(Duration::from_millis(self.fixed.idle_millis)).min(self.fixed.absolute_expiry)
            <= now
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
            records: (0..SHARDS).map(|_| Mutex::default()).collect(),
            users: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
        }
    }

    /// How many records are held, expired ones that were not swept yet included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.iter().map(|shard| lock(shard).len()).sum()
    }

    /// Whether no record is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn shard(&self, key: &TokenHash) -> MutexGuard<'_, HashTable<Slot>> {
        lock(&self.records[usize::from(key.as_bytes()[0])])
    }

    fn users_shard(&self, user_hash: u64) -> MutexGuard<'_, BTreeMap<UserKey, Arc<Fixed>>> {
        lock(&self.users[usize::from(user_hash.to_le_bytes()[0])])
    }

    fn index(&self, fixed: Arc<Fixed>) {
        if let Some(user) = &fixed.user {
            let hash = self.hasher.hash_one(user);
            self.users_shard(hash).insert((hash, fixed.created, fixed.handle), fixed);
        }
    }

    fn unindex(&self, fixed: &Fixed) {
        if let Some(user) = &fixed.user {
            let hash = self.hasher.hash_one(user);
            self.users_shard(hash).remove(&(hash, fixed.created, fixed.handle));
        }
    }

    /// Runs `work` on the live slot under `key`, within the shard's lock.
    fn with_live<T>(&self, key: &TokenHash, now: Timestamp, work: impl FnOnce(&mut Slot) -> T) -> Option<T> {
        let mut shard = self.shard(key);
        let slot = shard.find_mut(table_hash(key), |slot| slot.fixed.key == *key)?;
        (!slot.is_expired(now)).then(|| work(slot))
    }

    fn list_user(&self, user: &str, after: Option<UserKey>, limit: usize, now: Timestamp) -> Page {
        let hash = self.hasher.hash_one(user);
        let mut from = match after {
            Some(last) => Bound::Excluded(last),
            None => Bound::Included((
                hash,
                Timestamp::from_millis(i64::MIN),
                Handle::from_uuid(uuid::Uuid::nil()),
            )),
        };
        let mut page = Page::default();
        while page.sessions.len() < limit {
            let next =
                self.users_shard(hash).range((from, Bound::Unbounded)).next().map(|(k, v)| (*k, v.clone()));
            let Some((position, fixed)) = next.filter(|(position, _)| position.0 == hash) else {
                page.next = None;
                return page;
            };
            from = Bound::Excluded(position);
            if fixed.user.as_deref() == Some(user)
                && let Some(record) = self.with_live(&fixed.key, now, |slot| slot.record())
            {
                page.sessions.push((fixed.key, record));
                page.next = Some(Cursor(format!("{}/{}", position.1.as_millis(), position.2)));
            }
        }
        page
    }

    fn list_everyone(&self, after: Option<TokenHash>, limit: usize, now: Timestamp) -> Page {
        let first_shard = after.map_or(0, |key| usize::from(key.as_bytes()[0]));
        let mut page = Page::default();
        for shard in &self.records[first_shard..] {
            let shard = lock(shard);
            let live = shard.iter().filter(|slot| !slot.is_expired(now));
            let mut slots: Vec<&Slot> =
                live.filter(|slot| after.is_none_or(|key| slot.fixed.key > key)).collect();
            slots.sort_unstable_by_key(|slot| slot.fixed.key);
            for slot in slots {
                if page.sessions.len() == limit {
                    page.next = page.sessions.last().map(|(key, _)| Cursor::of_key(key));
                    return page;
                }
                page.sessions.push((slot.fixed.key, slot.record()));
            }
        }
        page
    }
}

impl SessionStore for MemoryStore {
    async fn create(&self, key: TokenHash, record: Record) -> Result<(), StoreError> {
        let slot = Slot::new(key, record);
        let fixed = Arc::clone(&slot.fixed);
        // Indexed first: whoever finds the record, to delete it, finds it in the index too.
        self.index(Arc::clone(&fixed));
        let is_new = {
            let mut shard = self.shard(&key);
            let same = |slot: &Slot| slot.fixed.key == key;
            match shard.entry(table_hash(&key), same, |slot| table_hash(&slot.fixed.key)) {
                Entry::Occupied(_) => false,
                Entry::Vacant(place) => {
                    place.insert(slot);
                    true
                }
            }
        };
        if is_new {
            return Ok(());
        }
        // Ours, that is: the session that exists may be the same user's, of the same moment.
        if let Some(user) = &fixed.user {
            let hash = self.hasher.hash_one(user);
            let place = (hash, fixed.created, fixed.handle);
            let mut users = self.users_shard(hash);
            if users.get(&place).is_some_and(|indexed| Arc::ptr_eq(indexed, &fixed)) {
                users.remove(&place);
            }
        }
        Err(StoreError::Exists)
    }

    async fn load(&self, key: TokenHash, now: Timestamp) -> Result<Option<Record>, StoreError> {
        Ok(self.with_live(&key, now, |slot| slot.record()))
    }

    async fn change(&self, key: TokenHash, change: &Change, now: Timestamp) -> Result<Changed, StoreError> {
        let changed = self.with_live(&key, now, |slot| match change.apply_to(&slot.data) {
            Ok(data) => {
                slot.data = data.clone();
                Changed::Applied(data)
            }
            Err(refusal) => Changed::Rejected(refusal, slot.data.clone()),
        });
        Ok(changed.unwrap_or(Changed::NotFound))
    }

    async fn touch(&self, key: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.with_live(&key, now, |slot| slot.last_seen = slot.last_seen.max(now)).is_some())
    }

    async fn delete(&self, key: TokenHash) -> Result<Option<Record>, StoreError> {
        let removed = {
            let mut shard = self.shard(&key);
            let found = shard.find_entry(table_hash(&key), |slot| slot.fixed.key == key);
            found.ok().map(|entry| entry.remove().0)
        };
        Ok(removed.map(|slot| {
            self.unindex(&slot.fixed);
            slot.record()
        }))
    }

    async fn list(
        &self,
        owner: Owner<'_>,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        match owner {
            Owner::User(user) => {
                let hash = self.hasher.hash_one(user);
                let after = after.map(|cursor| user_key_of(hash, cursor).ok_or(StoreError::BadCursor));
                Ok(self.list_user(user, after.transpose()?, limit, now))
            }
            Owner::Everyone => {
                let after = after.map(|cursor| cursor.to_key().ok_or(StoreError::BadCursor));
                Ok(self.list_everyone(after.transpose()?, limit, now))
            }
        }
    }

    async fn count(&self, _now: Timestamp) -> Result<Option<u64>, StoreError> {
        Ok(Some(self.len() as u64))
    }

    async fn sweep(&self, now: Timestamp) -> Result<usize, StoreError> {
        let mut swept = 0;
        for shard in &self.records {
            let expired: Vec<Slot> = {
                let mut shard = lock(shard);
                let expired = shard.extract_if(|slot| slot.is_expired(now)).collect();
                // Give room back only when most of it is unused, so that a busy table does not shrink and grow.
                if shard.len() < shard.capacity() / 4 {
                    shard.shrink_to_fit(|slot| table_hash(&slot.fixed.key));
                }
                expired
            };
            for slot in &expired {
                self.unindex(&slot.fixed);
            }
            swept += expired.len();
            tokio::task::yield_now().await;
        }
        Ok(swept)
    }
}

/// A key is a SHA-256: any eight of its octets are as good a hash as there is. The first chose the shard.
fn table_hash(key: &TokenHash) -> u64 {
    let octets = key.as_bytes();
    u64::from_le_bytes([
        octets[1], octets[2], octets[3], octets[4], octets[5], octets[6], octets[7], octets[8],
    ])
}

/// A panic elsewhere leaves a table whole: every operation on it is one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn user_key_of(user_hash: u64, cursor: &Cursor) -> Option<UserKey> {
    let (created, handle) = cursor.0.split_once('/')?;
    Some((user_hash, Timestamp::from_millis(created.parse().ok()?), Handle::from_uuid(handle.parse().ok()?)))
}
