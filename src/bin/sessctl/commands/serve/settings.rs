//! [`ServeSettings`]: what the arguments mean, checked before the server starts anything.

use std::net::SocketAddr;
use std::sync::Arc;

use url::Url;

use sessctl::server::Tls;
use sessctl::session::{CookieConfig, SessionConfig};
use sessctl::web::{Guard, TrustedProxies};

use super::args::ServeArgs;
use super::weaken;
use crate::app::ProxyConfig;
use crate::app::weaknesses::Weaknesses;
use crate::commands::failure::{Failure, Outcome};

#[derive(Debug)]
pub(super) struct ServeSettings {
    pub(super) addresses: Vec<SocketAddr>,
    /// Where only probes and metrics are answered.
    pub(super) admin_addresses: Option<Vec<SocketAddr>>,
    pub(super) tls: Option<Tls>,
    pub(super) proxy: Option<ProxyConfig>,
    pub(super) session: SessionConfig,
    pub(super) guard: Guard,
    pub(super) weaknesses: Option<Arc<Weaknesses>>,
}

impl ServeSettings {
    pub(super) async fn of(args: &ServeArgs) -> Result<Self, Failure> {
        let addresses = resolve("--bind", &args.bind).await?;
        let admin_addresses = match &args.admin_bind {
            Some(bind) => Some(resolve("--admin-bind", bind).await?),
            None => None,
        };
        let is_local = addresses.iter().all(|address| address.ip().is_loopback());
        reject_unsafe_exposure(args, is_local)?;
        let tls = match (&args.tls_cert, &args.tls_key) {
            (Some(certificate), Some(key)) => Some(Tls::load(certificate, key)?),
            _ => None,
        };
        let proxy = proxy_config(args, tls.is_some())?;
        let weaknesses = weaken::weaknesses(args, tls.is_some())?;
        let is_secure = args.secure || proxy.is_some() || tls.is_some();
        let session = SessionConfig::default()
            .cookie(CookieConfig::default().name(&args.cookie_name).secure(is_secure))
            .idle_timeout(args.idle_timeout)
            .lifetime(args.lifetime)
            .max_per_user(Some(args.max_sessions_per_user as usize).filter(|max| *max > 0));
        let session =
            weaknesses.iter().fold(session, |session, weaknesses| weaknesses.weaken_config(session));
        let mut hosts = args.hosts.clone();
        hosts.extend(args.public_url.as_ref().and_then(Url::host_str).map(str::to_owned));
        let hosts = (is_local || !hosts.is_empty()).then_some(hosts);
        let mut guard = Guard::new(is_secure, hosts, proxy.as_ref().and_then(|it| it.public.clone()));
        guard.plain_loopback = args.secure && tls.is_none();
        Ok(ServeSettings { addresses, admin_addresses, tls, proxy, session, guard, weaknesses })
    }
}

async fn resolve(option: &str, bind: &str) -> Result<Vec<SocketAddr>, Failure> {
    let found = tokio::net::lookup_host(bind).await;
    let found = found.map_err(|error| {
        Failure::usage(format!("cannot listen on {bind}: {error}; write {option} ADDRESS:PORT"))
    });
    Ok(found?.collect())
}

/// Other machines must not reach a server on which anyone can log in, advance the clock or watch the traffic.
fn reject_unsafe_exposure(args: &ServeArgs, is_local: bool) -> Outcome {
    if is_local {
        return Ok(());
    }
    let exposed = |danger: &str, advice: &str| {
        Err(Failure::usage(format!(
            "cannot listen on {}: other machines could {danger}; {advice}",
            args.bind
        )))
    };
    if args.users.is_none() && !args.open_to_anyone {
        return exposed(
            "log in with any name",
            "require passwords with --users FILE, or allow it with --open-to-anyone",
        );
    }
    if args.time_travel {
        return exposed("advance the clock", "use --time-travel only on this machine");
    }
    if !args.weaken.is_empty() {
        return exposed("attack it", "use --weaken only on this machine");
    }
    if args.inspect {
        return exposed("watch the traffic", "use --inspect only on this machine");
    }
    Ok(())
}

fn proxy_config(args: &ServeArgs, own_tls: bool) -> Result<Option<ProxyConfig>, Failure> {
    if args.trust_proxy.is_empty() {
        return Ok(None);
    }
    let proxies = TrustedProxies::parse(args.trust_proxy.iter().map(String::as_str));
    let proxies = proxies.map_err(|error| Failure::usage(format!("cannot use --trust-proxy: {error}")))?;
    let public = args.public_url.as_ref().map(|url| url.origin().ascii_serialization());
    Ok(Some(ProxyConfig { proxies, public, own_tls }))
}
