//! Who may log in: the accounts that a server reads from a file, and the checking of passwords against them.

mod file;
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

use file::Account;
pub(crate) use file::{AccountsError, AccountsFile, LONGEST_NAME, Problem};
use throttle::Throttle;

/// How often the file is looked at for a change.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// How many passwords are hashed at once: each takes the processor for tens of milliseconds, and 19 MiB.
const AT_ONCE: usize = 2;

/// How many may wait for their turn, and how long.
const MOST_WAITING: usize = 32;
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// One who waits for a turn.
struct Waiting(Arc<AtomicUsize>);

impl Waiting {
    fn one_more(waiting: &Arc<AtomicUsize>) -> Option<Self> {
        let before = waiting.fetch_add(1, Ordering::Relaxed);
        let one = Waiting(Arc::clone(waiting));
        (before < MOST_WAITING).then_some(one)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

type OnTrouble = Box<dyn Fn(Option<&AccountsError>) + Send + Sync>;

/// The accounts of a server that runs.
pub(crate) struct Accounts {
    file: AccountsFile,
    /// Hears when the file cannot be read any more (why), and when it can be again.
    on_trouble: OnTrouble,
    table: RwLock<Arc<Table>>,
    looked: Mutex<Looked>,
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
struct Table {
    accounts: HashMap<String, Account>,
    /// What the file was when it was read.
    stamp: Option<file::Stamp>,
}

/// When the file was last looked at, and whether it could not be read then.
#[derive(Debug)]
struct Looked {
    at: Instant,
    failed: bool,
}

/// What became of a name and a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// They are right; the version of the account's credentials.
    Right(u64),
    /// The name is unknown, the account disabled or the password wrong: nobody is told which.
    Wrong,
    /// Too many failed, or too many are being checked: try again after so many seconds.
    Later(u64),
}

impl Accounts {
    /// The accounts in this file.
    ///
    /// # Errors
    /// [`AccountsError`], when it cannot be read.
    pub(crate) fn open(
        path: &Path,
        clock: impl Clock,
        on_trouble: impl Fn(Option<&AccountsError>) + Send + Sync + 'static,
    ) -> Result<Self, AccountsError> {
        let file = AccountsFile::new(path);
        let table = Table { stamp: file.stamp(), accounts: by_name(file.read()?) };
        Ok(Accounts {
            file,
            on_trouble: Box::new(on_trouble),
            table: RwLock::new(Arc::new(table)),
            looked: Mutex::new(Looked { at: Instant::now(), failed: false }),
            hashing: Arc::new(Semaphore::new(AT_ONCE)),
            waiting: Arc::default(),
            throttle: Throttle::new(Arc::new(clock)),
        })
    }

    /// Whether a session may go on: its user is there, is not disabled, and has the credentials still by which the
    /// session began.
    pub(crate) fn admits(&self, record: &Record) -> bool {
        let Some(user) = record.user.as_deref() else { return true };
        let table = self.current();
        table
            .accounts
            .get(user)
            .is_some_and(|account| !account.disabled && account.version == record.credential)
    }

    /// Checks a name and a password. The same work is done for names that are not there.
    pub(super) async fn check(&self, name: &str, password: String, from: Option<IpAddr>) -> Verdict {
        if let Some(seconds) = self.throttle.wait(name, from) {
            return Verdict::Later(seconds);
        }
        let Some(turn) = self.turn().await else { return Verdict::Later(1) };
        let account = self.current().accounts.get(name).filter(|account| !account.disabled).cloned();
        let (hash, version) = match account {
            Some(account) => (account.password, Some(account.version)),
            None => (file::NOBODYS_PASSWORD.to_owned(), None),
        };
        // On a thread of its own: the threads that answer requests must not stand still meanwhile.
        let is_right = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            is_password(&password, &hash)
        });
        match (is_right.await.unwrap_or(false), version) {
            (true, Some(version)) => Verdict::Right(version),
            _ => {
                self.throttle.failed(name, from);
                Verdict::Wrong
            }
        }
    }

    /// A turn at hashing; `None`: too many wait for one, or it took too long.
    async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        let waiting = Waiting::one_more(&self.waiting)?;
        let turn = tokio::time::timeout(LONGEST_WAIT, Arc::clone(&self.hashing).acquire_owned()).await;
        drop(waiting);
        turn.ok()?.ok()
    }

    /// The accounts as they are in the file now, or were half a second ago. A file that cannot be read any more changes
    /// nothing: a mistake in editing it must not lock everybody out.
    fn current(&self) -> Arc<Table> {
        let table = || Arc::clone(&self.table.read().unwrap_or_else(PoisonError::into_inner));
        // Whoever comes while the file is read waits for what is in it.
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let table = table();
        if looked.at.elapsed() < LOOK_AGAIN {
            return table;
        }
        looked.at = Instant::now();
        let stamp = self.file.stamp();
        if stamp == table.stamp && !looked.failed {
            return table;
        }
        let read = self.file.read();
        if read.is_err() != looked.failed {
            looked.failed = read.is_err();
            (self.on_trouble)(read.as_ref().err());
        }
        let Ok(accounts) = read else { return table };
        let fresh = Arc::new(Table { accounts: by_name(accounts), stamp });
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
    fn no_more_than_so_many_wait_for_their_turn() {
        let waiting = Arc::default();
        let all: Vec<_> = (0..MOST_WAITING).filter_map(|_| Waiting::one_more(&waiting)).collect();
        assert_eq!(all.len(), MOST_WAITING);
        assert!(Waiting::one_more(&waiting).is_none());
        drop(all);
        assert!(Waiting::one_more(&waiting).is_some());
        assert_eq!(waiting.load(Ordering::Relaxed), 0);
    }
}
