//! `--weaken`: the names of the weaknesses, and where they are allowed.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;

use super::args::ServeArgs;
use super::listener::listen;
use crate::app::weaknesses::{WEAKNESSES, Weakness, Weaknesses};
use crate::commands::failure::Failure;
use crate::commands::suggestion::suggestion;

/// An item of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weaken {
    Weakness(Weakness),
    /// Print the weaknesses, and start no server.
    List,
}

/// Parses the name of a weakness.
pub(super) fn weaken(text: &str) -> Result<Weaken, String> {
    if text == "list" {
        return Ok(Weaken::List);
    }
    match WEAKNESSES.iter().find(|entry| entry.name == text) {
        Some(entry) => Ok(Weaken::Weakness(entry.weakness)),
        None => {
            let meant = suggestion(text, WEAKNESSES.iter().map(|entry| entry.name));
            Err(format!("there is no such weakness{meant}; `sessctl serve --weaken list` lists them"))
        }
    }
}

/// Where the login form of `clear-text-login` is sent: the port is in the pages. The TLS port accepts no forms over plain HTTP.
pub(super) fn clear_text_listener(
    weaknesses: Option<&Arc<Weaknesses>>,
    address: SocketAddr,
) -> Result<Option<TcpListener>, Failure> {
    let Some(weaknesses) = weaknesses.filter(|it| it.has(Weakness::ClearTextLogin)) else { return Ok(None) };
    let cannot = "listen for logins in clear text";
    let listener = listen(&[SocketAddr::new(address.ip(), 0)]).map_err(Failure::cannot(cannot))?;
    weaknesses.set_clear_text_port(listener.local_addr().map_err(Failure::cannot(cannot))?.port());
    Ok(Some(listener))
}

/// The faults of the server. It must not be reachable from other machines, not even through a proxy.
pub(super) fn weaknesses(args: &ServeArgs, tls: bool) -> Result<Option<Arc<Weaknesses>>, Failure> {
    if !args.weaken.is_empty() && !args.trust_proxy.is_empty() {
        return Err(Failure::usage(
            "cannot use --weaken with --trust-proxy: other machines could attack the server through the proxy; \
             leave --trust-proxy out",
        ));
    }
    let named = args.weaken.iter().filter_map(|item| match item {
        Weaken::Weakness(weakness) => Some(*weakness),
        Weaken::List => None,
    });
    let named: Vec<Weakness> = named.collect();
    let weaknesses = Weaknesses::of(&named, tls, args.users.as_deref());
    Ok(weaknesses.map_err(|error| Failure::usage(error.to_string()))?.map(Arc::new))
}
