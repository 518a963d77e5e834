//! Whether the user of the URL may do everything that the store does.

use std::time::Duration;

use redis::ServerErrorKind;

use super::command_error::{CommandError, kind_of};
use super::index::entry_of;
use super::keyspace::Keyspace;
use super::node::Durability;
use super::{pointer, record};
use crate::clock::{Clock as _, SystemClock};
use crate::session::{Handle, Record, TokenHash};

impl Keyspace {
    /// Tries each command of the store on a record that is expired from the start. Only an answer that the user may not run
    /// it counts: other failures may be temporary.
    pub(super) async fn check_rights(&self) -> Result<(), CommandError> {
        match self.try_commands().await {
            // Redis reports a missing right inside a script as a general error.
            Err(CommandError::Rejected(error))
                if matches!(
                    kind_of(&error),
                    Some(ServerErrorKind::NoPerm | ServerErrorKind::ResponseError)
                ) =>
            {
                Err(CommandError::Rejected(error))
            }
            _ => Ok(()),
        }
    }

    async fn try_commands(&self) -> Result<(), CommandError> {
        // No token has this hash.
        let (key, now) = (TokenHash::from_bytes([0; 32]), SystemClock.now());
        let mut record = Record::new(Handle::from_uuid(uuid::Uuid::nil()), now, Duration::from_secs(60), now);
        record.user = Some("".into());
        let (name, millis) = (self.record_key(&key), now.as_millis().to_string());
        self.insert(&key, &record, &record::encode(&record)).await?;
        // The record exists already if another server is starting, too.
        self.add_to_index(&key, &record, now).await?;
        self.router.get(&name).await?;
        let touched = [&*millis, "1", "1"];
        self.scripts.touch.run(&self.router, &name, &touched, Durability::Server).await?;
        self.scripts.change.run(&self.router, &name, &[&*millis, "0"], Durability::Server).await?;
        self.entries("", None, 1).await?;
        self.scripts.delete.run(&self.router, &name, &["no", pointer::START], Durability::Server).await?;
        self.try_remove_from_index("", &[entry_of(&key, record.created)]).await?;
        self.count_sampled().await.map(drop)
    }
}
