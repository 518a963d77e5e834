//! Where commands go: to one server, or to that of a cluster which has the key.

use std::collections::BTreeMap;
use std::sync::Arc;

use redis::{Cmd, Pipeline, RedisError, Value};

use super::cluster::Cluster;
use super::connection::Failure;
use super::node::{Durability, Node};

/// How many records are asked for in one piece.
const TOGETHER: usize = 100;

/// The servers of a store.
#[derive(Clone)]
pub(super) enum Servers {
    One(Arc<Node>),
    Cluster(Cluster),
}

impl Servers {
    /// Runs a command about this key.
    pub(super) async fn run(
        &self,
        key: &str,
        command: &Cmd,
        durability: Durability,
    ) -> Result<Value, Failure> {
        match self {
            Servers::One(node) => node.run(command, Durability::Server, false).await,
            Servers::Cluster(cluster) => cluster.run(key, command, durability).await,
        }
    }

    /// Whether writes are waited for until a replica has them.
    pub(super) fn are_replicated(&self) -> bool {
        matches!(self, Servers::Cluster(_))
    }

    /// The servers that hold keys, each with a number by which their order stays the same.
    pub(super) fn masters(&self) -> Vec<(u16, Arc<Node>)> {
        match self {
            Servers::One(node) => vec![(0, Arc::clone(node))],
            Servers::Cluster(cluster) => {
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

    /// The texts under these keys, in their order.
    pub(super) async fn get_all(&self, keys: &[String]) -> Result<Vec<Option<String>>, Failure> {
        match self {
            Servers::One(node) => self.get_from(node, keys).await,
            Servers::Cluster(cluster) => {
                let shards = cluster.shards();
                let mut by_shard: BTreeMap<u16, (Option<Arc<Node>>, Vec<usize>)> = BTreeMap::new();
                for (index, key) in keys.iter().enumerate() {
                    let shard = shards.iter().rfind(|shard| shard.start <= super::slots::slot_of(key));
                    let entry = by_shard.entry(shard.map_or(0, |shard| shard.start)).or_default();
                    entry.0 = shard.map(|shard| Arc::clone(&shard.node));
                    entry.1.push(index);
                }
                let mut found = vec![None; keys.len()];
                for (node, indexes) in by_shard.into_values() {
                    let theirs: Vec<String> =
                        indexes.iter().filter_map(|index| keys.get(*index).cloned()).collect();
                    let texts = match node {
                        Some(node) => self.get_from(&node, &theirs).await?,
                        None => self.get_each(&theirs).await?,
                    };
                    for (index, text) in indexes.into_iter().zip(texts) {
                        if let Some(place) = found.get_mut(index) {
                            *place = text;
                        }
                    }
                }
                Ok(found)
            }
        }
    }

    /// The texts under keys that this server should have.
    pub(super) async fn get_from(
        &self,
        node: &Node,
        keys: &[String],
    ) -> Result<Vec<Option<String>>, Failure> {
        let mut found = Vec::with_capacity(keys.len());
        for keys in keys.chunks(TOGETHER) {
            let mut commands = Pipeline::with_capacity(keys.len());
            for key in keys {
                commands.cmd("GET").arg(key);
            }
            for (key, answer) in keys.iter().zip(node.send(&commands).await?) {
                found.push(match answer.extract_error() {
                    Ok(answer) => text_of(answer)?,
                    // It has moved meanwhile.
                    Err(_) if matches!(self, Servers::Cluster(_)) => self.get(key).await?,
                    Err(error) => return Err(Failure::Refused(error)),
                });
            }
        }
        Ok(found)
    }

    /// The text under a key.
    pub(super) async fn get(&self, key: &str) -> Result<Option<String>, Failure> {
        text_of(self.run(key, redis::cmd("GET").arg(key), Durability::Server).await?)
    }

    async fn get_each(&self, keys: &[String]) -> Result<Vec<Option<String>>, Failure> {
        let mut found = Vec::with_capacity(keys.len());
        for key in keys {
            found.push(self.get(key).await?);
        }
        Ok(found)
    }
}

/// The text that a server answered; `None` for nothing.
pub(super) fn text_of(answer: Value) -> Result<Option<String>, Failure> {
    redis::from_redis_value(answer).map_err(|error| Failure::Refused(RedisError::from(error)))
}
