//! [`Cluster`]: a Redis Cluster. It sends each command to the server that has the key, and follows the cluster's changes.
//!
//! The cluster client of the `redis` crate is not used: it sends a command again if the answer was lost or late. If that is
//! disabled, it does not follow redirections either. A change must not be applied twice.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use redis::{Cmd, Pipeline, RedisError, ServerErrorKind, Value};
use tokio::task::JoinSet;

use super::command_error::{CommandError, is_unavailable, kind_of};
use super::node::{Durability, Node};
use super::server::RedisServer;
use super::slots::{SlotRange, parse_slots, slot_of};

/// The time in which attempts may start while no server has executed the command. The last attempt may take as long as
/// an answer may; both together are shorter than the time limit of a store call.
pub(super) const ATTEMPTS_TIMEOUT: Duration = Duration::from_millis(900);

/// The number of redirections that are followed without a delay.
const MAX_REDIRECTIONS: usize = 4;

/// The delay before the next attempt, and the shortest time between two refreshes.
pub(super) const RETRY_DELAY: Duration = Duration::from_millis(50);

/// The time to wait for a server that knows a later election than the first server that answered.
const LATER_EPOCH_TIMEOUT: Duration = Duration::from_millis(50);

/// A cluster. A clone refers to the same one.
#[derive(Clone)]
pub(super) struct Cluster(Arc<ClusterState>);

struct ClusterState {
    /// The settings that all servers share: user, password, TLS.
    seed: RedisServer,
    /// The servers of the URL. They are always asked for the topology, even if they have left the cluster.
    seeds: Vec<String>,
    /// Read by every command. Written by a refresh, and when a redirection names a new server. It is never locked across
    /// an await point.
    topology: RwLock<Topology>,
    /// Held during a refresh, so that there is only one at a time. The value is the end of the last one.
    last_refresh: tokio::sync::Mutex<Option<Instant>>,
}

/// The known servers, and which slots they have.
#[derive(Default)]
struct Topology {
    /// The servers that are asked for the topology, by address.
    nodes: BTreeMap<String, Arc<Node>>,
    /// Sorted by their first slots.
    shards: Vec<Shard>,
}

/// The slots from `start` to the next shard, and their server.
#[derive(Clone)]
pub(super) struct Shard {
    pub(super) start: u16,
    pub(super) node: Arc<Node>,
    has_replicas: bool,
}

/// Where to send a command.
struct CommandTarget {
    node: Arc<Node>,
    asking: bool,
    has_replicas: bool,
}

impl Cluster {
    /// The cluster of these servers.
    pub(super) async fn join(seeds: &[RedisServer]) -> Result<Self, CommandError> {
        let Some(seed) = seeds.first() else { return Err(unknown_server()) };
        let mut nodes = BTreeMap::new();
        for server in seeds {
            let node = Node::new(server);
            nodes.insert(node.address.clone(), Arc::new(node));
        }
        let cluster = Cluster(Arc::new(ClusterState {
            seed: seed.clone(),
            seeds: nodes.keys().cloned().collect(),
            topology: RwLock::new(Topology { nodes, shards: Vec::new() }),
            last_refresh: tokio::sync::Mutex::default(),
        }));
        cluster.refresh().await;
        if cluster.shards().is_empty() { Err(unknown_server()) } else { Ok(cluster) }
    }

    /// The servers that have slots, in the order of their slots.
    pub(super) fn shards(&self) -> Vec<Shard> {
        self.0.topology.read().unwrap_or_else(PoisonError::into_inner).shards.clone()
    }

    /// The shard that should have this slot. If it does not, its server redirects the command.
    pub(super) fn nearest_shard(&self, slot: u16) -> Result<Shard, CommandError> {
        let topology = self.0.topology.read().unwrap_or_else(PoisonError::into_inner);
        let nth = topology.shards.partition_point(|shard| shard.start <= slot).saturating_sub(1);
        topology.shards.get(nth).cloned().ok_or_else(unknown_server)
    }

    /// Runs a command on the server that has the key. It is sent again only if it was certainly not executed.
    pub(super) async fn run(
        &self,
        key: &str,
        command: &Cmd,
        durability: Durability,
    ) -> Result<Value, CommandError> {
        let end = Instant::now() + ATTEMPTS_TIMEOUT;
        let (mut redirection, mut redirections) = (None, 0);
        loop {
            let failure = match self.attempt(key, redirection.take(), command, durability).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let error = match &failure {
                CommandError::Rejected(error) | CommandError::Unreachable(_, error) => error,
                CommandError::NoAnswer(..) | CommandError::NotReplicated => {
                    self.refresh_soon();
                    return Err(failure);
                }
            };
            match kind_of(error) {
                Some(kind @ (ServerErrorKind::Moved | ServerErrorKind::Ask))
                    if redirections < MAX_REDIRECTIONS =>
                {
                    redirections += 1;
                    redirection =
                        error.redirect_node().map(|(to, _)| (to.to_owned(), kind == ServerErrorKind::Ask));
                    self.refresh_soon();
                }
                _ if matches!(failure, CommandError::Rejected(_)) && !is_temporary(error) => {
                    return Err(failure);
                }
                _ => {
                    self.refresh().await;
                    tokio::time::sleep(RETRY_DELAY).await;
                }
            }
            if Instant::now() >= end {
                return Err(failure);
            }
        }
    }

