//! Where the newest rows are. Keys are random, so an index of all of them would write a page of its own for each login.
//! The table `keys` therefore lacks the newest rows: each connection knows those by itself, and thousands of them at once
//! are added to it, in its order.

use std::collections::HashMap;

use rusqlite::{Connection, TransactionBehavior, params};

use crate::session::TokenHash;

/// How many rows are added to the index at once: hundreds of pages are written then, not thousands.
const AT_ONCE: usize = 8192;

/// What one connection knows of the rows that the index lacks.
#[derive(Debug, Default)]
pub(super) struct Newest {
    /// Where a key was seen. The row may be gone.
    rows: HashMap<TokenHash, i64>,
    /// The last row that was looked at. A later one has a greater number, whoever wrote it: none is given out twice.
    seen: i64,
    /// No other connection writes now, and all rows were looked at.
    is_complete: bool,
    /// How many rows are kept before it is asked which of them the index has by now.
    room: usize,
}

impl Newest {
    /// What `get` finds in the row under this key. It is given the number of a row that may be gone, or be another key's,
    /// and has to look.
    pub(super) fn find<T>(
        &mut self,
        file: &Connection,
        key: &TokenHash,
        get: impl Fn(i64) -> rusqlite::Result<Option<T>>,
    ) -> rusqlite::Result<Option<T>> {
        if let Some(found) = self.rows.get(key).map_or(Ok(None), |&row| get(row))? {
            return Ok(Some(found));
        }
        if let Some(found) = in_index(file, key, &get)? {
            return Ok(Some(found));
        }
        if self.is_complete {
            return Ok(None);
        }
        let index_has_more = self.look(file)?;
        if let Some(found) = self.rows.get(key).map_or(Ok(None), |&row| get(row))? {
            return Ok(Some(found));
        }
        if index_has_more { in_index(file, key, &get) } else { Ok(None) }
    }

    /// To be told when a transaction has begun, in which nobody else writes.
    pub(super) fn begin(&mut self, file: &Connection) -> rusqlite::Result<()> {
        self.look(file)?;
        self.is_complete = true;
        Ok(())
    }

    /// To be told of each row that the transaction adds.
    pub(super) fn add(&mut self, key: TokenHash, row: i64) {
        self.rows.insert(key, row);
        self.seen = self.seen.max(row);
    }

    /// To be told when the transaction has ended. Of one that came to nothing the numbers may be given out again.
    pub(super) fn end(&mut self, is_committed: bool) {
        self.is_complete = false;
        if !is_committed {
            *self = Newest::default();
        }
    }

    /// It is time to add them to the index.
    pub(super) fn are_many(&self) -> bool {
        self.rows.len() >= AT_ONCE
    }

    /// Adds the newest rows to the index, whoever wrote them.
    pub(super) fn add_to_index(&mut self, file: &mut Connection) -> rusqlite::Result<()> {
        let transaction = file.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(
            "INSERT INTO keys SELECT substr(key, 1, 8), id FROM sessions WHERE id > (SELECT upto FROM indexed) ORDER BY 1;
            UPDATE indexed SET upto = max(upto, coalesce((SELECT max(id) FROM sessions), 0));",
        )?;
        transaction.commit()?;
        let indexed: i64 = file.query_row("SELECT upto FROM indexed", [], |row| row.get(0))?;
        self.rows.retain(|_, row| *row > indexed);
        Ok(())
    }

    /// Looks at the rows that have come since the last time. `true`: it leaves some to the index that the index may not
    /// have had a moment ago.
    fn look(&mut self, file: &Connection) -> rusqlite::Result<bool> {
        // In one statement, on one state of the file; without newer rows it has one row, of nulls but for `upto`.
        let sql = "SELECT upto, id, key FROM indexed LEFT JOIN sessions ON id > max(?1, upto)";
        let mut statement = file.prepare_cached(sql)?;
        let (before, mut indexed) = (self.seen, 0);
        let mut rows = statement.query(params![before])?;
        while let Some(row) = rows.next()? {
            indexed = row.get(0)?;
            if let Some(id) = row.get(1)? {
                self.add(TokenHash::from_bytes(row.get(2)?), id);
            }
        }
        self.seen = self.seen.max(indexed);
        let is_full = self.rows.len() >= self.room.max(2 * AT_ONCE);
        if is_full {
            self.rows.retain(|_, row| *row > indexed);
            self.room = 2 * self.rows.len();
        }
        Ok(indexed > before || is_full)
    }
}

/// What `get` finds in a row whose key begins like this one, if the index has it.
fn in_index<T>(
    file: &Connection,
    key: &TokenHash,
    get: impl Fn(i64) -> rusqlite::Result<Option<T>>,
) -> rusqlite::Result<Option<T>> {
    let mut statement = file.prepare_cached("SELECT id FROM keys WHERE beginning = substr(?1, 1, 8)")?;
    let mut rows = statement.query(params![key.as_bytes()])?;
    while let Some(row) = rows.next()? {
        if let Some(found) = get(row.get(0)?)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stores::sqlite::schema;

    #[test]
    fn what_another_adds_to_the_index_in_the_middle_of_a_search_is_searched_there() {
        let folder = tempfile::TempDir::new().unwrap();
        let open = || schema::connect(&folder.path().join("sessions.db")).unwrap();
        let (mut writer, reader) = (open(), open());
        let key = TokenHash::from_bytes([7; 32]);
        let sql = "INSERT INTO sessions (key, handle, credential, data, created, seen, idle, ends, expires)
            VALUES (?1, zeroblob(16), 0, '{}', 0, 0, 0, 0, 0)";
        let row = writer.prepare(sql).unwrap().insert(params![key.as_bytes()]).unwrap();
        let get = |row| Ok(Some(row));
        let mut newest = Newest::default();
        assert_eq!(in_index(&reader, &key, get).unwrap(), None);
        Newest::default().add_to_index(&mut writer).unwrap();
        assert!(newest.look(&reader).unwrap(), "the index has more than before");
        assert_eq!(newest.rows.get(&key), None);
        assert_eq!(in_index(&reader, &key, get).unwrap(), Some(row));
        assert!(!newest.look(&reader).unwrap(), "it has no more than before");
        assert_eq!(newest.find(&reader, &key, get).unwrap(), Some(row));
    }
}
