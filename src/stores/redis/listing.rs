//! All sessions: Redis is asked for its keys, a handful at a time.

use std::sync::Arc;

use redis::{Pipeline, Value};

use super::connection::Failure;
use super::node::Node;
use super::{Inner, key_of, text_of_key};
use crate::clock::Timestamp;
use crate::session::TokenHash;
use crate::session::{Cursor, Page, StoreError};

/// How many steps one page takes at most: where sessions are few among many other keys, a page may be short or empty.
const STEPS: usize = 100;

/// How many keys Redis looks at in a step: more after one that found no session.
const FEWEST: usize = 10;
const MOST: usize = 1000;

/// How many keys a count looks at.
const SAMPLE: usize = 1000;

/// Where a page ended. A step may find more than a page has room for: then the next page takes the same step again and
/// leaves out what came before, in the order of the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Position {
    shard: u16,
    /// What Redis needs to go on.
    step: u64,
    /// How many keys it is to look at: with another number it would be another step.
    count: usize,
    /// The last key that was shown of this step, without its prefix.
    after: String,
    address: String,
}

impl Inner {
    /// A page of all live sessions. While Redis moves its keys about, some may be shown twice.
    pub(super) async fn list_everyone(
        &self,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        let from = after.map(|cursor| Position::parse(&cursor.0).ok_or(StoreError::BadCursor)).transpose()?;
        let mut count = from.as_ref().map_or(limit, |from| from.count).clamp(FEWEST, MOST);
        let mut sessions = Vec::new();
        let mut steps = 0;
        for (shard, node) in self.servers.masters() {
            let (mut step, mut last) = match &from {
                Some(from) if shard < from.shard => continue,
                // Where another server has taken its place, the steps are others.
                Some(from) if shard == from.shard && node.address == from.address => {
                    (from.step, from.after.clone())
                }
                _ => (0, String::new()),
            };
            loop {
                if steps == STEPS {
                    let position =
                        Position { shard, step, count, after: last, address: node.address.clone() };
                    return Ok(Page { sessions, next: Some(position.cursor()) });
                }
                steps += 1;
                let (next_step, mut keys) =
                    self.step(&node, step, count).await.map_err(StoreError::failed)?;
                let prefix = self.record_prefix();
                keys.retain(|key| key.strip_prefix(&prefix).is_some_and(|hash| hash > last.as_str()));
                keys.sort();
                keys.dedup();
                // No more than there is room for, and one that says that there is another page.
                for keys in keys.chunks(count.min(limit.saturating_sub(sessions.len()).saturating_add(1))) {
                    let texts = self.servers.get_from(&node, keys).await.map_err(StoreError::failed)?;
                    for (key, text) in keys.iter().zip(texts) {
                        let (Some(hash), Some(text)) = (self.hash_in(key), text) else { continue };
                        let record = super::decode(&text)?;
                        if record.is_expired(now) {
                            continue;
                        }
                        if sessions.len() == limit {
                            let position =
                                Position { shard, step, count, after: last, address: node.address.clone() };
                            return Ok(Page { sessions, next: Some(position.cursor()) });
                        }
                        sessions.push((hash, record));
                        last = text_of_key(&hash);
                    }
                }
                if keys.is_empty() && last.is_empty() {
                    count = (count * 2).min(MOST);
                }
                (step, last) = (next_step, String::new());
                if step == 0 {
                    break;
                }
            }
        }
        Ok(Page { sessions, next: None })
    }

    /// About how many sessions there are: of each server's keys, as large a part as of a sample of them.
    pub(super) async fn count_sampled(&self) -> Result<u64, Failure> {
        let mut count = 0;
        for (_, node) in self.servers.masters() {
            let mut commands = Pipeline::new();
            commands.cmd("DBSIZE").cmd("SCAN").arg(0).arg("COUNT").arg(SAMPLE);
            let mut answers = self.ask(&node, &commands).await?.into_iter();
            let size: u64 = parsed(answers.next())?;
            let (step, keys): (u64, Vec<Vec<u8>>) = parsed(answers.next())?;
            let is_ours = |key: &Vec<u8>| str::from_utf8(key).is_ok_and(|key| self.hash_in(key).is_some());
            let (seen, ours) = (keys.len() as u64, keys.iter().filter(|key| is_ours(key)).count() as u64);
            count += if step == 0 || seen == 0 { ours } else { size.saturating_mul(ours) / seen };
        }
        Ok(count)
    }

    /// One step through a server's keys: what the next one needs, and the keys of records among them.
    async fn step(&self, node: &Arc<Node>, step: u64, count: usize) -> Result<(u64, Vec<String>), Failure> {
        let mut commands = Pipeline::new();
        let pattern = format!("{}*", literally(&self.record_prefix()));
        commands.cmd("SCAN").arg(step).arg("MATCH").arg(pattern).arg("COUNT").arg(count);
        parsed(self.ask(node, &commands).await?.pop())
    }

    async fn ask(&self, node: &Node, commands: &Pipeline) -> Result<Vec<Value>, Failure> {
        let answers = node.send(commands).await?.into_iter();
        answers.map(|answer| answer.extract_error().map_err(Failure::Refused)).collect()
    }

    fn hash_in(&self, key: &str) -> Option<TokenHash> {
        key.strip_prefix(&self.record_prefix()).and_then(key_of)
    }
}

impl Position {
    fn cursor(&self) -> Cursor {
        Cursor(format!("{}/{}/{}/{}/{}", self.shard, self.step, self.count, self.after, self.address))
    }

    fn parse(text: &str) -> Option<Self> {
        // The path of a socket holds slashes, so it comes last.
        let mut parts = text.splitn(5, '/');
        Some(Position {
            shard: parts.next()?.parse().ok()?,
            step: parts.next()?.parse().ok()?,
            count: parts.next()?.parse().ok()?,
            after: parts.next()?.to_owned(),
            address: parts.next()?.to_owned(),
        })
    }
}

fn parsed<T: redis::FromRedisValue>(answer: Option<Value>) -> Result<T, Failure> {
    redis::from_redis_value(answer.unwrap_or(Value::Nil)).map_err(|error| Failure::Refused(error.into()))
}

/// A pattern that only this text matches.
fn literally(text: &str) -> String {
    text.chars().flat_map(|c| "*?[]\\".contains(c).then_some('\\').into_iter().chain([c])).collect()
}
