//! [`Accounts`]: the accounts of a running server, read from a file, and the check of passwords.

mod accounts_file;
mod throttle;

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordVerifier};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use sessctl::clock::Clock;
use sessctl::session::Record;

use accounts_file::{Account, DUMMY_HASH, Stamp};
pub(crate) use accounts_file::{AccountChangeError, AccountsError, AccountsFile, MAX_NAME_LEN};
use throttle::Throttle;

/// How often the file is checked for changes.
const CHECK_INTERVAL: Duration = Duration::from_millis(500);

/// How many passwords are hashed at once. Each takes tens of milliseconds of CPU time and 19 MiB.
const MAX_HASHES: usize = 2;

/// How many logins may wait to be hashed, and how long.
const MAX_WAITING: usize = 32;
const QUEUE_TIMEOUT: Duration = Duration::from_secs(2);

/// A place in the queue of logins that wait to be hashed.
struct QueuePlace(Arc<AtomicUsize>);

impl QueuePlace {
    fn take(waiting: &Arc<AtomicUsize>) -> Option<Self> {
        let before = waiting.fetch_add(1, Ordering::Relaxed);
        let place = QueuePlace(Arc::clone(waiting));
        (before < MAX_WAITING).then_some(place)
    }
}

impl Drop for QueuePlace {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

type OnFileError = Box<dyn Fn(Option<&AccountsError>) + Send + Sync>;

/// The threads that handle requests share it. `checked` is locked while one of them reads the file; the others wait, and
/// then see the new table. `table` is locked only to copy or replace the `Arc`.
pub(crate) struct Accounts {
    file: AccountsFile,
    /// Called with the error when the file becomes unreadable, and with `None` when it is readable again.
    on_file_error: OnFileError,
    table: RwLock<Arc<AccountTable>>,
    checked: Mutex<FileCheck>,
    hashing: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    throttle: Throttle,
}

impl fmt::Debug for Accounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accounts").field("file", &self.file).finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct AccountTable {
    accounts: HashMap<String, Account>,
    /// The stamp of the file when it was read.
    stamp: Option<Stamp>,
}

/// The last check of the file.
#[derive(Debug)]
struct FileCheck {
    at: Instant,
    failed: bool,
}

/// The result of checking a name and a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PasswordCheck {
    /// With the version of the account.
    Right(u64),
    /// The name is unknown, the account is disabled, or the password is wrong. The client is not told which.
    Wrong,
    /// Too many logins failed or are waiting. The client must wait this many seconds.
    RetryAfter(u64),
}

impl Accounts {
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn open(
        path: &Path,
        clock: impl Clock,
        on_file_error: impl Fn(Option<&AccountsError>) + Send + Sync + 'static,
    ) -> Result<Self, AccountsError> {
        let file = AccountsFile::new(path);
        let table = AccountTable { stamp: file.stamp(), accounts: by_name(file.read()?) };
        Ok(Accounts {
            file,
            on_file_error: Box::new(on_file_error),
            table: RwLock::new(Arc::new(table)),
            checked: Mutex::new(FileCheck { at: Instant::now(), failed: false }),
            hashing: Arc::new(Semaphore::new(MAX_HASHES)),
            waiting: Arc::default(),
            throttle: Throttle::new(Arc::new(clock)),
        })
    }

    /// Whether a session is still valid: its account exists, is enabled, and has not changed since the login.
    pub(crate) fn admits(&self, record: &Record) -> bool {
        let Some(user) = record.user.as_deref() else { return true };
        let table = self.current();
        table
            .accounts
            .get(user)
            .is_some_and(|account| !account.disabled && account.version == record.credential)
    }

    /// Takes the same time for a name without an account.
    pub(super) async fn check(&self, name: &str, password: String, from: Option<IpAddr>) -> PasswordCheck {
        if let Some(seconds) = self.throttle.wait(name, from) {
            return PasswordCheck::RetryAfter(seconds);
        }
        let Some(permit) = self.hash_permit().await else { return PasswordCheck::RetryAfter(1) };
        let account = self.current().accounts.get(name).filter(|account| !account.disabled).cloned();
        let (hash, version) = match account {
            Some(account) => (account.password, Some(account.version)),
            None => (DUMMY_HASH.to_owned(), None),
        };
        // Hashing would block the threads that handle requests.
        let is_right = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            is_password(&password, &hash)
        });
        match (is_right.await.unwrap_or(false), version) {
            (true, Some(version)) => PasswordCheck::Right(version),
            _ => {
                self.throttle.failed(name, from);
                PasswordCheck::Wrong
            }
        }
    }

    /// A permit to hash a password. `None`: the queue is full, or the wait was too long.
    async fn hash_permit(&self) -> Option<OwnedSemaphorePermit> {
        let place = QueuePlace::take(&self.waiting)?;
        let permit = tokio::time::timeout(QUEUE_TIMEOUT, Arc::clone(&self.hashing).acquire_owned()).await;
        drop(place);
        permit.ok()?.ok()
    }

    /// The accounts in the file, at most [`CHECK_INTERVAL`] old. If the file cannot be read, the previous accounts stay:
    /// a mistake in editing it must not lock out all users.
    fn current(&self) -> Arc<AccountTable> {
        let table = || Arc::clone(&self.table.read().unwrap_or_else(PoisonError::into_inner));
        // While one thread reads the file, the others wait here for the new table.
        let mut checked = self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        let table = table();
        if checked.at.elapsed() < CHECK_INTERVAL {
            return table;
        }
        checked.at = Instant::now();
        let stamp = self.file.stamp();
        if stamp == table.stamp && !checked.failed {
            return table;
        }
        let read = self.file.read();
        if read.is_err() != checked.failed {
            checked.failed = read.is_err();
            (self.on_file_error)(read.as_ref().err());
        }
        let Ok(accounts) = read else { return table };
        let fresh = Arc::new(AccountTable { accounts: by_name(accounts), stamp });
        *self.table.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&fresh);
        fresh
    }
}

fn by_name(accounts: Vec<Account>) -> HashMap<String, Account> {
    accounts.into_iter().map(|account| (account.name.clone(), account)).collect()
}

fn is_password(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queue_for_hashing_is_limited() {
        let waiting = Arc::default();
        let all: Vec<_> = (0..MAX_WAITING).filter_map(|_| QueuePlace::take(&waiting)).collect();
        assert_eq!(all.len(), MAX_WAITING);
        assert!(QueuePlace::take(&waiting).is_none());
        drop(all);
        assert!(QueuePlace::take(&waiting).is_some());
        assert_eq!(waiting.load(Ordering::Relaxed), 0);
    }
}
