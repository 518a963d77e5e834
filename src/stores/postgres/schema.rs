//! The schema of the database: its tables and its function, by version.

use tokio_postgres::{Client, IsolationLevel};

use super::open_error::{DatabaseName, PostgresOpenError};

/// The migrations from each version to the next. A published step never changes. After a step, servers that know only the
/// previous version must still work, because they run until they are restarted.
const STEPS: &[&str] = &[include_str!("steps/1.sql")];

/// The version that this code reads and writes.
#[allow(clippy::cast_possible_wrap, reason = "a handful of steps")]
const VERSION: i64 = STEPS.len() as i64;

/// The number of the lock that is held during a migration: `sessctl` in ASCII.
const LOCK: i64 = 0x0073_6573_7363_746c;

/// Checks the privileges that calls need, so that opening the store fails and not the first login.
const HAS_PRIVILEGES: &str = "SELECT
    has_table_privilege('sessctl_sessions', 'SELECT') AND has_table_privilege('sessctl_sessions', 'INSERT')
    AND has_table_privilege('sessctl_sessions', 'UPDATE') AND has_table_privilege('sessctl_sessions', 'DELETE')
    AND has_function_privilege('sessctl_change(bytea, text[], bigint)', 'EXECUTE')";

/// Creates or migrates the tables if necessary, and checks that they can be used.
pub(super) async fn prepare(client: &mut Client, name: &DatabaseName) -> Result<(), PostgresOpenError> {
    let explain = |error| name.explain(error);
    let encoding: String = client
        .query_one("SHOW server_encoding", &[])
        .await
        .and_then(|row| row.try_get(0))
        .map_err(explain)?;
    // SQL_ASCII stores bytes unchanged.
    if !["UTF8", "SQL_ASCII"].contains(&encoding.as_str()) {
        let DatabaseName { server, database, .. } = name.clone();
        return Err(PostgresOpenError::Encoding { server, database, encoding });
    }
    // Without a migration, the user needs no right to create tables.
    if version(client, name).await? != VERSION {
        migrate(client, name).await?;
    }
    let is_allowed: bool =
        client.query_one(HAS_PRIVILEGES, &[]).await.and_then(|row| row.try_get(0)).map_err(explain)?;
    if is_allowed { Ok(()) } else { Err(name.not_allowed("it needs SELECT, INSERT, UPDATE and DELETE")) }
}

/// Runs the missing steps in one transaction. If several servers start at once, one of them migrates and the others wait.
async fn migrate(client: &mut Client, name: &DatabaseName) -> Result<(), PostgresOpenError> {
    let explain = |error| name.explain(error);
    let transaction = client.build_transaction().isolation_level(IsolationLevel::ReadCommitted);
    let transaction = transaction.start().await.map_err(explain)?;
    // The migration of another server may take longer than a statement may.
    transaction.batch_execute("SET LOCAL statement_timeout = 0").await.map_err(explain)?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await.map_err(explain)?;
    let from = version(transaction.client(), name).await?;
    for step in STEPS.iter().skip(usize::try_from(from).unwrap_or(0)) {
        transaction.batch_execute(step).await.map_err(explain)?;
    }
    if from != VERSION {
        transaction.execute("DELETE FROM sessctl_schema", &[]).await.map_err(explain)?;
        let insert = "INSERT INTO sessctl_schema VALUES ($1)";
        transaction.execute(insert, &[&VERSION]).await.map_err(explain)?;
    }
    transaction.commit().await.map_err(explain)
}

/// The version of the existing tables. 0 if there are none.
async fn version(client: &Client, name: &DatabaseName) -> Result<i64, PostgresOpenError> {
    let explain = |error| name.explain(error);
    // `to_regclass` does not work here: it caches that there is no table, even after the wait for the lock.
    let sql =
        "SELECT EXISTS (SELECT FROM pg_class WHERE relname = 'sessctl_schema' AND pg_table_is_visible(oid))";
    let exists = client.query_one(sql, &[]).await;
    if !exists.and_then(|row| row.try_get(0)).map_err(explain)? {
        return Ok(0);
    }
    let row = client.query_opt("SELECT max(version) FROM sessctl_schema", &[]).await.map_err(explain)?;
    let version: Option<i64> = row.map(|row| row.try_get(0)).transpose().map_err(explain)?.flatten();
    match version.unwrap_or(0) {
        version if version > VERSION => {
            let DatabaseName { server, database, .. } = name.clone();
            Err(PostgresOpenError::Newer { server, database, version, supported: VERSION })
        }
        version => Ok(version),
    }
}
