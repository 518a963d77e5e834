//! `sessions`: lists, shows and revokes the sessions in a server's store.

use std::collections::HashSet;

use clap::{ArgGroup, Args, Subcommand};
use uuid::Uuid;

use sessctl::clock::SystemClock;
use sessctl::session::{Handle, Keep, Owner, Record, Sessions};

use super::client::block_on;
use super::command::{Command, Context, Group};
use super::failure::{Failure, Outcome};
use super::store;
use super::store_address::{self, StoreAddress};
use crate::output::{Output, RevokedSessions};
use crate::texts::Message;

/// How many sessions are read from the store at once.
const BATCH_SIZE: usize = 500;

#[derive(Debug, Args)]
pub(super) struct SessionsArgs {
    #[command(subcommand)]
    action: SessionsAction,
    /// Store of the server
    ///
    /// sqlite:FILE, redis://HOST, rediss://HOST or postgres://USER@HOST/DATABASE. Environment variable: SESSCTL_STORE,
    /// which keeps a password in the URL out of the process list.
    #[arg(long, global = true, env = "SESSCTL_STORE", hide_env = true, value_name = "STORE", value_parser = store_address::store)]
    store: Option<StoreAddress>,
    /// Sessions of this realm
    ///
    /// An application with the library can keep the sessions of several groups of users in one store, for example those
    /// of admins. Default: the sessions without a realm.
    #[arg(long, global = true, value_name = "NAME")]
    realm: Option<String>,
}

#[derive(Debug, Subcommand)]
enum SessionsAction {
    /// List all sessions, or those of one user
    List {
        /// Only sessions of this user
        #[arg(long, value_name = "NAME")]
        user: Option<String>,
    },
    /// Show one session and its data
    Show {
        /// Handle of the session
        handle: Uuid,
    },
    /// End sessions: their clients are logged out
    #[command(group = ArgGroup::new("which").args(["handle", "user", "all"]).required(true))]
    Revoke {
        /// Handle of the session
        handle: Option<Uuid>,
        /// All sessions of this user
        #[arg(long, value_name = "NAME")]
        user: Option<String>,
        /// All sessions of all users
        #[arg(long)]
        all: bool,
    },
}

impl Command for SessionsArgs {
    const NAME: &'static str = "sessions";
    const GROUP: Group = Group::Server;
    const ABOUT: &'static str = "List, show and revoke the sessions in a server's store";
    const EXAMPLES: &'static str = "  \
  sessctl sessions list --store sqlite:sessions.db
  sessctl sessions list --user alice --json --store sqlite:sessions.db
  sessctl sessions revoke --user alice --store sqlite:sessions.db";

    fn run(self, context: &Context, output: &mut Output) -> Outcome {
        store::reject_client_options(&context.client)?;
        block_on(async {
            let sessions = store::open_existing(self.store.as_ref(), self.realm, SystemClock).await?;
            match self.action {
                SessionsAction::List { user } => {
                    let (records, unreadable) = all_of(&sessions, owner(user.as_deref())).await?;
                    output.print(&records[..]);
                    if unreadable > 0 {
                        let plural = if unreadable == 1 { "" } else { "s" };
                        output.warn(&format!(
                            "this version cannot read {unreadable} session{plural} of the store; `sessions revoke` with --user or --all ends them"
                        ));
                    }
                }
                SessionsAction::Show { handle } => {
                    let found = sessions.find(Owner::Everyone, Handle::from_uuid(handle)).await?;
                    output.print(&found.ok_or_else(|| not_found("show", handle))?);
                }
                SessionsAction::Revoke { handle: Some(handle), .. } => {
                    if !sessions.revoke(Owner::Everyone, Handle::from_uuid(handle)).await? {
                        return Err(not_found("revoke", handle));
                    }
                    output.print(&RevokedSessions(1));
                }
                SessionsAction::Revoke { handle: None, user, .. } => {
                    let ended = sessions.revoke_all(owner(user.as_deref()), Keep::Nothing).await?;
                    output.print(&RevokedSessions(ended));
                }
            }
            Ok(())
        })
    }
}

fn owner(user: Option<&str>) -> Owner<'_> {
    user.map_or(Owner::Everyone, Owner::User)
}

/// The sessions of an owner, and how many more cannot be read.
async fn all_of(sessions: &Sessions, owner: Owner<'_>) -> Result<(Vec<Record>, usize), Failure> {
    let (mut records, mut unreadable, mut after) = (Vec::new(), 0, None);
    // A store that rehashes between two batches may return a session twice.
    let mut seen = HashSet::new();
    loop {
        let page = sessions.list(owner, after.as_ref(), BATCH_SIZE).await?;
        let unseen = page.sessions.into_iter().filter(|(key, _)| seen.insert(*key));
        records.extend(unseen.map(|(_, record)| record));
        unreadable += page.unreadable.into_iter().filter(|key| seen.insert(*key)).count();
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok((records, unreadable)),
        }
    }
}

fn not_found(action: &str, handle: Uuid) -> Failure {
    let english = format!(
        "cannot {action} session {handle}: the store has no such session; `sessctl sessions list` shows those that it has"
    );
    Failure::failed(Message::new("error-no-such-session", english).with("handle", handle.to_string()))
}
