//! The list of all sessions: it scans the keys of Redis in small steps.

use redis::{FromRedisValue, Pipeline, Value};

use super::command_error::CommandError;
use super::keyspace::{Keyspace, from_hex, to_hex};
use super::node::Node;
use super::record;
use super::router::parse;
use crate::clock::Timestamp;
use crate::session::{Cursor, Page, Record, StoreError, TokenHash};

/// The maximum number of steps per page. If sessions are rare among many other keys, a page may be short or empty.
const MAX_STEPS: usize = 100;

/// The number of keys that Redis looks at in one step. It grows while steps find no session.
const MIN_STEP_SIZE: usize = 10;
const MAX_STEP_SIZE: usize = 1000;

/// The number of keys from which the number of sessions is estimated.
const SAMPLE_SIZE: usize = 1000;

/// Where a page ended. If a step found more sessions than the page had room for, the next page repeats the step and skips
/// the keys up to `after`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ScanPosition {
    shard: u16,
    /// The cursor of `SCAN`.
    cursor: u64,
    /// The `COUNT` of `SCAN`: with another number, Redis would return other keys for the same cursor.
    count: usize,
    /// The last key of this step that was listed, without its prefix.
    after: String,
    address: String,
}

/// A page that is being filled.
struct PartialPage {
    sessions: Vec<(TokenHash, Record)>,
    unreadable: Vec<TokenHash>,
    limit: usize,
    now: Timestamp,
}

impl Keyspace {
    /// A page of all live sessions. While a cluster moves keys, some sessions may be listed twice.
    pub(super) async fn list_everyone(
        &self,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        let from =
            after.map(|after| ScanPosition::parse(&after.0).ok_or(StoreError::BadCursor)).transpose()?;
        let mut count = from.as_ref().map_or(limit, |from| from.count).clamp(MIN_STEP_SIZE, MAX_STEP_SIZE);
        let mut page = PartialPage { sessions: Vec::new(), unreadable: Vec::new(), limit, now };
        let mut steps = 0;
        for (shard, node) in self.router.masters() {
            let mut position = match &from {
                Some(from) if shard < from.shard => continue,
                Some(from) if shard == from.shard && node.address == from.address => {
                    ScanPosition { count, ..from.clone() }
                }
                // The cursor of another server is useless here.
                _ => {
                    let address = node.address.clone();
                    ScanPosition { shard, cursor: 0, count, after: String::new(), address }
                }
            };
            loop {
                if steps == MAX_STEPS {
                    return Ok(page.ending_at(&position));
                }
                steps += 1;
                let (next_cursor, keys) = self.scan(&node, &position).await.map_err(StoreError::failed)?;
                if !self.fill(&mut page, &node, &keys, &mut position).await? {
                    return Ok(page.ending_at(&position));
                }
                if keys.is_empty() && position.after.is_empty() {
                    count = (count * 2).min(MAX_STEP_SIZE);
                }
                if next_cursor == 0 {
                    break;
                }
                position = ScanPosition { cursor: next_cursor, count, after: String::new(), ..position };
            }
        }
        Ok(Page { sessions: page.sessions, next: None, unreadable: page.unreadable })
    }

    /// Adds the live sessions under these keys. `false` if the page is full and a further session was found.
    async fn fill(
        &self,
        page: &mut PartialPage,
        node: &Node,
        keys: &[String],
        position: &mut ScanPosition,
    ) -> Result<bool, StoreError> {
        // Reads only as many records as the page has room for, and one that shows that there is another page.
        let batch_size = page.limit.saturating_sub(page.len()).saturating_add(1);
        for keys in keys.chunks(batch_size) {
            let texts = self.router.get_from(node, keys).await.map_err(StoreError::failed)?;
            for (key, text) in keys.iter().zip(texts) {
                let (Some(hash), Some(text)) = (self.hash_in(key), text) else { continue };
                let mut found = (hash, record::decode(&text));
                if let (_, Ok(record)) = &found
                    && record.is_expired(page.now)
                {
                    // A rotation may have moved the record to a key that was already listed.
                    match self.moved(record, true, page.now).await? {
                        Some((key, record)) => found = (key, Ok(record)),
                        None => continue,
                    }
                }
                if page.len() == page.limit {
                    return Ok(false);
                }
                match found {
                    (key, Ok(record)) => page.sessions.push((key, record)),
                    (key, Err(_)) => page.unreadable.push(key),
                }
                position.after = to_hex(&hash);
            }
        }
        Ok(true)
    }

