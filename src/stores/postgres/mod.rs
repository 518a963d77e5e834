//! [`PostgresStore`]: sessions in a PostgreSQL database, which many servers share.
//!
//! Every call is one statement, so it is atomic even if the caller drops its future. Only [`Change::apply_to`] defines what
//! a change means; a function in the database applies simple changes in one round trip.

mod change;
mod config;
mod connector;
mod open_error;
mod options;
mod parameter;
mod pool;
mod rotation;
mod row;
mod schema;
mod tls;

use deadpool_postgres::Pool;

pub use self::open_error::PostgresOpenError;
pub use self::options::PostgresOptions;
use self::parameter::parameters;
use self::pool::{ConnectionPool, Retry};
use self::row::{columns, expired_session, get, listed_by_creation, listed_by_key, single_record};
use crate::clock::Timestamp;
use crate::session::{
    Change, Changed, Cursor, ExpiredSession, Handle, Owner, Page, Record, SessionStore, StoreError,
    Successor, TokenHash,
};

/// The number of records that one statement of a sweep looks at. It locks them for some milliseconds.
const SWEEP_BATCH_SIZE: usize = 500;

/// Sessions in a PostgreSQL database. A clone is cheap and refers to the same store.
///
/// ```no_run
/// use sessctl::session::{SessionConfig, Sessions};
/// use sessctl::stores::PostgresStore;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let store = PostgresStore::open("postgres://app:PASSWORD@db.example/shop?sslmode=verify-full").await?;
/// let sessions = Sessions::new(store, SessionConfig::default())?;
/// # drop(sessions);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct PostgresStore(ConnectionPool);

impl PostgresStore {
    /// Opens the store in the database at a URL, `postgres://USER:PASSWORD@HOST:PORT/DATABASE`. Creates its tables
    /// (`sessctl_…`) if they do not exist.
    ///
    /// The URL can have these options, among others:
    ///
    /// - `sslmode` as in libpq: `disable`, `prefer` (default), `require` (encrypted, but without a check of the
    ///   certificate), `verify-ca` or `verify-full`.
    /// - `sslrootcert=FILE`: the certificates of trusted authorities. Default: those of the system or of `SSL_CERT_FILE`.
    ///   Without `sslmode`, it means `verify-full`.
    /// - `connection_limit=N`: the maximum number of connections. Default: twice the number of cores plus 4, at most 16.
    /// - `schema=NAME`: the schema that contains the tables. See [`PostgresOptions::schema`].
    ///
    /// The URL can be the one of a pooler such as PgBouncer, also in transaction mode: the store detects it, prepares no
    /// statements, and leaves no setting behind.
    ///
    /// If the server becomes unreachable later, calls fail until it is back.
    ///
    /// # Errors
    /// [`PostgresOpenError`] if the database cannot be used as a store.
    pub async fn open(url: &str) -> Result<Self, PostgresOpenError> {
        Self::options().open(url).await
    }

    /// Opens the store in the database of the application's own connection pool. See [`PostgresOptions::with_pool`].
    ///
    /// # Errors
    /// [`PostgresOpenError`] if the database cannot be used as a store.
    pub async fn with_pool(pool: Pool) -> Result<Self, PostgresOpenError> {
        Self::options().with_pool(pool).await
    }

    /// The options of a store, with their defaults.
    #[must_use]
    pub fn options() -> PostgresOptions {
        PostgresOptions::default()
    }

    /// Looks at one batch of records that are due: removes expired ones, and notes when the others expire, which were used
    /// since. Rows that another transaction has locked are left for the next sweep. Tables that a newer version migrated are
    /// left to that version.
    ///
    /// Returns the number of records that it looked at, and those that it removed.
    async fn sweep_batch(&self, now: Timestamp) -> Result<(usize, Vec<ExpiredSession>), StoreError> {
        let sql = "WITH found AS (
                SELECT key, expires FROM sessctl_sessions
                WHERE due <= $1 AND NOT EXISTS (SELECT FROM sessctl_schema WHERE version > $3)
                ORDER BY due LIMIT $2 FOR UPDATE SKIP LOCKED
            ), removed AS (
                DELETE FROM sessctl_sessions s USING found
                WHERE s.key = found.key AND found.expires <= $1 RETURNING s.handle, s.username
            ), kept AS (
                UPDATE sessctl_sessions s SET due = found.expires FROM found
                WHERE s.key = found.key AND found.expires > $1
            )
            SELECT (SELECT count(*) FROM found), handle, username FROM (SELECT) AS always LEFT JOIN removed ON true";
        let parameters = parameters![now.as_millis(), to_i64(SWEEP_BATCH_SIZE), schema::VERSION];
        let rows = self.0.query(sql, parameters, Retry::Never).await?;
        let looked_at: Option<i64> = rows.first().map(|row| get(row, 0)).transpose()?;
        let removed =
            rows.iter().filter_map(|row| expired_session(row).transpose()).collect::<Result<_, _>>()?;
        Ok((looked_at.and_then(|count| usize::try_from(count).ok()).unwrap_or(0), removed))
    }
}

