//! [`Router`]: sends each command to the single server, or to the server of a cluster that has its key.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use redis::{Cmd, FromRedisValue, Pipeline, Value};

use super::cluster::{ATTEMPTS_TIMEOUT, Cluster, RETRY_DELAY};
use super::command_error::{CommandError, is_unavailable, is_wrong_type};
use super::node::{Durability, Node};
use super::slots::slot_of;

/// The number of records that one pipeline reads.
const BATCH_SIZE: usize = 100;

/// The servers of a store.
#[derive(Clone)]
pub(super) enum Router {
    Single(Arc<Node>),
    Cluster(Cluster),
}

/// A node, and the keys that it is asked for with their positions.
type ShardKeys = (Arc<Node>, Vec<(usize, String)>);

impl Router {
    /// Runs a command on the server that has this key.
    pub(super) async fn run(
        &self,
        key: &str,
        command: &Cmd,
        durability: Durability,
    ) -> Result<Value, CommandError> {
        match self {
            Router::Single(node) => run_on(node, command).await,
            Router::Cluster(cluster) => cluster.run(key, command, durability).await,
        }
    }

    /// Whether writes can wait for a replica.
    pub(super) fn is_replicated(&self) -> bool {
        matches!(self, Router::Cluster(_))
    }

    /// The servers that hold keys. The number of each gives them a stable order.
    pub(super) fn masters(&self) -> Vec<(u16, Arc<Node>)> {
        match self {
            Router::Single(node) => vec![(0, Arc::clone(node))],
            Router::Cluster(cluster) => {
                let mut masters: Vec<(u16, Arc<Node>)> = Vec::new();
                for shard in cluster.shards() {
                    if masters.iter().all(|(_, node)| node.address != shard.node.address) {
                        masters.push((shard.start, shard.node));
                    }
                }
                masters
            }
        }
    }

    /// The values of these keys, in the same order. A damaged value may not be UTF-8, and one that is not a string is empty.
    pub(super) async fn get_all(&self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>, CommandError> {
        self.read_all("GET", keys).await
    }

    /// The answers of a reading command for each of these keys, in the same order.
    pub(super) async fn read_all<T: FromRedisValue>(
        &self,
        command: &str,
        keys: &[String],
    ) -> Result<Vec<T>, CommandError> {
        let cluster = match self {
            Router::Single(node) => return self.read_from(node, command, keys).await,
            Router::Cluster(cluster) => cluster,
        };
        let mut by_shard: BTreeMap<u16, ShardKeys> = BTreeMap::new();
        for (index, key) in keys.iter().enumerate() {
            let shard = cluster.nearest_shard(slot_of(key))?;
            let (_, group) = by_shard.entry(shard.start).or_insert_with(|| (shard.node, Vec::new()));
            group.push((index, key.clone()));
        }
        let mut found: Vec<(usize, T)> = Vec::with_capacity(keys.len());
        for (node, group) in by_shard.into_values() {
            let (indexes, keys): (Vec<usize>, Vec<String>) = group.into_iter().unzip();
            found.extend(indexes.into_iter().zip(self.read_from(&node, command, &keys).await?));
        }
        found.sort_unstable_by_key(|(index, _)| *index);
        Ok(found.into_iter().map(|(_, text)| text).collect())
    }

    /// The values of keys that this server should have.
    pub(super) async fn get_from(
        &self,
        node: &Node,
        keys: &[String],
    ) -> Result<Vec<Option<Vec<u8>>>, CommandError> {
        self.read_from(node, "GET", keys).await
    }

    async fn read_from<T: FromRedisValue>(
        &self,
        node: &Node,
        command: &str,
        keys: &[String],
    ) -> Result<Vec<T>, CommandError> {
        let mut found = Vec::with_capacity(keys.len());
        for keys in keys.chunks(BATCH_SIZE) {
            let mut commands = Pipeline::with_capacity(keys.len());
            for key in keys {
                commands.cmd(command).arg(key);
            }
            for (key, answer) in keys.iter().zip(node.send(&commands).await?) {
                found.push(match answer.extract_error() {
                    Ok(answer) => parse(answer)?,
                    // Another server may have the key now, or the key is not a string.
                    Err(_) => self.read(command, key).await?,
                });
            }
        }
        Ok(found)
    }

    /// The value of a key.
    pub(super) async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, CommandError> {
        self.read("GET", key).await
    }

    async fn read<T: FromRedisValue>(&self, command: &str, key: &str) -> Result<T, CommandError> {
        match self.run(key, redis::cmd(command).arg(key), Durability::Server).await {
            // As in `get.lua`.
            Err(CommandError::Rejected(error)) if is_wrong_type(&error) => {
                parse(Value::BulkString(Vec::new()))
            }
            answer => parse(answer?),
        }
    }
}

/// Runs a command on the single server. It is sent again only if it was certainly not executed: after a failover, a new
/// connection may lead to the server that is now the primary.
async fn run_on(node: &Node, command: &Cmd) -> Result<Value, CommandError> {
    let end = Instant::now() + ATTEMPTS_TIMEOUT;
    let mut has_failed_over = false;
    loop {
        let result = node.run(command, Durability::Server, false).await;
        let tries_again = match &result {
            Err(CommandError::Rejected(error)) => is_unavailable(error),
            Err(CommandError::Unreachable(..)) => has_failed_over,
            _ => false,
        };
        if !tries_again || Instant::now() >= end {
            return result;
        }
        has_failed_over = true;
        tokio::time::sleep(RETRY_DELAY).await;
    }
}

/// Reads an answer as a value of the expected type.
pub(super) fn parse<T: FromRedisValue>(answer: Value) -> Result<T, CommandError> {
    redis::from_redis_value(answer).map_err(|error| CommandError::Rejected(error.into()))
}
