//! Arguments of `sessions`.

use clap::{ArgGroup, Args, Subcommand};
use uuid::Uuid;

use super::values::{self, StoreAddress};

#[derive(Debug, Args)]
pub(crate) struct SessionsArgs {
    #[command(subcommand)]
    pub(crate) action: SessionsAction,
}

/// Where the sessions are.
#[derive(Debug, Args)]
pub(crate) struct StoreArgs {
    /// The server's store: sqlite:FILE, redis://HOST, rediss://HOST, postgres://USER@HOST/DATABASE
    #[arg(long, env = "SESSCTL_STORE", hide_env_values = true, value_name = "STORE", value_parser = values::store)]
    pub(crate) store: Option<StoreAddress>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SessionsAction {
    /// List all sessions that are alive, or those of a user
    List {
        #[command(flatten)]
        store: StoreArgs,
        /// Only those of this user
        #[arg(long, value_name = "NAME")]
        user: Option<String>,
    },
    /// Show one, with its data
    Show {
        #[command(flatten)]
        store: StoreArgs,
        /// Its handle
        handle: Uuid,
    },
    /// End sessions: who has their cookies is logged out
    #[command(group = ArgGroup::new("which").args(["handle", "user", "all"]).required(true))]
    Revoke {
        #[command(flatten)]
        store: StoreArgs,
        /// The one with this handle
        handle: Option<Uuid>,
        /// Those of this user
        #[arg(long, value_name = "NAME")]
        user: Option<String>,
        /// All of everybody
        #[arg(long)]
        all: bool,
    },
}
