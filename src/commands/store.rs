//! Sessions in the store that was named.

use sessctl::clock::Clock;
use sessctl::session::{Sessions, SessionsBuilder};
use sessctl::store::{MemoryStore, SqliteStore};

use super::exit::{FAILED, Failure};
use crate::cli::StoreAddress;

/// Opens the store; makes it, if it is a file that is not there.
pub(super) fn builder(store: &StoreAddress) -> Result<SessionsBuilder, Failure> {
    Ok(match store {
        StoreAddress::Memory => Sessions::builder(MemoryStore::new()),
        StoreAddress::Sqlite(file) => Sessions::builder(SqliteStore::open(file)?),
    })
}

/// Opens a store that a server uses, or has used: it is there already, and not in the memory of another process.
pub(super) fn open_existing(store: Option<&StoreAddress>, clock: impl Clock) -> Result<Sessions, Failure> {
    match store {
        Some(StoreAddress::Sqlite(file)) if !file.exists() => {
            Err(Failure::new(FAILED, format!("there is no session store {}", file.display())))
        }
        Some(store @ StoreAddress::Sqlite(_)) => Ok(builder(store)?.clock(clock).build()?),
        Some(StoreAddress::Memory) | None => Err(Failure::usage(
            "name the server's store by --store or SESSCTL_STORE; one in memory can be seen by its server alone",
        )),
    }
}
