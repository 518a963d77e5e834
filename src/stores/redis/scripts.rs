//! The scripts that run in Redis, each one step there.

use redis::{Cmd, ErrorKind, Pipeline, ServerErrorKind, Value};

use super::connection::Failure;
use super::node::{Durability, Node};
use super::router::Servers;

/// A script.
#[derive(Debug)]
pub(super) struct Script {
    source: &'static str,
    /// The name that Redis gave it, which depends on the source alone.
    name: String,
}

/// All of them.
#[derive(Debug)]
pub(super) struct Scripts {
    pub(super) change: Script,
    pub(super) delete: Script,
    pub(super) enter: Script,
    pub(super) swap: Script,
    pub(super) touch: Script,
    pub(super) undo: Script,
}

impl Scripts {
    /// Has a server read them, which tells whether it can.
    pub(super) async fn load(node: &Node) -> Result<Self, Failure> {
        Ok(Scripts {
            change: Script::load(node, include_str!("change.lua")).await?,
            delete: Script::load(node, include_str!("delete.lua")).await?,
            enter: Script::load(node, include_str!("enter.lua")).await?,
            swap: Script::load(node, include_str!("swap.lua")).await?,
            touch: Script::load(node, include_str!("touch.lua")).await?,
            undo: Script::load(node, include_str!("undo.lua")).await?,
        })
    }
}

impl Script {
    async fn load(node: &Node, source: &'static str) -> Result<Self, Failure> {
        let mut command = Pipeline::new();
        command.cmd("SCRIPT").arg("LOAD").arg(source);
        let answer = node.send(&command).await?.pop().unwrap_or(Value::Nil);
        let name = answer.extract_error().and_then(|name| Ok(redis::from_redis_value(name)?));
        Ok(Script { source, name: name.map_err(Failure::Refused)? })
    }

    /// Runs it on one key.
    pub(super) async fn run(
        &self,
        servers: &Servers,
        key: &str,
        arguments: &[&str],
    ) -> Result<Value, Failure> {
        self.run_durably(servers, key, arguments, Durability::Server).await
    }

    /// Runs it on one key, and is done when that is as durable as this.
    pub(super) async fn run_durably(
        &self,
        servers: &Servers,
        key: &str,
        arguments: &[&str],
        durability: Durability,
    ) -> Result<Value, Failure> {
        let by_name = self.command("EVALSHA", &self.name, key, arguments);
        match servers.run(key, &by_name, durability).await {
            // Another server does it now, or one that was started anew: nothing was done.
            Err(Failure::Refused(error)) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                servers.run(key, &self.command("EVAL", self.source, key, arguments), durability).await
            }
            answer => answer,
        }
    }

    fn command(&self, verb: &str, script: &str, key: &str, arguments: &[&str]) -> Cmd {
        let mut command = redis::cmd(verb);
        command.arg(script).arg(1).arg(key).arg(arguments);
        command
    }
}