    async fn attempt(
        &self,
        key: &str,
        redirection: Option<(String, bool)>,
        command: &Cmd,
        durability: Durability,
    ) -> Result<Value, CommandError> {
        let CommandTarget { node, asking, has_replicas } = self.target(key, redirection)?;
        // Without replicas there is nothing to wait for.
        let durability = if has_replicas { durability } else { Durability::Server };
        node.run(command, durability, asking).await
    }

    /// The server that has the key, or the server that a redirection (`MOVED`, or `ASK` if true) named.
    fn target(&self, key: &str, redirection: Option<(String, bool)>) -> Result<CommandTarget, CommandError> {
        let Some((address, asking)) = redirection else {
            let Shard { node, has_replicas, .. } = self.nearest_shard(slot_of(key))?;
            return Ok(CommandTarget { node, asking: false, has_replicas });
        };
        let (host, port) = address.rsplit_once(':').ok_or_else(unknown_server)?;
        let port = port.parse().map_err(|_| unknown_server())?;
        let node = self.node(host, port).map_err(CommandError::Rejected)?;
        let known = self.shards().into_iter().find(|shard| shard.node.address == node.address);
        Ok(CommandTarget { node, asking, has_replicas: known.is_none_or(|shard| shard.has_replicas) })
    }

    fn node(&self, host: &str, port: u16) -> Result<Arc<Node>, RedisError> {
        let server = self.0.seed.at(host, port)?;
        let mut topology = self.0.topology.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(node) = topology.nodes.get(&server.name()) {
            return Ok(Arc::clone(node));
        }
        let node = Arc::new(Node::new(&server));
        topology.nodes.insert(node.address.clone(), Arc::clone(&node));
        Ok(node)
    }

    fn refresh_soon(&self) {
        let cluster = self.clone();
        tokio::spawn(async move { cluster.refresh().await });
    }

    /// Asks all servers for the topology, and applies the answer with the latest epoch (election).
    async fn refresh(&self) {
        let Ok(mut last_refresh) = self.0.last_refresh.try_lock() else { return };
        if last_refresh.is_some_and(|when| when.elapsed() < RETRY_DELAY) {
            return;
        }
        let mut answers = JoinSet::new();
        {
            let topology = self.0.topology.read().unwrap_or_else(PoisonError::into_inner);
            for node in topology.nodes.values().cloned() {
                answers.spawn(async move {
                    let (epoch, ranges) = ask_topology(&node).await?;
                    Some((epoch, ranges, node))
                });
            }
        }
        let (mut latest, mut end): (Option<(u64, _, _)>, Option<tokio::time::Instant>) = (None, None);
        loop {
            let next = match end {
                None => answers.join_next().await,
                Some(end) => tokio::time::timeout_at(end, answers.join_next()).await.unwrap_or(None),
            };
            let Some(answer) = next else { break };
            let Ok(Some((epoch, ranges, node))) = answer else { continue };
            end = end.or_else(|| Some(tokio::time::Instant::now() + LATER_EPOCH_TIMEOUT));
            if latest.as_ref().is_none_or(|(known, ..)| epoch > *known) {
                latest = Some((epoch, ranges, node));
            }
        }
        if let Some((_, ranges, node)) = latest {
            self.apply_topology(ranges, &node);
        }
        *last_refresh = Some(Instant::now());
    }

    /// Applies the topology that `source` reported.
    fn apply_topology(&self, ranges: Vec<SlotRange>, source: &Node) {
        let own_host = source.address.rsplit_once(':').map_or(source.address.as_str(), |(host, _)| host);
        let mut shards = Vec::new();
        for SlotRange { start, host, port, has_replicas } in ranges {
            let Ok(node) = self.node(host.as_deref().unwrap_or(own_host), port) else { return };
            shards.push(Shard { start, node, has_replicas });
        }
        shards.sort_by_key(|shard| shard.start);
        let mut topology = self.0.topology.write().unwrap_or_else(PoisonError::into_inner);
        topology.nodes.retain(|address, _| {
            self.0.seeds.contains(address) || shards.iter().any(|shard| shard.node.address == *address)
        });
        topology.shards = shards;
    }
}

/// The epoch of the latest election that a server knows, and its topology.
async fn ask_topology(node: &Node) -> Option<(u64, Vec<SlotRange>)> {
    let mut commands = Pipeline::new();
    commands.cmd("CLUSTER").arg("INFO").cmd("CLUSTER").arg("SLOTS");
    let mut answers = node.send(&commands).await.ok()?.into_iter();
    let info: String = redis::from_redis_value(answers.next()?).ok()?;
    let epoch = info.lines().find_map(|line| line.strip_prefix("cluster_current_epoch:"));
    let ranges = parse_slots(answers.next()?).filter(|ranges| !ranges.is_empty())?;
    Some((epoch?.trim().parse().ok()?, ranges))
}

/// Whether this error disappears when a failover or a move of slots is complete.
fn is_temporary(error: &RedisError) -> bool {
    is_unavailable(error)
        || matches!(
            kind_of(error),
            Some(
                ServerErrorKind::TryAgain
                    | ServerErrorKind::ClusterDown
                    | ServerErrorKind::Moved
                    | ServerErrorKind::Ask
            )
        )
}

fn unknown_server() -> CommandError {
    let error = std::io::Error::other("no server of the cluster reported which server has it");
    CommandError::Unreachable("of this key".to_owned(), error.into())
}
