//! Replacing the key of a record.
//!
//! In a cluster the two keys are on different servers, so a rotation takes three steps, and any server can do the last one:
//!
//! 1. A placeholder under the new key, and an entry in the index.
//! 2. In one step, the record under the previous key is replaced by a pointer that contains it. From here on, changes under
//!    the previous key do not find the record.
//! 3. The placeholder is replaced by the record: by the rotation, or by a call that finds the pointer before.

use redis::Value;

use super::index::entry_of;
use super::keyspace::Keyspace;
use super::node::Durability;
use super::pointer::{self, Pointer};
use super::record::{self, time_to_live};
use super::router::parse;
use crate::clock::Timestamp;
use crate::session::{Handle, Record, Replacement, StoreError, Successor, TokenHash};

impl Keyspace {
    /// Gives the live record under `key` another key and handle.
    pub(super) async fn rotate(
        &self,
        key: &TokenHash,
        (to, handle): (TokenHash, Handle),
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        let Some(record) = self.record(key).await?.filter(|record| !record.is_expired(now)) else {
            return Ok(None);
        };
        let (new_key, placeholder) = (self.record_key(&to), pointer::placeholder());
        let mut command = redis::cmd("SET");
        command.arg(&new_key).arg(&placeholder).arg("NX").arg("PX");
        command.arg(time_to_live(now, now.plus(Successor::LIFETIME)));
        let written = self.router.run(&new_key, &command, Durability::Replica).await;
        if written.map_err(StoreError::failed)? == Value::Nil {
            return Err(StoreError::Exists);
        }
        self.add_to_index(&to, &record, now).await.map_err(StoreError::failed)?;
        let next = Successor::new(to, Replacement::Rotation, now);
        let Some(moving) = self.replace(key, next, Some(handle), now).await? else {
            let _ = self.scripts.undo.run(&self.router, &new_key, &[&placeholder], Durability::Server).await;
            self.remove_record_from_index(&to, &record).await;
            return Ok(None);
        };
        let moved = Record { handle, ..moving };
        self.install(&to, &moved, now).await?;
        self.remove_record_from_index(key, &moved).await;
        Ok(Some(moved))
    }

    /// Deletes the record under `key`, in favor of the one under `by`.
    pub(super) async fn supersede(
        &self,
        key: &TokenHash,
        by: TokenHash,
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        let removed = self.replace(key, Successor::new(by, Replacement::Login, now), None, now).await?;
        if let Some(removed) = &removed {
            self.remove_record_from_index(key, removed).await;
        }
        Ok(removed)
    }

    /// What replaced the key. A record that moves there has arrived.
    pub(super) async fn successor(
        &self,
        key: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<Successor>, StoreError> {
        let found = self.record(key).await?;
        let Some(pointer) = found.as_ref().and_then(Pointer::of) else { return Ok(None) };
        if pointer.next.is_expired(now) {
            return Ok(None);
        }
        if let Some(moving) = &pointer.moving {
            self.install(&pointer.next.key, moving, now).await?;
        }
        Ok(Some(pointer.next))
    }

    /// The live record that a rotation has moved from a key where `found` was read. `only_just_now`: not if it was under
    /// its new key before this call.
    pub(super) async fn moved(
        &self,
        found: &Record,
        only_just_now: bool,
        now: Timestamp,
    ) -> Result<Option<(TokenHash, Record)>, StoreError> {
        let Some(Pointer { next, moving: Some(moving) }) = Pointer::of(found) else { return Ok(None) };
        if next.is_expired(now) {
            return Ok(None);
        }
        if !self.install(&next.key, &moving, now).await? && only_just_now {
            return Ok(None);
        }
        let record = self.record(&next.key).await?.filter(|record| !record.is_expired(now));
        Ok(record.map(|record| (next.key, record)))
    }

    async fn replace(
        &self,
        key: &TokenHash,
        next: Successor,
        handle: Option<Handle>,
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        let is_rotation = next.by == Replacement::Rotation;
        let now_text = if is_rotation { now.as_millis().to_string() } else { String::new() };
        let pointer = pointer::encode(&next, handle);
        let time_to_live = time_to_live(now, next.since.plus(Successor::LIFETIME)).to_string();
        let with_record = if is_rotation { "yes" } else { "no" };
        let arguments = [&*now_text, pointer::START, &*pointer, &*time_to_live, with_record];
        let (script, key) = (&self.scripts.replace, self.record_key(key));
        let answer = script.run(&self.router, &key, &arguments, Durability::Replica).await;
        let text: Option<Vec<u8>> = answer.and_then(parse).map_err(StoreError::failed)?;
        text.as_deref().map(record::decode).transpose()
    }

    async fn install(&self, key: &TokenHash, moved: &Record, now: Timestamp) -> Result<bool, StoreError> {
        let time_to_live = time_to_live(now, moved.expires()).to_string();
        let arguments = [&*pointer::placeholder(), &*record::encode(moved), &*time_to_live];
        let (script, key) = (&self.scripts.install, self.record_key(key));
        let installed = script.run(&self.router, &key, &arguments, Durability::Replica).await;
        Ok(installed.map_err(StoreError::failed)? == Value::Int(1))
    }

    async fn record(&self, key: &TokenHash) -> Result<Option<Record>, StoreError> {
        let text = self.router.get(&self.record_key(key)).await.map_err(StoreError::failed)?;
        text.as_deref().map(record::decode).transpose()
    }

    async fn remove_record_from_index(&self, key: &TokenHash, record: &Record) {
        if let Some(user) = &record.user {
            self.remove_from_index(user, &[entry_of(key, record.created)]).await;
        }
    }
}