    /// Estimates the number of sessions: the share of sessions in a sample of each server's keys, times their number.
    pub(super) async fn count_sampled(&self) -> Result<u64, CommandError> {
        let mut count = 0;
        for (_, node) in self.router.masters() {
            let mut commands = Pipeline::new();
            commands.cmd("DBSIZE").cmd("SCAN").arg(0).arg("COUNT").arg(SAMPLE_SIZE);
            let mut answers = node.send(&commands).await?.into_iter();
            let size: u64 = parse_next(&mut answers)?;
            let (cursor, keys): (u64, Vec<Vec<u8>>) = parse_next(&mut answers)?;
            let is_ours = |key: &Vec<u8>| str::from_utf8(key).is_ok_and(|key| self.hash_in(key).is_some());
            let (seen, ours) = (keys.len() as u64, keys.iter().filter(|key| is_ours(key)).count() as u64);
            count += if cursor == 0 || seen == 0 { ours } else { size.saturating_mul(ours) / seen };
        }
        Ok(count)
    }

    /// One step through a server's keys: the cursor of the next step, and the record keys after the position, sorted.
    async fn scan(&self, node: &Node, from: &ScanPosition) -> Result<(u64, Vec<String>), CommandError> {
        let prefix = self.record_prefix();
        let mut commands = Pipeline::new();
        let pattern = format!("{}*", escape_pattern(&prefix));
        commands.cmd("SCAN").arg(from.cursor).arg("MATCH").arg(pattern).arg("COUNT").arg(from.count);
        let mut answers = node.send(&commands).await?.into_iter();
        let (next_cursor, keys): (u64, Vec<Vec<u8>>) = parse_next(&mut answers)?;
        let mut keys: Vec<String> = keys.into_iter().filter_map(|key| String::from_utf8(key).ok()).collect();
        // Another store may have a prefix that begins like the one of these records.
        keys.retain(|key| {
            key.strip_prefix(&prefix)
                .is_some_and(|hash| hash > from.after.as_str() && from_hex(hash).is_some())
        });
        keys.sort();
        keys.dedup();
        Ok((next_cursor, keys))
    }

    fn hash_in(&self, key: &str) -> Option<TokenHash> {
        key.strip_prefix(&self.record_prefix()).and_then(from_hex)
    }
}

impl PartialPage {
    fn len(&self) -> usize {
        self.sessions.len() + self.unreadable.len()
    }

    fn ending_at(self, position: &ScanPosition) -> Page {
        let ScanPosition { shard, cursor, count, after, address } = position;
        let next = Some(Cursor(format!("{shard}/{cursor}/{count}/{after}/{address}")));
        Page { sessions: self.sessions, next, unreadable: self.unreadable }
    }
}

impl ScanPosition {
    fn parse(text: &str) -> Option<Self> {
        // The address is last, because the path of a socket contains slashes.
        let mut parts = text.splitn(5, '/');
        Some(ScanPosition {
            shard: parts.next()?.parse().ok()?,
            cursor: parts.next()?.parse().ok()?,
            count: parts.next()?.parse().ok()?,
            after: parts.next()?.to_owned(),
            address: parts.next()?.to_owned(),
        })
    }
}

fn parse_next<T: FromRedisValue>(answers: &mut impl Iterator<Item = Value>) -> Result<T, CommandError> {
    let answer = answers.next().unwrap_or(Value::Nil);
    parse(answer.extract_error().map_err(CommandError::Rejected)?)
}

/// A pattern that matches only this text.
pub(super) fn escape_pattern(text: &str) -> String {
    text.chars().flat_map(|c| "*?[]\\".contains(c).then_some('\\').into_iter().chain([c])).collect()
}
