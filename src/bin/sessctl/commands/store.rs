//! Sessions in the store that was named.

use sessctl::clock::Clock;
use sessctl::session::{Sessions, SessionsBuilder};
use sessctl::stores::{MemoryStore, PostgresStore, RedisStore, SqliteStore};

use super::exit::{FAILED, Failure};
use crate::cli::StoreAddress;

/// Opens the store; makes it, if it is a file that is not there, or the tables of a database.
pub(super) async fn builder(store: &StoreAddress) -> Result<SessionsBuilder, Failure> {
    Ok(match store {
        StoreAddress::Memory => Sessions::builder(MemoryStore::new()),
        StoreAddress::Sqlite(file) => Sessions::builder(SqliteStore::open(file)?),
        StoreAddress::Redis(url) => Sessions::builder(RedisStore::open(url.reveal()).await?),
        StoreAddress::Postgres(url) => Sessions::builder(PostgresStore::open(url.reveal()).await?),
        StoreAddress::Unknown => return Err(unknown()),
    })
}

/// Opens a store that a server uses, or has used: it is there already, and not in the memory of another process.
pub(super) async fn open_existing(
    store: Option<&StoreAddress>,
    clock: impl Clock,
) -> Result<Sessions, Failure> {
    match store {
        Some(StoreAddress::Sqlite(file)) if !file.exists() => {
            Err(Failure::new(FAILED, format!("there is no session store {}", file.display())))
        }
        Some(StoreAddress::Unknown) => Err(unknown()),
        Some(StoreAddress::Memory) | None => Err(Failure::usage(
            "name the server's store by --store or SESSCTL_STORE; one in memory can be seen by its server alone",
        )),
        Some(store) => Ok(builder(store).await?.clock(clock).build()?),
    }
}

/// What was typed may hold a password: it is not repeated.
fn unknown() -> Failure {
    Failure::usage(
        "the store is neither memory, nor sqlite:FILE, nor a URL that begins with redis://, rediss:// or postgres://",
    )
}

/// What to warn of where the password of a store was given as an argument: the environment is for it.
pub(super) fn shown_password(store: &StoreAddress) -> Option<&'static str> {
    let (StoreAddress::Redis(url) | StoreAddress::Postgres(url)) = store else { return None };
    let from_environment = std::env::var("SESSCTL_STORE").is_ok_and(|named| named == url.reveal());
    (url.has_password() && !from_environment).then_some(
        "the password of the store stands in the list of processes, for everybody on this machine: give the URL by SESSCTL_STORE",
    )
}
