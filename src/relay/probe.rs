//! Whether the servers of a pool have certificates that only the Node driver's rules accept.
//!
//! Such certificates come of private authorities only (public ones do not sign them), so only pools
//! with `tlsCAFile` look, once, before they open: those with public authorities, and those whose servers'
//! certificates are in order, have the driver's own TLS and no relay.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use mongodb::options::ServerAddress;

use super::route::Route;
use super::socks::Target;
use super::{connect, trust};
use crate::error::Error;
use crate::settings::Tls;

/// More is not spent on a question that most servers answer in milliseconds.
const LIMIT: Duration = Duration::from_secs(3);

/// Asks all servers. The first that answers decides for all, since one authority usually signs the certificates
/// of a whole cluster. If none answers, the driver's own TLS will say why.
///
/// # Errors
/// When a file of `tls` is not usable.
pub async fn needs_leniency(
    hosts: &[ServerAddress],
    tls: &Tls,
    route: &Route,
    selection: Duration,
) -> Result<bool, Error> {
    let limit = LIMIT.min(selection / 2).min(route.limit);
    let mut asked = FuturesUnordered::new();
    for target in hosts.iter().filter_map(target) {
        // A handshake for each server, as each remembers whether it was lenient.
        let handshake = trust::handshake(tls)?;
        asked.push(async move {
            connect(&target, &handshake, route).await.ok().map(|_| handshake.verifier.was_lenient())
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
