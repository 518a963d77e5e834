//! A Redis Cluster: each command goes to the server that has its key, wherever that is by now.
//!
//! The client that comes with the `redis` crate sends a command again whose answer was lost, or did not come in time; to be
//! told not to is to be left without redirections too. A change must not be applied twice.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use redis::{Cmd, ConnectionAddr, ConnectionInfo, Pipeline, RedisError, ServerErrorKind, Value};
use tokio::task::JoinSet;

use super::connection::Failure;
use super::node::{Durability, Node};
use super::slots;

/// How long a command is tried that no server has done yet: the last try may take as long as a server may, and all of it less
/// than a call may.
const PATIENCE: Duration = Duration::from_millis(900);

/// How often a command is sent from one server to another without a pause.
const REDIRECTIONS: usize = 4;

/// How long to wait before it is tried again.
const PAUSE: Duration = Duration::from_millis(50);

/// How long to wait for servers that know more than the first that answered.
const OTHERS: Duration = Duration::from_millis(50);

/// A cluster. A clone is the same one.
#[derive(Clone)]
pub(super) struct Cluster(Arc<Shared>);

struct Shared {
    /// What is the same for all servers: user, password, TLS.
    seed: ConnectionInfo,
    /// The servers that are asked though they may be none of the cluster's any more.
    seeds: Vec<String>,
    map: RwLock<Map>,
    /// Held while the map is drawn; when it was last.
    drawing: tokio::sync::Mutex<Option<Instant>>,
}

/// Who has what, as far as known.
#[derive(Default)]
struct Map {
    /// All servers that are asked who has what.
    nodes: BTreeMap<String, Arc<Node>>,
    shards: Vec<Shard>,
}

/// Slots and their server.
#[derive(Clone)]
pub(super) struct Shard {
    pub(super) start: u16,
    end: u16,
    pub(super) node: Arc<Node>,
    has_replicas: bool,
}

impl Cluster {
    /// The cluster that these servers are in.
    pub(super) async fn join(seeds: &[ConnectionInfo]) -> Result<Self, Failure> {
        let Some(seed) = seeds.first() else { return Err(unknown_slot()) };
        let mut nodes = BTreeMap::new();
        for server in seeds {
            let node = Node::new(server).map_err(Failure::Refused)?;
            nodes.insert(node.address.clone(), Arc::new(node));
        }
        let cluster = Cluster(Arc::new(Shared {
            seed: seed.clone(),
            seeds: nodes.keys().cloned().collect(),
            map: RwLock::new(Map { nodes, shards: Vec::new() }),
            drawing: tokio::sync::Mutex::default(),
        }));
        cluster.draw().await;
        if cluster.shards().is_empty() { Err(unknown_slot()) } else { Ok(cluster) }
    }

    /// The servers that have slots, by their slots.
    pub(super) fn shards(&self) -> Vec<Shard> {
        self.0.map.read().unwrap_or_else(PoisonError::into_inner).shards.clone()
    }

    /// Runs a command on the server that has the key. It is sent again only where it surely was not done.
    pub(super) async fn run(
        &self,
        key: &str,
        command: &Cmd,
        durability: Durability,
    ) -> Result<Value, Failure> {
        let end = Instant::now() + PATIENCE;
        let (mut redirection, mut redirections) = (None, 0);
        loop {
            let failure = match self.target(key, redirection.take()) {
                Err(failure) => failure,
                Ok((node, asking, has_replicas)) => {
                    // Without a replica nothing can take the server's place: its own word is all there is.
                    let durability = if has_replicas { durability } else { Durability::Server };
                    match node.run(command, durability, asking).await {
                        Ok(answer) => return Ok(answer),
                        Err(failure) => failure,
                    }
                }
            };
            let error = match &failure {
                Failure::Refused(error) | Failure::Unreached(_, error) => error,
                Failure::Unanswered(..) | Failure::Unreplicated => {
                    self.draw_soon();
                    return Err(failure);
                }
            };
            match kind_of(error) {
                Some(kind @ (ServerErrorKind::Moved | ServerErrorKind::Ask))
                    if redirections < REDIRECTIONS =>
                {
                    redirections += 1;
                    redirection =
                        error.redirect_node().map(|(to, _)| (to.to_owned(), kind == ServerErrorKind::Ask));
                    self.draw_soon();
                }
                Some(kind) if !passes(kind) => return Err(failure),
                _ if matches!(failure, Failure::Refused(_)) && kind_of(error).is_none() => {
                    return Err(failure);
                }
                _ => {
                    self.draw().await;
                    tokio::time::sleep(PAUSE).await;
                }
            }
            if Instant::now() >= end {
                return Err(failure);
            }
        }
    }

