//! Removes the entries of deleted records from the index of a user.

use super::command_error::CommandError;
use super::index::parse_entry;
use super::keyspace::Keyspace;
use super::node::Durability;
use super::router::parse;
use crate::session::TokenHash;

/// The number of entries that are checked at once.
const BATCH_SIZE: usize = 100;

/// The maximum number of batches for one login.
const MAX_BATCHES: usize = 10;

impl Keyspace {
    /// Removes entries whose records Redis has deleted: they expired. Each login calls this, because a user who never lists
    /// the sessions would otherwise keep all entries.
    ///
    /// It starts at a random place, and goes on while most entries are stale. So it checks few entries of a user with many
    /// live sessions, and live sessions never hide the stale ones behind them.
    pub(super) async fn prune_index(&self, user: &str, new: &TokenHash) -> Result<(), CommandError> {
        let index = self.index_key(user);
        let mut command = redis::cmd("ZCARD");
        let size: u64 = parse(self.router.run(&index, command.arg(&index), Durability::Server).await?)?;
        if size <= 1 {
            return Ok(());
        }
        // Keys are random.
        let random = new.as_bytes().iter().take(7).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        let mut start = random % size.saturating_sub(BATCH_SIZE as u64).saturating_add(1);
        for _ in 0..MAX_BATCHES {
            let mut command = redis::cmd("ZRANGE");
            command.arg(&index).arg(start).arg(start + BATCH_SIZE as u64 - 1);
            let entries: Vec<String> = parse(self.router.run(&index, &command, Durability::Server).await?)?;
            let count = entries.len();
            let stale = self.stale(entries).await?;
            if !stale.is_empty() {
                self.try_remove_from_index(user, &stale).await?;
            }
            if count < BATCH_SIZE || stale.len() * 2 < count {
                break;
            }
            start += (count - stale.len()) as u64;
        }
        Ok(())
    }

    /// Those of these entries whose records do not exist.
    async fn stale(&self, entries: Vec<String>) -> Result<Vec<String>, CommandError> {
        let name = |entry: &String| parse_entry(entry).map(|key| self.record_key(&key));
        let (mut names, mut known, mut stale) = (Vec::new(), Vec::new(), Vec::new());
        for entry in entries {
            match name(&entry) {
                Some(name) => {
                    names.push(name);
                    known.push(entry);
                }
                None => stale.push(entry),
            }
        }
        let exist: Vec<bool> = self.router.read_all("EXISTS", &names).await?;
        let missing = known.into_iter().zip(exist).filter(|(_, exists)| !exists);
        stale.extend(missing.map(|(entry, _)| entry));
        Ok(stale)
    }
}
