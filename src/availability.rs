//! Whether a deployment has a server for a store's operations, as the driver's checks find it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mongodb::ServerType;
use mongodb::event::sdam::SdamEvent;
use tokio::sync::watch::{Receiver, Sender};

use crate::error::Error;

/// A server that is missed for less is looked at again at once after a broken connection, or is about
/// to be elected.
const GRACE: Duration = Duration::from_secs(1);

/// What is known, for those who want to hear of changes.
#[derive(Debug)]
pub struct Availability {
    servers: Mutex<HashMap<String, ServerType>>,
    known: Sender<Option<bool>>,
}

impl Default for Availability {
    fn default() -> Self {
        Self { servers: Mutex::default(), known: Sender::new(None) }
    }
}

impl Availability {
    /// Takes note of what a check found.
    pub fn observe(&self, event: &SdamEvent) {
        match event {
            SdamEvent::ServerDescriptionChanged(event) => {
                self.change(event.address.to_string(), Some(event.new_description.server_type()));
            }
            SdamEvent::ServerClosed(event) => self.change(event.address.to_string(), None),
            _ => {}
        }
    }

    fn change(&self, address: String, kind: Option<ServerType>) {
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        match kind {
            Some(kind) => drop(servers.insert(address, kind)),
            None => drop(servers.remove(&address)),
        }
        let usable = is_usable(&servers);
        self.known.send_if_modified(|known| known.replace(usable) != Some(usable));
    }

    /// For [`next`]: does not keep what is observed alive.
    pub fn subscribe(&self) -> Receiver<Option<bool>> {
        self.known.subscribe()
    }
}

fn is_usable(servers: &HashMap<String, ServerType>) -> bool {
    servers.values().any(|kind| match kind {
        ServerType::Standalone | ServerType::Mongos | ServerType::RsPrimary | ServerType::LoadBalancer => {
            true
        }
        // Connected to directly: it was asked for.
        ServerType::RsSecondary => servers.len() == 1,
        _ => false,
    })
}

/// Waits until availability is other than `known`, for longer than a moment if it is worse.
///
/// # Errors
/// When the client is closed.
pub async fn next(mut changes: Receiver<Option<bool>>, known: bool) -> Result<bool, Error> {
    loop {
        let now = *changes.borrow_and_update();
        match now {
            Some(true) if !known => return Ok(true),
            Some(false) if known => match tokio::time::timeout(GRACE, changes.changed()).await {
                Err(_) => return Ok(false),
                Ok(Ok(())) => continue,
                Ok(Err(_)) => return Err(Error::not_connected()),
            },
            _ => {}
        }
        if changes.changed().await.is_err() {
            return Err(Error::not_connected());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(kinds: &[ServerType]) -> Availability {
        let availability = Availability::default();
        for (index, kind) in kinds.iter().enumerate() {
            availability.change(index.to_string(), Some(*kind));
        }
        availability
    }

    #[test]
    fn a_replica_set_needs_its_primary_and_a_direct_connection_what_it_leads_to() {
        let usable = |kinds: &[ServerType]| *with(kinds).known.borrow();
        assert_eq!(usable(&[]), None);
        assert_eq!(usable(&[ServerType::Standalone]), Some(true));
        assert_eq!(usable(&[ServerType::RsSecondary]), Some(true));
        assert_eq!(usable(&[ServerType::RsSecondary, ServerType::RsPrimary]), Some(true));
        assert_eq!(usable(&[ServerType::RsSecondary, ServerType::Unknown]), Some(false));
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_is_back_at_once_was_never_away() {
        let availability = with(&[ServerType::Standalone]);
        let watching = tokio::spawn(next(availability.subscribe(), true));
        availability.change("0".into(), Some(ServerType::Unknown));
        tokio::time::sleep(GRACE / 2).await;
        availability.change("0".into(), Some(ServerType::Standalone));
        tokio::time::sleep(GRACE * 3).await;
        assert!(!watching.is_finished());
        availability.change("0".into(), None);
        assert!(!watching.await.expect("no panic").expect("open"));
        assert!(next(with(&[ServerType::Mongos]).subscribe(), false).await.expect("open"));
    }

    #[tokio::test]
    async fn a_closed_client_ends_the_waiting() {
        let availability = with(&[ServerType::Standalone]);
        let watching = tokio::spawn(next(availability.subscribe(), true));
        drop(availability);
        assert!(watching.await.expect("no panic").is_err());
    }
}
