//! [`HashQueue`]: lets few passwords be hashed at once, and the networks that wait take turns.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use argon2::Block;
use tokio::sync::oneshot;

use super::throttle::Network;

/// How many passwords are hashed at once. Each takes tens of milliseconds of CPU time and 12 MiB.
const MAX_HASHES: usize = 2;

/// How many logins may wait, in all and from one network, and how long.
const MAX_WAITING: usize = 1024;
const MAX_WAITING_OF_NETWORK: usize = 32;
const QUEUE_TIMEOUT: Duration = Duration::from_secs(10);

/// The threads that handle logins share it. `state` is locked to take a place, and to pass it on to the next login.
#[derive(Debug)]
pub(super) struct HashQueue {
    state: Mutex<QueueState>,
}

#[derive(Debug)]
struct QueueState {
    /// The memory for each hash that may start now. It is reused: freed memory of this size would stay with the process.
    free: Vec<Vec<Block>>,
    /// The networks of waiting logins, in the order of their turns. Each is a key of `waiting`.
    turns: VecDeque<Option<Network>>,
    waiting: HashMap<Option<Network>, VecDeque<oneshot::Sender<HashPermit>>>,
}

/// The permit to hash a password. Dropping it lets the next login continue.
#[derive(Debug)]
pub(super) struct HashPermit {
    /// `None` if the permit was passed on.
    memory: Option<Vec<Block>>,
    queue: Arc<HashQueue>,
}

impl HashPermit {
    /// Memory for one hash, of any length and with any content.
    pub(super) fn memory(&mut self) -> &mut Vec<Block> {
        self.memory.get_or_insert_default()
    }
}

impl Drop for HashPermit {
    fn drop(&mut self) {
        if let Some(memory) = self.memory.take() {
            self.queue.pass_on(memory);
        }
    }
}

impl HashQueue {
    pub(super) fn new() -> Arc<Self> {
        let free = (0..MAX_HASHES).map(|_| Vec::new()).collect();
        let state = QueueState { free, turns: VecDeque::new(), waiting: HashMap::new() };
        Arc::new(HashQueue { state: Mutex::new(state) })
    }

    fn state(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the turn of a login from this network. `None`: too many logins wait, or the wait was too long.
    pub(super) async fn permit(self: &Arc<Self>, network: Option<Network>) -> Option<HashPermit> {
        let receiver = {
            let mut state = self.state();
            if let Some(memory) = state.free.pop() {
                return Some(HashPermit { memory: Some(memory), queue: Arc::clone(self) });
            }
            state.wait(network)?
        };
        tokio::time::timeout(QUEUE_TIMEOUT, receiver).await.ok()?.ok()
    }

    /// Lets the next login continue, if one waits.
    fn pass_on(self: &Arc<Self>, mut memory: Vec<Block>) {
        let mut state = self.state();
        while let Some(next) = state.next() {
            match next.send(HashPermit { memory: Some(memory), queue: Arc::clone(self) }) {
                Ok(()) => return,
                // That login waits no longer.
                Err(mut permit) => memory = permit.memory.take().unwrap_or_default(),
            }
        }
        state.free.push(memory);
    }
}

impl QueueState {
    /// Takes a place for a login from this network. `None`: too many wait.
    fn wait(&mut self, network: Option<Network>) -> Option<oneshot::Receiver<HashPermit>> {
        if self.waiting.values().map(VecDeque::len).sum::<usize>() >= MAX_WAITING {
            return None;
        }
        let waiting = self.waiting.entry(network).or_default();
        waiting.retain(|sender| !sender.is_closed());
        if waiting.len() >= MAX_WAITING_OF_NETWORK {
            return None;
        }
        if !self.turns.contains(&network) {
            self.turns.push_back(network);
        }
        let (sender, receiver) = oneshot::channel();
        waiting.push_back(sender);
        Some(receiver)
    }

    /// Takes the next login: the first one of the network whose turn it is.
    fn next(&mut self) -> Option<oneshot::Sender<HashPermit>> {
        loop {
            let network = self.turns.pop_front()?;
            let waiting = self.waiting.entry(network).or_default();
            let next = waiting.pop_front();
            match waiting.is_empty() {
                true => drop(self.waiting.remove(&network)),
                false => self.turns.push_back(network),
            }
            if next.is_some() {
                return next;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn network(number: u8) -> Option<Network> {
        Some(Network::from(std::net::IpAddr::from(Ipv4Addr::new(192, 0, 2, number))))
    }

    fn all_permits(queue: &Arc<HashQueue>) -> Vec<HashPermit> {
        let memories = std::mem::take(&mut queue.state().free);
        let permit = |memory| HashPermit { memory: Some(memory), queue: Arc::clone(queue) };
        memories.into_iter().map(permit).collect()
    }

    #[test]
    fn networks_take_turns() {
        let queue = HashQueue::new();
        let mut permits = all_permits(&queue);
        assert_eq!(permits.len(), MAX_HASHES);
        let mut flood = (0..3).map(|_| queue.state().wait(network(1)).unwrap()).collect::<Vec<_>>();
        let mut other = queue.state().wait(network(2)).unwrap();
        drop(permits.pop());
        let first = flood[0].try_recv();
        assert!(first.is_ok() && other.try_recv().is_err());
        drop(first);
        assert!(other.try_recv().is_ok(), "the other network is next");
        assert!(flood[1].try_recv().is_ok() && flood[2].try_recv().is_ok());
        drop(permits);
        assert_eq!(queue.state().free.len(), MAX_HASHES);
    }

    #[tokio::test]
    async fn the_places_are_limited_and_come_back() {
        let queue = HashQueue::new();
        let permits = all_permits(&queue);
        for _ in 0..2 {
            // Those that wait no longer do not count.
            let places: Vec<_> =
                (0..MAX_WAITING_OF_NETWORK).map(|_| queue.state().wait(network(1))).collect();
            assert!(places.iter().all(Option::is_some));
            assert!(queue.state().wait(network(1)).is_none());
            assert!(queue.state().wait(network(2)).is_some(), "another network");
        }
        drop(permits);
        assert_eq!(queue.state().free.len(), MAX_HASHES);
        assert!(queue.permit(network(1)).await.is_some());
        assert_eq!(queue.state().free.len(), MAX_HASHES, "the permit is dropped");
    }
}
