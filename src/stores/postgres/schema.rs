//! What is in the database: its tables, by version.

use tokio_postgres::{Client, IsolationLevel};

use super::PostgresOpenError;
use super::error::Name;

/// What leads from each version to the next. A step that was published never changes, and what it leaves is of use to
/// servers that know the step before only: they run on until they are started anew.
const STEPS: &[&str] = &[include_str!("steps/1.sql")];

/// The version that this code reads and writes.
#[allow(clippy::cast_possible_wrap, reason = "a handful of steps")]
pub(super) const VERSION: i64 = STEPS.len() as i64;

/// Held while steps are taken: `sessctl` in ASCII.
const LOCK: i64 = 0x0073_6573_7363_746c;

/// What every call needs, told when the store is opened and not at the first login.
const MAY_USE: &str = "SELECT
    has_table_privilege('sessctl_sessions', 'SELECT') AND has_table_privilege('sessctl_sessions', 'INSERT')
    AND has_table_privilege('sessctl_sessions', 'UPDATE') AND has_table_privilege('sessctl_sessions', 'DELETE')
    AND has_function_privilege('sessctl_change(bytea, text[], bigint)', 'EXECUTE')";

/// Makes the tables be of this version.
pub(super) async fn prepare(client: &mut Client, name: &Name) -> Result<(), PostgresOpenError> {
    let explained = |error| name.explain(error);
    let encoding: String = client
        .query_one("SHOW server_encoding", &[])
        .await
        .and_then(|row| row.try_get(0))
        .map_err(explained)?;
    // SQL_ASCII keeps octets as they come.
    if !["UTF8", "SQL_ASCII"].contains(&encoding.as_str()) {
        let Name { place, database, .. } = name.clone();
        return Err(PostgresOpenError::Encoding { place, database, encoding });
    }
    // Where nothing is to be done, no right to do it is needed.
    if version(client, name).await? != VERSION {
        migrate(client, name).await?;
    }
    let may_use: bool =
        client.query_one(MAY_USE, &[]).await.and_then(|row| row.try_get(0)).map_err(explained)?;
    if may_use { Ok(()) } else { Err(name.not_allowed("it needs SELECT, INSERT, UPDATE and DELETE")) }
}

/// Takes the steps that are missing, in one transaction: of several servers one takes them, the others find them taken.
async fn migrate(client: &mut Client, name: &Name) -> Result<(), PostgresOpenError> {
    let explained = |error| name.explain(error);
    let transaction = client.build_transaction().isolation_level(IsolationLevel::ReadCommitted);
    let transaction = transaction.start().await.map_err(explained)?;
    // Another server's steps may take their time.
    transaction.batch_execute("SET LOCAL statement_timeout = 0").await.map_err(explained)?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await.map_err(explained)?;
    let from = version(transaction.client(), name).await?;
    for step in STEPS.iter().skip(usize::try_from(from).unwrap_or(0)) {
        transaction.batch_execute(step).await.map_err(explained)?;
    }
    if from != VERSION {
        transaction.execute("DELETE FROM sessctl_schema", &[]).await.map_err(explained)?;
        transaction
            .execute("INSERT INTO sessctl_schema VALUES ($1)", &[&VERSION])
            .await
            .map_err(explained)?;
    }
    transaction.commit().await.map_err(explained)
}

/// The version of the tables that are there; 0: none are.
async fn version(client: &Client, name: &Name) -> Result<i64, PostgresOpenError> {
    let explained = |error| name.explain(error);
    // Not by `to_regclass`: what it did not find it remembers, and after the wait for the lock does not look again.
    let sql =
        "SELECT EXISTS (SELECT FROM pg_class WHERE relname = 'sessctl_schema' AND pg_table_is_visible(oid))";
    let is_there = client.query_one(sql, &[]).await;
    if !is_there.and_then(|row| row.try_get(0)).map_err(explained)? {
        return Ok(0);
    }
    let row = client.query_opt("SELECT max(version) FROM sessctl_schema", &[]).await.map_err(explained)?;
    let version: Option<i64> = row.map(|row| row.try_get(0)).transpose().map_err(explained)?.flatten();
    match version.unwrap_or(0) {
        version if version > VERSION => {
            let Name { place, database, .. } = name.clone();
            Err(PostgresOpenError::Newer { place, database, version })
        }
        version => Ok(version),
    }
}
