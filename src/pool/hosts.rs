//! The hosts behind a `mongodb+srv` name, which may change while a pool is in use (the driver specification's
//! <https://github.com/mongodb/specifications/blob/master/source/polling-srv-records-for-mongos-discovery/polling-srv-records-for-mongos-discovery.md>).
//!
//! **Problem.** The members of a replica set name each other. The routers of a sharded cluster do not: DNS alone knows
//! of a new one. The driver would ask DNS by itself, with a resolver of its own, in no other way and at no other time than it likes;
//! and nobody can add hosts to a client of the driver that is running.
//!
//! **Rule.** DNS is asked again every so often, for as long as the deployment is a sharded cluster or nothing is known of
//! it. When it names other hosts, a client is made with those, and takes the place of the one in use ([`super::clients`])
//! once a server has answered it. Until one does, and when DNS gives no hosts, nothing changes, and DNS is asked again sooner.
//!
//! **Why this is safe.** A command that has begun stays with its client, whose sessions and transaction numbers are of no use to
//! another one: a router that has left DNS answers what it was asked. If none of the former client's routers is there any more,
//! the command is sent anew ([`crate::write_sessions`]).

use std::sync::Arc;
use std::time::Duration;

use mongodb::TopologyType;
use mongodb::bson::doc;
use tokio::time::{sleep, timeout};

use super::clients::Clients;
use super::connector::Connector;
use super::driver_client::DriverClient;
use crate::client_options;
use crate::error::Error;
use crate::settings::{Host, Srv};
use crate::srv::Records;

/// The driver specification's shortest.
const INTERVAL: Duration = Duration::from_secs(60);
/// The drivers'.
const DEFAULT_HEARTBEAT_FREQUENCY: Duration = Duration::from_secs(10);
/// A name service that does not answer in this time is asked again later.
const ASKING: Duration = Duration::from_secs(5);

/// Whether more is to be learned from DNS about a deployment of this kind.
fn is_known_to_dns(topology: TopologyType) -> bool {
    matches!(topology, TopologyType::Unknown | TopologyType::Sharded)
}

/// Goes on asking for the hosts behind `srv`, until the deployment turns out to be one that DNS has no say in.
pub async fn follow(connector: Arc<Connector>, clients: Arc<Clients>, srv: Srv, first: Arc<Records>) {
    let sooner =
        connector.settings.heartbeat_frequency_ms.map_or(DEFAULT_HEARTBEAT_FREQUENCY, Duration::from_millis);
    let mut records = Records::clone(&first);
    let mut pause = interval(&records);
    loop {
        sleep(pause).await;
        let Some(client) = clients.now() else { return };
        if !is_known_to_dns(client.view.topology()) {
            return;
        }
        let found = connector.names.ask_again(&srv, ASKING).await;
        pause = match found {
            Ok(found) if !found.hosts.is_empty() => {
                let hosts = chosen(&records.hosts, &found.hosts, srv.max_hosts);
                let wanted = Records { hosts, ..records.clone() };
                match move_to(&connector, &clients, &client, &wanted).await {
                    Ok(()) => {
                        records = wanted;
                        interval(&found)
                    }
                    Err(_) => sooner,
                }
            }
            Ok(_) | Err(_) => sooner,
        };
    }
}

fn interval(records: &Records) -> Duration {
    records.ask_again_ms.map_or(INTERVAL, Duration::from_millis)
}

/// Puts a client with these hosts in the place of the one in use, unless it has them already.
///
/// # Errors
/// When none can be made, or no server answers it.
async fn move_to(
    connector: &Connector,
    clients: &Clients,
    former: &DriverClient,
    records: &Records,
) -> Result<(), Error> {
    let hosts: Vec<_> = records.hosts.iter().map(client_options::address).collect();
    if hosts.len() == former.hosts.len() && hosts.iter().all(|host| former.hosts.contains(host)) {
        return Ok(());
    }
    let successor = Arc::new(connector.connect_to(Some(records), false).await?);
    let answered = async {
        successor.client()?.database("admin").run_command(doc! { "ping": 1 }).await?;
        // The driver's event that there is a server for writes comes a moment later.
        successor.view.writable().await;
        Ok(())
    };
    let limit = connector.settings.server_selection_timeout();
    timeout(limit, answered).await.unwrap_or_else(|_| Err(Error::not_connected()))?;
    // Meanwhile the deployment may have turned out to be one whose members name each other.
    if is_known_to_dns(former.view.topology()) {
        clients.replace(successor);
    }
    Ok(())
}

/// The hosts of `found` that are to be used: at most `max`, those that are used already before others.
fn chosen(used: &[Host], found: &[Host], max: Option<u32>) -> Vec<Host> {
    let max = max.filter(|&max| max > 0).map_or(usize::MAX, |max| max as usize);
    let is_used = |host: &&Host| used.contains(host);
    let (stay, new): (Vec<_>, Vec<_>) = found.iter().partition(is_used);
    // JavaScript gives them in random order.
    let places = max.saturating_sub(stay.len());
    stay.into_iter().chain(new.into_iter().take(places)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(names: &str) -> Vec<Host> {
        names.chars().map(|name| Host::Tcp { host: name.into(), port: Some(1) }).collect()
    }

    #[test]
    fn hosts_that_are_used_stay_and_new_ones_take_the_places_that_are_left() {
        assert_eq!(chosen(&hosts("ab"), &hosts("bcd"), None), hosts("bcd"));
        assert_eq!(chosen(&hosts("ab"), &hosts("bcd"), Some(0)), hosts("bcd"));
        assert_eq!(chosen(&hosts("ab"), &hosts("cba"), Some(2)), hosts("ba"));
        assert_eq!(chosen(&hosts("ab"), &hosts("dcb"), Some(2)), hosts("bd"));
        assert_eq!(chosen(&hosts("ab"), &hosts("cd"), Some(1)), hosts("c"));
    }

    #[test]
    fn dns_has_a_say_in_sharded_clusters_and_in_what_is_not_known_yet() {
        for (topology, known) in [
            (TopologyType::Unknown, true),
            (TopologyType::Sharded, true),
            (TopologyType::Single, false),
            (TopologyType::ReplicaSetNoPrimary, false),
            (TopologyType::ReplicaSetWithPrimary, false),
            (TopologyType::LoadBalanced, false),
        ] {
            assert_eq!(is_known_to_dns(topology), known, "{topology:?}");
        }
    }
}
