//! Sessions in the store that was named.

use sessctl::clock::Clock;
use sessctl::session::{SessionConfig, Sessions};
use sessctl::store::{MemoryStore, SqliteStore};

use super::exit::Failure;
use crate::cli::StoreAddress;

/// Opens the store; makes it, if it is a file that is not there.
pub(super) fn open(
    store: &StoreAddress,
    config: &SessionConfig,
    clock: impl Clock,
) -> Result<Sessions, Failure> {
    let made = match store {
        StoreAddress::Memory => Sessions::with_clock(MemoryStore::new(), config, clock),
        StoreAddress::Sqlite(file) => Sessions::with_clock(SqliteStore::open(file)?, config, clock),
    };
    made.map_err(|error| Failure::usage(error.to_string()))
}

/// Opens a store that a server uses, or has used: it is there already, and not in the memory of another process.
pub(super) fn open_existing(store: Option<&StoreAddress>, clock: impl Clock) -> Result<Sessions, Failure> {
    match store {
        Some(StoreAddress::Sqlite(file)) if !file.exists() => {
            Err(Failure::new(super::exit::FAILED, format!("there is no session store {}", file.display())))
        }
        Some(store @ StoreAddress::Sqlite(_)) => open(store, &SessionConfig::default(), clock),
        Some(StoreAddress::Memory) | None => Err(Failure::usage(
            "name the server's store by --store or SESSCTL_STORE; one in memory can be seen by its server alone",
        )),
    }
}
