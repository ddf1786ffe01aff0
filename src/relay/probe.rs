//! Whether the servers of a pool have certificates that only the Node driver's rules accept.
//!
//! Such certificates come of private authorities only (public ones do not sign them), so only pools
//! with `tlsCAFile` or `ca` look, once, before they open: the others, and those whose servers' are in
//! order, have the driver's own TLS and no relay.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use mongodb::options::{ServerAddress, TlsOptions};

use super::route::Route;
use super::socks::Target;
use super::verifier::Names;
use super::{connect, trust};
use crate::error::Error;

/// More is not spent on a question that most servers answer in milliseconds.
const LIMIT: Duration = Duration::from_secs(3);

/// Asks all servers; the first that answers decides for all, as servers of one cluster have their
/// certificates of one hand. If none answers, the driver's own TLS will say why.
///
/// # Errors
/// When a file of `options` is not usable.
pub async fn needs_leniency(
    hosts: &[ServerAddress],
    options: &TlsOptions,
    route: &Route,
    selection: Duration,
) -> Result<bool, Error> {
    let limit = LIMIT.min(selection / 2).min(route.limit);
    let mut asked = FuturesUnordered::new();
    for target in hosts.iter().filter_map(target) {
        let (config, verifier) = trust::config(options, Names::Checked)?;
        asked.push(async move {
            let connected = connect(&target, &config, route).await;
            connected.ok().map(|_| Arc::clone(&verifier).was_lenient())
        });
    }
    let first = async {
        while let Some(answer) = asked.next().await {
            if let Some(lenient) = answer {
                return lenient;
            }
        }
        false
    };
    Ok(tokio::time::timeout(limit, first).await.unwrap_or(false))
}

fn target(address: &ServerAddress) -> Option<Target> {
    match address {
        ServerAddress::Tcp { host, port } => Some(Target { host: host.clone(), port: port.unwrap_or(27017) }),
        _ => None,
    }
}
