//! The conformance suite finds mistakes: each of these stores has one.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use sessctl::session::{
    Change, ChangeError, Changed, Cursor, Data, ExpiredSession, Handle, Owner, Page, Record, RecordOptions,
    Replacement, SessionStore, StoreError, Successor, Timestamp, TokenHash,
};
use sessctl::stores::conformance;
use tokio::task::yield_now;

macro_rules! mistakes {
    ($($name:ident,)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        enum Mistake { $($name,)* }
        const MISTAKES: &[Mistake] = &[$(Mistake::$name,)*];
    };
}

mistakes! {
    CreateReplaces,
    LoadsExpired,
    LivesAMillisecondLonger,
    IdleTimeoutInSeconds,
    CredentialOf32Bits,
    KeysSorted,
    TouchMovesBack,
    TouchRevivesExpired,
    TouchExtendsTheAbsoluteExpiry,
    TouchDoesNothing,
    ChangesExpired,
    ChangeIsNotAtomic,
    ChangeRestoresDeleted,
    ChangeCreates,
    ChangeIsPartlyApplied,
    ChangeWithoutSizeLimit,
    SumsInFloatingPoint,
    DeleteReturnsTheCreatedRecord,
    DeletedIsListed,
    RotationKeepsTheOldKey,
    RotationKeepsTheHandle,
    RotationMovesExpired,
    RotationLeavesAGap,
    RotationWithoutSuccessor,
    LoginIsARotation,
    LoginOfAnUnknownKey,
    SuccessorNeverExpires,
    ListByPrefix,
    UserInLowerCase,
    UserTrimmed,
    EmptyUserIsAnonymous,
    ForeignCursorIsAccepted,
    ListsNewestFirst,
    ListsExpired,
    PageIsTooLong,
    PagesByTimeAlone,
    EveryoneWithoutAnonymous,
    SweepsLive,
    SweepsNothing,
    SweepOnlyReports,
    SweepReportsNothing,
    OptionsAreLost,
}
use Mistake::*;

struct Faulty {
    mistake: Option<Mistake>,
    records: Mutex<BTreeMap<TokenHash, Record>>,
    created: Mutex<BTreeMap<TokenHash, Record>>,
    successors: Mutex<BTreeMap<TokenHash, Successor>>,
}

impl Faulty {
    fn with(mistake: Option<Mistake>) -> Self {
        let (records, created, successors) = Default::default();
        Faulty { mistake, records, created, successors }
    }

    fn has(&self, mistake: Mistake) -> bool {
        self.mistake == Some(mistake)
    }

    fn records(&self) -> MutexGuard<'_, BTreeMap<TokenHash, Record>> {
        self.records.lock().unwrap()
    }

    fn is_live(&self, record: &Record, now: Timestamp) -> bool {
        let end = match self.has(LivesAMillisecondLonger) {
            true => record.expires().plus(Duration::from_millis(1)),
            false => record.expires(),
        };
        now < end
    }

    fn live(&self, key: TokenHash, now: Timestamp) -> Option<Record> {
        self.records().get(&key).filter(|record| self.is_live(record, now)).cloned()
    }

    /// The record as this store keeps it.
    fn stored(&self, mut record: Record) -> Record {
        let user = record.user.as_deref();
        match self.mistake {
            Some(IdleTimeoutInSeconds) => {
                record.idle_timeout = Duration::from_secs(record.idle_timeout.as_secs());
            }
            Some(CredentialOf32Bits) => record.credential_version &= u64::from(u32::MAX),
            Some(KeysSorted) => record.data = sorted(&record.data),
            Some(OptionsAreLost) => record.options = RecordOptions::default(),
            Some(UserInLowerCase) => record.user = user.map(|user| user.to_lowercase().into()),
            Some(UserTrimmed) => record.user = user.map(|user| user.trim().into()),
            Some(EmptyUserIsAnonymous) => record.user = record.user.filter(|user| !user.is_empty()),
            _ => {}
        }
        record
    }

    fn change_of(&self, change: &Change, before: &Data) -> (Data, Result<Data, ChangeError>) {
        let result = change.apply_to(before);
        let kept = match (&result, self.mistake) {
            (Err(_), Some(ChangeIsPartlyApplied)) => {
                let mut data = before.clone();
                for operation in change.operations() {
                    let Ok(next) = Change::new().and(operation.clone()).apply_to(&data) else { break };
                    data = next;
                }
                data
            }
            (Err(_), _) => before.clone(),
            (Ok(data), Some(KeysSorted)) => sorted(data),
            (Ok(data), Some(SumsInFloatingPoint)) => in_floating_point(data),
            (Ok(data), _) => data.clone(),
        };
        match result {
            Ok(_) => (kept.clone(), Ok(kept)),
            Err(ChangeError::TooLarge(_)) if self.has(ChangeWithoutSizeLimit) => (kept.clone(), Ok(kept)),
            Err(error) => (kept, Err(error)),
        }
    }
}

