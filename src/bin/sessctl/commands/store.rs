//! Opens the session store that was named.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sessctl::clock::Clock;
use sessctl::internal::SharedFile;
use sessctl::session::{SessionConfig, Sessions, SessionsBuilder};
use sessctl::stores::{
    MemoryStore, PostgresOpenError, PostgresStore, RedisOpenError, RedisStore, SqliteStore,
};

use super::client_options::ClientArgs;
use super::failure::{Failure, Outcome};
use super::store_address::StoreAddress;
use crate::app::weaknesses::{Weaknesses, sessions_builder};
use crate::output::error_chain;
use crate::texts::Message;

/// The delay before the next attempt to reach a store that is down.
const RETRY_DELAY: Duration = Duration::from_millis(500);

/// Rejects the options about certificates that only apply to HTTP servers, because they would have no effect.
pub(super) fn reject_client_options(client: &ClientArgs) -> Outcome {
    let given = [
        ("--cacert", client.cacert.is_some()),
        ("--cert", client.cert.is_some()),
        ("--insecure", client.insecure),
    ];
    match given.into_iter().find(|(_, is_given)| *is_given) {
        Some((option, _)) => {
            let english = format!(
                "{option} does not apply to a session store: name its certificates in the URL of --store, as in ?sslrootcert=FILE"
            );
            Err(Failure::usage(Message::new("error-option-of-client", english).with("option", option)))
        }
        None => Ok(()),
    }
}

/// Opens the store. Creates a missing file, and missing tables of a database.
pub(super) async fn builder(
    store: &StoreAddress,
    weaknesses: Option<&Arc<Weaknesses>>,
) -> Result<SessionsBuilder, Failure> {
    Ok(match store {
        StoreAddress::Memory => sessions_builder(MemoryStore::new(), weaknesses),
        StoreAddress::Sqlite(file) => {
            SharedFile::new(file).check_owner()?;
            sessions_builder(SqliteStore::open(file)?, weaknesses)
        }
        StoreAddress::Redis(url) => sessions_builder(RedisStore::open(url.reveal()).await?, weaknesses),
        StoreAddress::Postgres(url) => sessions_builder(PostgresStore::open(url.reveal()).await?, weaknesses),
        StoreAddress::Unknown => return Err(unknown()),
    })
}

/// Like [`builder`], but tries again for this long while the store's server cannot be reached.
pub(super) async fn wait_for(
    store: &StoreAddress,
    weaknesses: Option<&Arc<Weaknesses>>,
    wait: Duration,
    warn: &(dyn Fn(&str) + Send + Sync),
) -> Result<SessionsBuilder, Failure> {
    let deadline = Instant::now() + wait;
    let mut has_warned = false;
    loop {
        let (reason, failure) = match store {
            StoreAddress::Redis(url) => match RedisStore::open(url.reveal()).await {
                Ok(store) => return Ok(sessions_builder(store, weaknesses)),
                Err(error @ (RedisOpenError::Unreachable { .. } | RedisOpenError::NoPrimary { .. })) => {
                    (error_chain(&error), error.into())
                }
                Err(error) => return Err(error.into()),
            },
            StoreAddress::Postgres(url) => match PostgresStore::open(url.reveal()).await {
                Ok(store) => return Ok(sessions_builder(store, weaknesses)),
                Err(error @ PostgresOpenError::Unreachable { .. }) => (error_chain(&error), error.into()),
                Err(error) => return Err(error.into()),
            },
            _ => return builder(store, weaknesses).await,
        };
        if Instant::now() + RETRY_DELAY > deadline {
            return Err(failure);
        }
        if !std::mem::replace(&mut has_warned, true) {
            warn(&format!("{reason}; waiting for it"));
        }
        tokio::time::sleep(RETRY_DELAY).await;
    }
}

/// Opens the store of a server, which another process can only reach if it is not in memory.
pub(super) async fn open_existing(
    store: Option<&StoreAddress>,
    realm: Option<String>,
    clock: impl Clock,
) -> Result<Sessions, Failure> {
    match store {
        Some(StoreAddress::Sqlite(file)) if !file.exists() => {
            let path = file.display().to_string();
            let english = format!("cannot open the session store {path}: the file does not exist");
            Err(Failure::failed(Message::new("error-no-store-file", english).with("path", path)))
        }
        Some(StoreAddress::Unknown) => Err(unknown()),
        Some(StoreAddress::Memory) | None => Err(Failure::usage(Message::new(
            "error-no-store",
            "no session store is named: give the server's store with --store or SESSCTL_STORE; only the server itself sees a store in memory",
        ))),
        // The timeouts of the server are not known here.
        Some(store) => {
            let unlimited = SessionConfig::default().idle_timeout(Duration::MAX).lifetime(Duration::MAX);
            let builder = builder(store, None).await?.config(unlimited).clock(clock);
            Ok(match realm {
                Some(realm) => builder.realm(realm),
                None => builder,
            }
            .build()?)
        }
    }
}

/// Does not repeat what was given: it may contain a password.
fn unknown() -> Failure {
    Failure::usage(Message::new(
        "error-unknown-store",
        "cannot use --store: it is neither memory nor sqlite:FILE nor a URL that begins with redis://, rediss:// or postgres://",
    ))
}

/// The warning about a store's password that was given as an argument and not in the environment.
pub(super) fn exposed_password(store: &StoreAddress) -> Option<&'static str> {
    let (StoreAddress::Redis(url) | StoreAddress::Postgres(url)) = store else { return None };
    let from_environment = std::env::var("SESSCTL_STORE").is_ok_and(|named| named == url.reveal());
    (url.has_password() && !from_environment).then_some(
        "every user of this machine can see the store's password in the process list; give the URL in SESSCTL_STORE instead",
    )
}