    /// Where to send it: to the server that has the key, or where another one said; whether that server must be told that
    /// it was sent there; and whether it has replicas.
    fn target(
        &self,
        key: &str,
        redirection: Option<(String, bool)>,
    ) -> Result<(Arc<Node>, bool, bool), Failure> {
        let Some((address, asking)) = redirection else {
            let slot = slots::slot_of(key);
            let shard = self.shards().into_iter().find(|shard| (shard.start..=shard.end).contains(&slot));
            return shard.map(|it| (it.node, false, it.has_replicas)).ok_or_else(unknown_slot);
        };
        let (host, port) = address.rsplit_once(':').ok_or_else(unknown_slot)?;
        let port = port.parse().map_err(|_| unknown_slot())?;
        let node = self.node(host, port).map_err(Failure::Refused)?;
        let known = self.shards().into_iter().find(|shard| shard.node.address == node.address);
        Ok((node, asking, known.is_none_or(|shard| shard.has_replicas)))
    }

    fn node(&self, host: &str, port: u16) -> Result<Arc<Node>, RedisError> {
        let address = match self.0.seed.addr() {
            ConnectionAddr::TcpTls { insecure, tls_params, .. } => ConnectionAddr::TcpTls {
                host: host.to_owned(),
                port,
                insecure: *insecure,
                tls_params: tls_params.clone(),
            },
            _ => ConnectionAddr::Tcp(host.to_owned(), port),
        };
        let mut map = self.0.map.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(node) = map.nodes.get(&address.to_string()) {
            return Ok(Arc::clone(node));
        }
        let node = Arc::new(Node::new(&self.0.seed.clone().set_addr(address))?);
        map.nodes.insert(node.address.clone(), Arc::clone(&node));
        Ok(node)
    }

    fn draw_soon(&self) {
        let cluster = self.clone();
        tokio::spawn(async move { cluster.draw().await });
    }

    /// Asks all servers who has what, and believes the one that knows the latest election.
    async fn draw(&self) {
        let Ok(mut drawn) = self.0.drawing.try_lock() else { return };
        if drawn.is_some_and(|when| when.elapsed() < PAUSE) {
            return;
        }
        let mut questions = JoinSet::new();
        {
            let map = self.0.map.read().unwrap_or_else(PoisonError::into_inner);
            for node in map.nodes.values().cloned() {
                questions.spawn(async move { ask(&node).await.map(|(epoch, ranges)| (epoch, ranges, node)) });
            }
        }
        let (mut best, mut end): (Option<(u64, _, _)>, Option<tokio::time::Instant>) = (None, None);
        loop {
            let next = match end {
                None => questions.join_next().await,
                Some(end) => tokio::time::timeout_at(end, questions.join_next()).await.unwrap_or(None),
            };
            let Some(answer) = next else { break };
            let Ok(Some((epoch, ranges, node))) = answer else { continue };
            end = end.or_else(|| Some(tokio::time::Instant::now() + OTHERS));
            if best.as_ref().is_none_or(|(known, ..)| epoch > *known) {
                best = Some((epoch, ranges, node));
            }
        }
        if let Some((_, ranges, node)) = best {
            self.believe(ranges, &node);
        }
        *drawn = Some(Instant::now());
    }

    fn believe(&self, ranges: Vec<slots::Range>, told_by: &Node) {
        let own_host = told_by.address.rsplit_once(':').map_or(told_by.address.as_str(), |(host, _)| host);
        let mut shards = Vec::new();
        for range in ranges {
            let Ok(node) = self.node(range.host.as_deref().unwrap_or(own_host), range.port) else { return };
            let has_replicas = range.replicas > 0;
            shards.push(Shard { start: range.start, end: range.end, node, has_replicas });
        }
        shards.sort_by_key(|shard| shard.start);
        let mut map = self.0.map.write().unwrap_or_else(PoisonError::into_inner);
        map.nodes.retain(|address, _| {
            self.0.seeds.contains(address) || shards.iter().any(|shard| shard.node.address == *address)
        });
        map.shards = shards;
    }
}

/// What a server knows: the number of the latest election, and who has what.
async fn ask(node: &Node) -> Option<(u64, Vec<slots::Range>)> {
    let mut questions = Pipeline::new();
    questions.cmd("CLUSTER").arg("INFO").cmd("CLUSTER").arg("SLOTS");
    let mut answers = node.send(&questions).await.ok()?.into_iter();
    let info: String = redis::from_redis_value(answers.next()?).ok()?;
    let epoch = info.lines().find_map(|line| line.strip_prefix("cluster_current_epoch:"));
    let ranges = slots::parse(answers.next()?).filter(|ranges| !ranges.is_empty())?;
    Some((epoch?.trim().parse().ok()?, ranges))
}

fn kind_of(error: &RedisError) -> Option<ServerErrorKind> {
    match error.kind() {
        redis::ErrorKind::Server(kind) => Some(kind),
        _ => None,
    }
}

/// Whether a refusal is of the kind that passes while a cluster finds itself again.
fn passes(kind: ServerErrorKind) -> bool {
    matches!(
        kind,
        ServerErrorKind::TryAgain
            | ServerErrorKind::ClusterDown
            | ServerErrorKind::MasterDown
            | ServerErrorKind::BusyLoading
            | ServerErrorKind::ReadOnly
            | ServerErrorKind::Moved
            | ServerErrorKind::Ask
    )
}

fn unknown_slot() -> Failure {
    let error = std::io::Error::other("no server of the cluster says who has this key");
    Failure::Unreached("that has the key".to_owned(), error.into())
}
