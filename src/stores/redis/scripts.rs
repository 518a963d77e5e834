//! [`Scripts`]: the Lua scripts of the store. Redis runs each one atomically.

use redis::{Cmd, ErrorKind, Pipeline, ServerErrorKind, Value};

use super::command_error::CommandError;
use super::node::{Durability, Node};
use super::router::{Router, parse};

/// A script that a server has loaded.
#[derive(Debug)]
pub(super) struct Script {
    source: &'static str,
    /// The SHA-1 of the source, by which servers know the script.
    hash: String,
}

/// The scripts of the store.
#[derive(Debug)]
pub(super) struct Scripts {
    pub(super) change: Script,
    pub(super) delete: Script,
    pub(super) add_to_index: Script,
    pub(super) install: Script,
    pub(super) replace: Script,
    pub(super) swap: Script,
    pub(super) touch: Script,
    pub(super) undo: Script,
}

impl Scripts {
    /// Loads the scripts into a server, which also shows whether it supports them.
    pub(super) async fn load(node: &Node) -> Result<Self, CommandError> {
        Ok(Scripts {
            change: Script::load(node, concat!(include_str!("get.lua"), include_str!("change.lua"))).await?,
            delete: Script::load(node, concat!(include_str!("get.lua"), include_str!("delete.lua"))).await?,
            add_to_index: Script::load(node, include_str!("add_to_index.lua")).await?,
            install: Script::load(node, concat!(include_str!("get.lua"), include_str!("install.lua")))
                .await?,
            replace: Script::load(node, concat!(include_str!("get.lua"), include_str!("replace.lua")))
                .await?,
            swap: Script::load(node, concat!(include_str!("get.lua"), include_str!("swap.lua"))).await?,
            touch: Script::load(node, concat!(include_str!("get.lua"), include_str!("touch.lua"))).await?,
            undo: Script::load(node, concat!(include_str!("get.lua"), include_str!("undo.lua"))).await?,
        })
    }
}

impl Script {
    async fn load(node: &Node, source: &'static str) -> Result<Self, CommandError> {
        let mut command = Pipeline::new();
        command.cmd("SCRIPT").arg("LOAD").arg(source);
        let answer = node.send(&command).await?.pop().unwrap_or(Value::Nil);
        let hash = parse(answer.extract_error().map_err(CommandError::Rejected)?)?;
        Ok(Script { source, hash })
    }

    /// Runs the script on one key.
    pub(super) async fn run(
        &self,
        router: &Router,
        key: &str,
        arguments: &[&str],
        durability: Durability,
    ) -> Result<Value, CommandError> {
        let by_hash = script_command("EVALSHA", &self.hash, key, arguments);
        match router.run(key, &by_hash, durability).await {
            // The server was restarted, or is another one. It executed nothing.
            Err(CommandError::Rejected(error))
                if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) =>
            {
                let by_source = script_command("EVAL", self.source, key, arguments);
                router.run(key, &by_source, durability).await
            }
            answer => answer,
        }
    }
}

fn script_command(name: &str, script: &str, key: &str, arguments: &[&str]) -> Cmd {
    let mut command = redis::cmd(name);
    command.arg(script).arg(1).arg(key).arg(arguments);
    command
}
