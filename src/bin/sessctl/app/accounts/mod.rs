//! [`Accounts`]: the accounts of a running server, read from a file, and the check of passwords.

mod accounts_file;
mod hash_queue;
mod throttle;

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use argon2::password_hash::phc::{Output, PasswordHash};
use argon2::{Algorithm, Argon2, Block, Params, Version};

use sessctl::clock::Clock;
use sessctl::session::Record;

pub(crate) use accounts_file::{
    Account, AccountChangeError, AccountsError, AccountsFile, MAX_NAME_LEN, canonical_name,
};
use accounts_file::{Stamp, dummy_of};
use hash_queue::HashQueue;
use throttle::{Throttle, networks_of};

/// How often the file is checked for changes that end sessions. A login checks it at once.
const CHECK_INTERVAL: Duration = Duration::from_millis(500);

type OnFileError = Box<dyn Fn(Option<&AccountsError>) + Send + Sync>;

/// The threads that handle requests share it. `table` is locked for one lookup, and while one of them reads the file: the
/// others wait, and then see the new table.
pub(crate) struct Accounts {
    file: AccountsFile,
    /// Called with the error when the file becomes unreadable, and with `None` when it is readable again.
    on_file_error: OnFileError,
    table: Mutex<AccountTable>,
    hashing: Arc<HashQueue>,
    throttle: Throttle,
}

struct AccountTable {
    accounts: HashMap<String, Account>,
    /// Checked for a name without an account.
    dummy_hash: String,
    /// The stamp of the file when it was read.
    stamp: Option<Stamp>,
    /// When the file was last checked, and whether it was unreadable.
    checked: Instant,
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
        let stamp = file.stamp();
        let mut table = AccountTable {
            accounts: HashMap::new(),
            dummy_hash: String::new(),
            stamp,
            checked: Instant::now(),
            failed: false,
        };
        table.fill(file.read()?);
        Ok(Accounts {
            file,
            on_file_error: Box::new(on_file_error),
            table: Mutex::new(table),
            hashing: HashQueue::new(),
            throttle: Throttle::new(Arc::new(clock)),
        })
    }

    /// Whether a session is still valid: its account exists, is enabled, and has not changed since the login.
    pub(crate) fn admits(&self, record: &Record) -> bool {
        let is_current = |account: &Account| account.version == record.credential_version;
        let is_valid = |user| self.table(CHECK_INTERVAL).enabled(user).is_some_and(is_current);
        record.user.as_deref().is_none_or(is_valid)
    }

    /// Takes the same time for a name without an account.
    pub(super) async fn check(&self, name: &str, password: String, from: Option<IpAddr>) -> PasswordCheck {
        if let Some(seconds) = self.throttle.wait(name, from) {
            return PasswordCheck::RetryAfter(seconds);
        }
        let network = networks_of(from).pop().flatten();
        let Some(mut permit) = self.hashing.permit(network).await else {
            return PasswordCheck::RetryAfter(1);
        };
        let (hash, version) = {
            let table = self.table(Duration::ZERO);
            match table.enabled(name) {
                Some(account) => (account.password.clone(), Some(account.version)),
                None => (table.dummy_hash.clone(), None),
            }
        };
        // Hashing would block the threads that handle requests.
        let is_right = tokio::task::spawn_blocking(move || is_password(&password, &hash, permit.memory()));
        match (is_right.await.unwrap_or(false), version) {
            (true, Some(version)) => PasswordCheck::Right(version),
            _ => {
                self.throttle.failed(name, from);
                PasswordCheck::Wrong
            }
        }
    }

    /// The table, checked within `max_age`.
    fn table(&self, max_age: Duration) -> MutexGuard<'_, AccountTable> {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        if table.checked.elapsed() >= max_age {
            self.refresh(&mut table);
        }
        table
    }

    /// Reads the file if it has changed. If it cannot be read, the previous accounts stay: a mistake in editing it must not
    /// lock out all users.
    fn refresh(&self, table: &mut AccountTable) {
        table.checked = Instant::now();
        let stamp = self.file.stamp();
        if stamp == table.stamp && !table.failed {
            return;
        }
        let read = self.file.read();
        if read.is_err() != table.failed {
            table.failed = read.is_err();
            (self.on_file_error)(read.as_ref().err());
        }
        if let Ok(accounts) = read {
            table.fill(accounts);
            table.stamp = stamp;
        }
    }
}

impl AccountTable {
    fn fill(&mut self, accounts: Vec<Account>) {
        self.dummy_hash = accounts.first().map(|account| dummy_of(&account.password)).unwrap_or_default();
        let by_name = |account: Account| (canonical_name(&account.name).into_owned(), account);
        self.accounts = accounts.into_iter().map(by_name).collect();
    }

    fn enabled(&self, name: &str) -> Option<&Account> {
        self.accounts.get(&*canonical_name(name)).filter(|account| !account.disabled)
    }
}

/// Whether the password has this hash. `memory` is used for the hash.
fn is_password(password: &str, hash: &str, memory: &mut Vec<Block>) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else { return false };
    let (Some(salt), Some(expected)) = (&hash.salt, &hash.hash) else { return false };
    let algorithm = Algorithm::try_from(hash.algorithm.as_str());
    let version = hash.version.map_or(Ok(Version::default()), Version::try_from);
    let (Ok(algorithm), Ok(version), Ok(params)) = (algorithm, version, Params::try_from(&hash)) else {
        return false;
    };
    memory.resize(params.block_count(), Block::default());
    let mut output = vec![0; expected.len()];
    let argon2 = Argon2::new(algorithm, version, params);
    let hashed = argon2.hash_password_into_with_memory(password.as_bytes(), salt, &mut output, memory);
    // `Output` compares in constant time.
    hashed.is_ok() && Output::new(&output).is_ok_and(|output| output == *expected)
}