impl SessionStore for PostgresStore {
    async fn create(&self, key: TokenHash, record: Record) -> Result<(), StoreError> {
        let sql = concat!(
            "INSERT INTO sessctl_sessions (",
            columns!(),
            ", expires, due)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11) ON CONFLICT (key) DO NOTHING RETURNING true"
        );
        let parameters = parameters![
            key.as_bytes().to_vec(),
            *record.handle.as_uuid(),
            record.user.as_deref().map(|user| user.as_bytes().to_vec()),
            record.credential_version.cast_signed(),
            super::wire::encode_data(&record.data),
            record.created.as_millis(),
            record.last_seen.as_millis(),
            // The sum of this and a time must fit into a bigint.
            i64::try_from(record.idle_timeout.as_millis()).unwrap_or(i64::MAX / 4),
            record.absolute_expiry.as_millis(),
            i64::from(record.options.bits()),
            record.expires().as_millis(),
        ];
        let rows = self.0.query(sql, parameters, Retry::Never).await?;
        if rows.is_empty() { Err(StoreError::Exists) } else { Ok(()) }
    }

    async fn load(&self, key: TokenHash, now: Timestamp) -> Result<Option<Record>, StoreError> {
        let sql = concat!("SELECT ", columns!(), " FROM sessctl_sessions WHERE key = $1 AND expires > $2");
        let parameters = parameters![key.as_bytes().to_vec(), now.as_millis()];
        single_record(&self.0.query(sql, parameters, Retry::Allowed).await?)
    }

    async fn change(&self, key: TokenHash, change: &Change, now: Timestamp) -> Result<Changed, StoreError> {
        change::change(&self.0, key, change, now).await
    }

    async fn touch(&self, key: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "UPDATE sessctl_sessions
            SET seen = greatest(seen, $2), expires = least(greatest(seen, $2) + idle, ends)
            WHERE key = $1 AND expires > $2 RETURNING true";
        let parameters = parameters![key.as_bytes().to_vec(), now.as_millis()];
        Ok(!self.0.query(sql, parameters, Retry::Allowed).await?.is_empty())
    }

    async fn delete(&self, key: TokenHash) -> Result<Option<Record>, StoreError> {
        let sql = concat!("DELETE FROM sessctl_sessions WHERE key = $1 RETURNING ", columns!());
        // A second attempt would report that there was no record.
        single_record(&self.0.query(sql, parameters![key.as_bytes().to_vec()], Retry::Never).await?)
    }

    async fn rotate(
        &self,
        key: TokenHash,
        to: (TokenHash, Handle),
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        rotation::rotate(&self.0, key, to, now).await
    }

    async fn supersede(
        &self,
        key: TokenHash,
        by: TokenHash,
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        rotation::supersede(&self.0, key, by, now).await
    }

    async fn successor(&self, key: TokenHash, now: Timestamp) -> Result<Option<Successor>, StoreError> {
        rotation::successor(&self.0, key, now).await
    }

    async fn list(
        &self,
        owner: Owner<'_>,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        let (now, rows) = (now.as_millis(), to_i64(limit) + 1);
        match owner {
            Owner::User(user) => {
                // The first condition is for the index, which contains only the start of a name.
                let sql = concat!(
                    "SELECT ",
                    columns!(),
                    " FROM sessctl_sessions
                    WHERE substring(username, 1, 64) = substring($1::bytea, 1, 64) AND username = $1
                        AND (created, handle) > ($2, $3) AND expires > $4
                    ORDER BY created, handle LIMIT $5"
                );
                let (created, handle) = Cursor::after_creation(after)?;
                let user = user.as_bytes().to_vec();
                let parameters = parameters![user, created.as_millis(), *handle.as_uuid(), now, rows];
                let rows = self.0.query(sql, parameters, Retry::Allowed).await?;
                Ok(Page::of_rows(listed_by_creation(&rows)?, limit, Cursor::of_creation))
            }
            Owner::Everyone => {
                let sql = concat!(
                    "SELECT ",
                    columns!(),
                    " FROM sessctl_sessions WHERE key > $1 AND expires > $2 ORDER BY key LIMIT $3"
                );
                let after = Cursor::after_key(after)?.map(|key| key.as_bytes().to_vec()).unwrap_or_default();
                let rows = self.0.query(sql, parameters![after, now, rows], Retry::Allowed).await?;
                Ok(Page::of_rows(listed_by_key(&rows)?, limit, Cursor::of_key))
            }
        }
    }

    /// Counts up to 50,000 sessions. Above that, it estimates their number from the server's statistics and the size of
    /// the table, including expired sessions that were not swept yet.
    async fn count(&self, now: Timestamp) -> Result<Option<u64>, StoreError> {
        let sql = "SELECT CASE WHEN rows > 50000 THEN rows ELSE
                (SELECT count(*) FROM (SELECT FROM sessctl_sessions WHERE expires > $1 LIMIT 50001) AS live) END
            FROM (
                SELECT (reltuples / greatest(relpages, 1) * pg_relation_size(oid)
                    / current_setting('block_size')::bigint)::bigint AS rows
                FROM pg_class WHERE oid = 'sessctl_sessions'::regclass
            ) AS estimate";
        let rows = self.0.query(sql, parameters![now.as_millis()], Retry::Allowed).await?;
        let count: Option<i64> = rows.first().map(|row| get(row, 0)).transpose()?;
        Ok(Some(count.unwrap_or(0).cast_unsigned()))
    }

    async fn sweep(&self, now: Timestamp) -> Result<Vec<ExpiredSession>, StoreError> {
        rotation::sweep(&self.0, now).await?;
        let mut total = Vec::new();
        loop {
            let (looked_at, removed) = match self.sweep_batch(now).await {
                // What was deleted before a failure is reported. The next sweep goes on.
                Err(_) if !total.is_empty() => return Ok(total),
                batch => batch?,
            };
            total.extend(removed);
            if looked_at < SWEEP_BATCH_SIZE {
                return Ok(total);
            }
        }
    }
}

fn to_i64(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX - 1)
}
