//! Whether a store does what a login needs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sessctl::session::{
    Change, Changed, Cursor, ExpiredSession, Handle, Owner, Page, Record, SessionConfig, SessionStore,
    Sessions, StoreError, Successor, Timestamp, TokenHash,
};
use sessctl::stores::MemoryStore;

/// A store that counts the new records, and cannot list them.
struct Counting {
    store: MemoryStore,
    created: Arc<AtomicUsize>,
}

impl SessionStore for Counting {
    async fn create(&self, key: TokenHash, record: Record) -> Result<(), StoreError> {
        self.created.fetch_add(1, Ordering::SeqCst);
        self.store.create(key, record).await
    }

    async fn load(&self, key: TokenHash, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.store.load(key, now).await
    }

    async fn change(&self, key: TokenHash, change: &Change, now: Timestamp) -> Result<Changed, StoreError> {
        self.store.change(key, change, now).await
    }

    async fn touch(&self, key: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
        self.store.touch(key, now).await
    }

    async fn delete(&self, key: TokenHash) -> Result<Option<Record>, StoreError> {
        self.store.delete(key).await
    }

    async fn rotate(
        &self,
        key: TokenHash,
        to: (TokenHash, Handle),
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        self.store.rotate(key, to, now).await
    }

    async fn supersede(
        &self,
        key: TokenHash,
        by: TokenHash,
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        self.store.supersede(key, by, now).await
    }

    async fn successor(&self, key: TokenHash, now: Timestamp) -> Result<Option<Successor>, StoreError> {
        self.store.successor(key, now).await
    }

    async fn list(
        &self,
        _owner: Owner<'_>,
        _after: Option<&Cursor>,
        _limit: usize,
        _now: Timestamp,
    ) -> Result<Page, StoreError> {
        Err(StoreError::failed("the list is broken"))
    }

    async fn sweep(&self, now: Timestamp) -> Result<Vec<ExpiredSession>, StoreError> {
        self.store.sweep(now).await
    }
}

#[tokio::test]
async fn many_health_checks_write_to_the_store_rarely() {
    let created = Arc::new(AtomicUsize::new(0));
    let store = Counting { store: MemoryStore::new(), created: Arc::clone(&created) };
    let sessions = Sessions::new(store, SessionConfig::development()).unwrap();
    for _ in 0..1000 {
        sessions.ready().await.unwrap();
    }
    let created = created.load(Ordering::SeqCst);
    assert!((1..100).contains(&created), "{created} checks");
}

#[tokio::test]
async fn a_login_works_although_older_sessions_cannot_be_counted() {
    let store = Counting { store: MemoryStore::new(), created: Arc::default() };
    let config = SessionConfig::development().max_per_user(Some(1));
    let sessions = Sessions::new(store, config).unwrap();
    let session = sessions.open([]);
    session.login("alice").await.unwrap();
    assert_eq!(session.user().await.unwrap().as_deref(), Some("alice"));
    let cookie = session.set_cookie().expect("a cookie");
    let pair = cookie.as_bytes().split(|byte| *byte == b';').next().unwrap();
    assert_eq!(sessions.open([pair]).user().await.unwrap().as_deref(), Some("alice"));
}
