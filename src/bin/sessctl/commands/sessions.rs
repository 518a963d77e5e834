//! `sessions`: a server's store, seen and cleared from outside, while the server runs.

use std::collections::HashSet;

use sessctl::clock::SystemClock;
use sessctl::session::Owner;
use sessctl::session::{Handle, Record, Sessions};

use super::client::block_on;
use super::exit::{FAILED, Failure, Outcome};
use super::store;
use crate::cli::{SessionsAction, SessionsArgs};
use crate::output::Output;

/// How many are read from the store at once.
const PAGE: usize = 500;

pub(super) fn run(args: &SessionsArgs, output: &mut Output) -> Outcome {
    block_on(async {
        match &args.action {
            SessionsAction::List { store, user } => {
                let sessions = store::open_existing(store.store.as_ref(), SystemClock).await?;
                let records = all_of(&sessions, owner(user.as_deref())).await?;
                output.sessions(&records);
            }
            SessionsAction::Show { store, handle } => {
                let sessions = store::open_existing(store.store.as_ref(), SystemClock).await?;
                let found = sessions.find(Owner::Everyone, Handle::from_uuid(*handle)).await?;
                output.session(&found.ok_or_else(|| not_there(*handle))?);
            }
            SessionsAction::Revoke { store, handle, user, .. } => {
                let sessions = store::open_existing(store.store.as_ref(), SystemClock).await?;
                let ended = match handle {
                    Some(handle) => {
                        let ended = sessions.revoke(Owner::Everyone, Handle::from_uuid(*handle)).await?;
                        if !ended {
                            return Err(not_there(*handle));
                        }
                        1
                    }
                    None => sessions.revoke_all(owner(user.as_deref()), None).await?,
                };
                output.revoked(ended);
            }
        }
        Ok(())
    })
}

fn owner(user: Option<&str>) -> Owner<'_> {
    user.map_or(Owner::Everyone, Owner::User)
}

async fn all_of(sessions: &Sessions, owner: Owner<'_>) -> Result<Vec<Record>, Failure> {
    let (mut records, mut after) = (Vec::new(), None);
    // A store that moves its records about meanwhile may show one twice.
    let mut seen = HashSet::new();
    loop {
        let page = sessions.list(owner, after.as_ref(), PAGE).await?;
        let fresh = page.sessions.into_iter().filter(|(key, _)| seen.insert(*key));
        records.extend(fresh.map(|(_, record)| record));
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(records),
        }
    }
}

fn not_there(handle: uuid::Uuid) -> Failure {
    Failure::new(FAILED, format!("there is no session {handle}: it has ended, or never was"))
}
