//! The schema of the database: its tables and its function, by version.

use std::borrow::Cow;

use tokio_postgres::types::FromSql;
use tokio_postgres::{Client, IsolationLevel};

use super::open_error::{DatabaseName, PostgresOpenError};

/// The migrations from each version to the next. A published step never changes. After a step, servers that know only the
/// previous version must still work, because they run until they are restarted.
const STEPS: &[&str] =
    &[include_str!("steps/1.sql"), include_str!("steps/2.sql"), include_str!("steps/3.sql")];

/// The version that this code reads and writes.
#[allow(clippy::cast_possible_wrap, reason = "a handful of steps")]
pub(super) const VERSION: i64 = STEPS.len() as i64;

/// The number of the lock that is held during a migration: `sessctl` in ASCII.
const LOCK: i64 = 0x0073_6573_7363_746c;

/// Checks the privileges that calls need, so that opening the store fails and not the first login.
const HAS_PRIVILEGES: &str = "SELECT
    has_table_privilege('sessctl_sessions', 'SELECT') AND has_table_privilege('sessctl_sessions', 'INSERT')
    AND has_table_privilege('sessctl_sessions', 'UPDATE') AND has_table_privilege('sessctl_sessions', 'DELETE')
    AND has_table_privilege('sessctl_successors', 'SELECT') AND has_table_privilege('sessctl_successors', 'INSERT')
    AND has_table_privilege('sessctl_successors', 'DELETE') AND has_function_privilege('sessctl_change(bytea, text[], bigint)', 'EXECUTE')";

/// Whether the function finds the tables of its own schema, whatever the `search_path` of the caller is.
const IS_FUNCTION_BOUND: &str = "SELECT proconfig IS NOT NULL FROM pg_proc WHERE oid = 'sessctl_change(bytea, text[], bigint)'::regprocedure";

/// The longest name in PostgreSQL.
const MAX_NAME_LEN: usize = 63;

/// The schema that contains the tables. `None`: the first one of the connection's `search_path`.
///
/// Statements name the schema. Setting `search_path` would change it for other applications of a pooler.
#[derive(Debug, Clone)]
pub(super) struct Schema(Option<String>);

impl Schema {
    pub(super) fn named(name: Option<String>) -> Result<Self, PostgresOpenError> {
        let is_valid = |name: &String| {
            (1..=MAX_NAME_LEN).contains(&name.len())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        if name.as_ref().is_none_or(is_valid) {
            Ok(Schema(name))
        } else {
            Err(PostgresOpenError::InvalidSchema)
        }
    }

    /// A statement with the schema before each name of ours. All of them begin with `sessctl_`.
    pub(super) fn qualify(&self, sql: &'static str) -> Cow<'static, str> {
        match &self.0 {
            None => Cow::Borrowed(sql),
            Some(schema) => Cow::Owned(sql.replace("sessctl_", &format!("\"{schema}\".sessctl_"))),
        }
    }
}

/// Creates or migrates the tables if necessary, and checks that they can be used.
pub(super) async fn prepare(
    client: &mut Client,
    name: &DatabaseName,
    schema: &Schema,
) -> Result<(), PostgresOpenError> {
    let encoding: String = value(client, name, "SHOW server_encoding").await?;
    // SQL_ASCII stores bytes unchanged.
    if !["UTF8", "SQL_ASCII"].contains(&encoding.as_str()) {
        let DatabaseName { server, database, .. } = name.clone();
        return Err(PostgresOpenError::Encoding { server, database, encoding });
    }
    // Without a migration, the user needs no right to create tables.
    let is_current = version(client, name, schema).await? == VERSION;
    if !is_current || (schema.0.is_some() && !value(client, name, &schema.qualify(IS_FUNCTION_BOUND)).await?)
    {
        migrate(client, name, schema).await?;
    }
    let is_allowed: bool = value(client, name, &schema.qualify(HAS_PRIVILEGES)).await?;
    if is_allowed { Ok(()) } else { Err(name.not_allowed("it needs SELECT, INSERT, UPDATE and DELETE")) }
}

/// Runs the missing steps in one transaction. If several servers start at once, one of them migrates and the others wait.
async fn migrate(client: &mut Client, name: &DatabaseName, schema: &Schema) -> Result<(), PostgresOpenError> {
    let explain = |error| name.explain(error);
    let transaction = client.build_transaction().isolation_level(IsolationLevel::ReadCommitted);
    let transaction = transaction.start().await.map_err(explain)?;
    // The migration of another server may take longer than a statement may.
    let begin = format!("SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock({LOCK})");
    transaction.batch_execute(&begin).await.map_err(explain)?;
    if let Some(schema) = &schema.0 {
        // `IF NOT EXISTS` would need the right to create schemas even if it exists.
        let exists = format!("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = '{schema}')");
        if !value::<bool>(transaction.client(), name, &exists).await? {
            transaction.batch_execute(&format!("CREATE SCHEMA \"{schema}\"")).await.map_err(explain)?;
        }
        let path = format!("SET LOCAL search_path = \"{schema}\"");
        transaction.batch_execute(&path).await.map_err(explain)?;
    }
    let from = version(transaction.client(), name, schema).await?;
    for step in STEPS.iter().skip(usize::try_from(from).unwrap_or(0)) {
        transaction.batch_execute(step).await.map_err(explain)?;
    }
    if from != VERSION {
        let write = format!("DELETE FROM sessctl_schema; INSERT INTO sessctl_schema VALUES ({VERSION})");
        transaction.batch_execute(&write).await.map_err(explain)?;
    }
    if let Some(schema) = &schema.0 {
        let bind = format!(
            "ALTER FUNCTION sessctl_change(bytea, text[], bigint) SET search_path = \"{schema}\", pg_temp"
        );
        transaction.batch_execute(&bind).await.map_err(explain)?;
    }
    transaction.commit().await.map_err(explain)
}

/// The version of the existing tables. 0 if there are none.
async fn version(client: &Client, name: &DatabaseName, schema: &Schema) -> Result<i64, PostgresOpenError> {
    let is_ours = match &schema.0 {
        // `to_regclass` does not work here: it caches that there is no table, even after the wait for the lock.
        None => "pg_table_is_visible(oid)".to_owned(),
        Some(schema) => format!("relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = '{schema}')"),
    };
    let exists =
        format!("SELECT EXISTS (SELECT FROM pg_class WHERE relname = 'sessctl_schema' AND {is_ours})");
    if !value::<bool>(client, name, &exists).await? {
        return Ok(0);
    }
    let sql = schema.qualify("SELECT coalesce(max(version), 0) FROM sessctl_schema");
    match value(client, name, &sql).await? {
        version if version > VERSION => {
            let DatabaseName { server, database, .. } = name.clone();
            Err(PostgresOpenError::Newer { server, database, version, supported: VERSION })
        }
        version => Ok(version),
    }
}

/// The only value of a statement, which is not prepared, so that a pooler can run it.
async fn value<T: for<'a> FromSql<'a>>(
    client: &Client,
    name: &DatabaseName,
    sql: &str,
) -> Result<T, PostgresOpenError> {
    let row = client.query_typed_one(sql, &[]).await;
    row.and_then(|row| row.try_get(0)).map_err(|error| name.explain(error))
}