fn sorted(data: &Data) -> Data {
    let sorted: BTreeMap<_, _> = data.iter().map(|(key, value)| (key.to_owned(), value.clone())).collect();
    sorted.into_iter().collect()
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "that is the mistake")]
fn in_floating_point(data: &Data) -> Data {
    let value = |value: &serde_json::Value| match value.as_i64() {
        Some(n) => (n as f64 as i64).into(),
        None => value.clone(),
    };
    data.iter().map(|(key, it)| (key.to_owned(), value(it))).collect()
}

impl SessionStore for Faulty {
    async fn create(&self, key: TokenHash, record: Record) -> Result<(), StoreError> {
        let record = self.stored(record);
        let mut records = self.records();
        if records.contains_key(&key) && !self.has(CreateReplaces) {
            return Err(StoreError::Exists);
        }
        self.created.lock().unwrap().insert(key, record.clone());
        records.insert(key, record);
        Ok(())
    }

    async fn load(&self, key: TokenHash, now: Timestamp) -> Result<Option<Record>, StoreError> {
        match self.has(LoadsExpired) {
            true => Ok(self.records().get(&key).cloned()),
            false => Ok(self.live(key, now)),
        }
    }

    async fn change(&self, key: TokenHash, change: &Change, now: Timestamp) -> Result<Changed, StoreError> {
        let found = match self.has(ChangesExpired) {
            true => self.records().get(&key).cloned(),
            false => self.live(key, now),
        };
        let before = match found {
            Some(record) => record,
            None if self.has(ChangeCreates) => Record::new(
                Handle::from_uuid(sessctl::uuid::Uuid::nil()),
                now,
                Duration::from_secs(60),
                now + Duration::from_secs(60),
            ),
            None => return Ok(Changed::NotFound),
        };
        let (kept, result) = self.change_of(change, &before.data);
        if [ChangeIsNotAtomic, ChangeRestoresDeleted].into_iter().any(|it| self.has(it)) {
            yield_now().await;
        }
        let mut records = self.records();
        if records.contains_key(&key) || self.has(ChangeRestoresDeleted) || self.has(ChangeCreates) {
            let record = records.entry(key).or_insert_with(|| before.clone());
            record.data = kept;
        }
        Ok(match result {
            Ok(data) => Changed::Applied(data),
            Err(error) => Changed::Rejected(error, before.data),
        })
    }

    async fn touch(&self, key: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
        let mut records = self.records();
        let is_live = |record: &&mut Record| self.has(TouchRevivesExpired) || self.is_live(record, now);
        let Some(record) = records.get_mut(&key).filter(is_live) else { return Ok(false) };
        match self.mistake {
            Some(TouchDoesNothing) => {}
            Some(TouchMovesBack) => record.last_seen = now,
            _ => record.last_seen = record.last_seen.max(now),
        }
        if self.has(TouchExtendsTheAbsoluteExpiry) {
            record.absolute_expiry = record.absolute_expiry.max(now + Duration::from_secs(600));
        }
        Ok(true)
    }

    async fn delete(&self, key: TokenHash) -> Result<Option<Record>, StoreError> {
        let removed = match self.has(DeletedIsListed) {
            // The entry stays, for an anonymous user who cannot be found.
            true => self.records().get_mut(&key).map(|record| {
                let removed = record.clone();
                record.idle_timeout = Duration::ZERO;
                removed
            }),
            false => self.records().remove(&key),
        };
        Ok(match self.mistake {
            Some(DeleteReturnsTheCreatedRecord) => {
                removed.and_then(|_| self.created.lock().unwrap().get(&key).cloned())
            }
            _ => removed,
        })
    }

    async fn rotate(
        &self,
        key: TokenHash,
        (to, handle): (TokenHash, Handle),
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        let found = match self.has(RotationMovesExpired) {
            true => self.records().get(&key).cloned(),
            false => self.live(key, now),
        };
        let Some(mut record) = found else { return Ok(None) };
        if !self.has(RotationKeepsTheHandle) {
            record.handle = handle;
        }
        if !self.has(RotationKeepsTheOldKey) {
            self.records().remove(&key);
        }
        if self.has(RotationLeavesAGap) {
            yield_now().await;
        }
        self.records().insert(to, record.clone());
        if !self.has(RotationWithoutSuccessor) {
            let next = Successor::new(to, Replacement::Rotation, now);
            self.successors.lock().unwrap().insert(key, next);
        }
        Ok(Some(record))
    }

    async fn supersede(
        &self,
        key: TokenHash,
        by: TokenHash,
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        let removed = self.records().remove(&key);
        if removed.is_some() || self.has(LoginOfAnUnknownKey) {
            let why = match self.has(LoginIsARotation) {
                true => Replacement::Rotation,
                false => Replacement::Login,
            };
            self.successors.lock().unwrap().insert(key, Successor::new(by, why, now));
        }
        Ok(removed)
    }

    async fn successor(&self, key: TokenHash, now: Timestamp) -> Result<Option<Successor>, StoreError> {
        let found = self.successors.lock().unwrap().get(&key).copied();
        Ok(found.filter(|next| self.has(SuccessorNeverExpires) || !next.is_expired(now)))
    }

    async fn list(
        &self,
        owner: Owner<'_>,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        let position = match after.map(|cursor| cursor.0.parse::<i64>()) {
            None => -1,
            Some(Ok(position)) => position,
            Some(Err(_)) if self.has(ForeignCursorIsAccepted) => -1,
            Some(Err(_)) => return Err(StoreError::BadCursor),
        };
        let is_theirs = |record: &Record| match (owner, self.mistake) {
            (Owner::User(user), Some(ListByPrefix)) => {
                record.user.as_deref().is_some_and(|it| it.starts_with(user))
            }
            (Owner::User(user), Some(UserInLowerCase)) => {
                record.user.as_deref() == Some(&user.to_lowercase())
            }
            (Owner::User(user), Some(UserTrimmed)) => record.user.as_deref() == Some(user.trim()),
            (Owner::User(user), _) => record.user.as_deref() == Some(user),
            (Owner::Everyone, Some(EveryoneWithoutAnonymous)) => record.user.is_some(),
            _ => true,
        };
        let is_shown = |record: &Record| {
            self.has(ListsExpired)
                || self.is_live(record, now)
                || (self.has(DeletedIsListed) && record.idle_timeout.is_zero())
        };
        let records = self.records();
        let mut theirs: Vec<_> = records.iter().filter(|(_, it)| is_theirs(it) && is_shown(it)).collect();
        theirs.sort_by_key(|(_, record)| record.created);
        if self.has(ListsNewestFirst) {
            theirs.reverse();
        }
        let place = |index: usize, record: &Record| match self.has(PagesByTimeAlone) {
            true => record.created.as_millis(),
            false => i64::try_from(index).unwrap(),
        };
        let rest: Vec<_> =
            theirs.into_iter().enumerate().filter(|(index, (_, it))| place(*index, it) > position).collect();
        let limit = if self.has(PageIsTooLong) { limit + 1 } else { limit };
        let next = rest.get(..limit).filter(|_| rest.len() > limit).and_then(<[_]>::last);
        let next = next.map(|(index, (_, it))| Cursor(place(*index, it).to_string()));
        let sessions = rest.into_iter().take(limit).map(|(_, (key, it))| (*key, it.clone())).collect();
        Ok(Page::new(sessions, next))
    }

    async fn sweep(&self, now: Timestamp) -> Result<Vec<ExpiredSession>, StoreError> {
        self.successors.lock().unwrap().retain(|_, next| !next.is_expired(now));
        let mut records = self.records();
        let expired = records.values().filter(|record| record.is_expired(now)).cloned();
        let expired: Vec<ExpiredSession> = expired.map(Into::into).collect();
        match self.mistake {
            Some(SweepsNothing) => return Ok(Vec::new()),
            Some(SweepOnlyReports) => {}
            Some(SweepsLive) => records.retain(|_, record| record.expires() > now + Duration::from_secs(1)),
            _ => records.retain(|_, record| !record.is_expired(now)),
        }
        match self.has(SweepReportsNothing) {
            true => Ok(Vec::new()),
            false => Ok(expired),
        }
    }
}

/// What the suite says about a store with this mistake. `None`: nothing.
fn verdict(mistake: Option<Mistake>) -> Option<String> {
    // On one thread, so that the order of tasks is always the same.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let check = || runtime.block_on(conformance::check(async || Faulty::with(mistake)));
    let panic = catch_unwind(AssertUnwindSafe(check)).err()?;
    let text = panic.downcast_ref::<String>().cloned();
    Some(text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default())
}

#[test]
fn the_suite_finds_every_mistake() {
    assert_eq!(verdict(None), None, "the store without a mistake");
    assert!(MISTAKES.len() >= 30);
    let missed: Vec<_> = MISTAKES.iter().filter(|mistake| verdict(Some(**mistake)).is_none()).collect();
    assert!(missed.is_empty(), "the suite misses {missed:?}");
}
