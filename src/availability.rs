//! The one answer to "is there a server, and which one takes writes?", as the driver's checks find it.
//!
//! The queue holds operations back while there is none for them, commands are given up when the server that they were
//! sent to is not the one to ask any more, and applications that listen hear of both.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mongodb::ServerType;
use mongodb::event::sdam::{SdamEvent, TopologyDescription};
use mongodb::options::SelectionCriteria;
use tokio::sync::watch::{Receiver, Sender};

use crate::error::Error;
use crate::session_op::Kind;

/// A server that is missed for less is looked at again at once after a broken connection, or is about
/// to be elected.
const GRACE: Duration = Duration::from_secs(1);

/// What is known of a deployment; `None` is not known yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// There is a server for writes.
    pub writable: Option<bool>,
    /// There is a server for a store's reads.
    pub readable: Option<bool>,
    /// Its servers know transaction numbers.
    pub numbered: Option<bool>,
    /// Goes up when the server for writes is not the one to ask any more: another one is, or the driver's check of
    /// it has failed, or it has left the deployment.
    pub term: u64,
}

impl Known {
    /// Whether operations of this kind need not be sent: there is no server for them.
    pub fn lacks_server_for(&self, kind: Kind) -> bool {
        let there = if kind.reads() { self.readable } else { self.writable };
        there == Some(false)
    }
}

/// Takes note of what the driver's checks find. Whoever subscribes sees each change.
pub struct Availability {
    /// Which servers a store's reads may go to.
    reads: Option<SelectionCriteria>,
    /// The address of the last server for writes, while commands may wait for it.
    writer: Mutex<Option<String>>,
    known: Sender<Known>,
}

impl std::fmt::Debug for Availability {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Availability").field("known", &*self.known.borrow()).finish_non_exhaustive()
    }
}

impl Availability {
    /// Knows nothing yet. `reads` says which servers a store's reads may go to; the one for writes if absent.
    pub fn new(reads: Option<SelectionCriteria>) -> Self {
        Self { reads, writer: Mutex::default(), known: Sender::new(Known::default()) }
    }

    fn writer(&self) -> MutexGuard<'_, Option<String>> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of what a check found.
    pub fn observe(&self, event: &SdamEvent) {
        match event {
            SdamEvent::TopologyDescriptionChanged(event) => self.deployment(&event.new_description),
            SdamEvent::ServerHeartbeatFailed(event) => {
                let failed = Some(event.server_address.to_string());
                let mut writer = self.writer();
                if *writer == failed {
                    *writer = None;
                    self.known.send_modify(|known| known.term += 1);
                }
            }
            _ => {}
        }
    }

    /// Takes note of what another client has found, which is in use from now on. Commands that the one before has sent
    /// are not to go elsewhere.
    pub fn follow(&self, topology: &TopologyDescription) {
        *self.writer() = None;
        self.deployment(topology);
    }

    fn deployment(&self, topology: &TopologyDescription) {
        let servers = topology.servers();
        let servers =
            servers.iter().map(|(address, server)| (address.to_string(), server.server_type())).collect();
        let readable = topology.has_readable_server(self.reads.clone());
        self.change(servers, readable);
    }

    fn change(&self, servers: Vec<(String, ServerType)>, readable: bool) {
        let writers: Vec<_> = servers.iter().filter(|(_, kind)| takes_writes(*kind, servers.len())).collect();
        let numbered = servers.iter().find_map(|(_, kind)| knows_numbers(*kind));
        let over = self.succeed(&servers, &writers);
        let writable = !writers.is_empty();
        self.known.send_if_modified(|known| {
            let term = known.term + u64::from(over);
            let now = Known {
                writable: Some(writable),
                readable: Some(readable),
                numbered: numbered.or(known.numbered),
                term,
            };
            std::mem::replace(known, now) != now
        });
    }

    /// Whether a command that was sent to the last server for writes has to go elsewhere.
    fn succeed(&self, servers: &[(String, ServerType)], writers: &[&(String, ServerType)]) -> bool {
        let mut last = self.writer();
        let left = last.as_ref().is_some_and(|last| !servers.iter().any(|(address, _)| address == last));
        let (before, now) = (last.clone(), writers.first().map(|(address, _)| address.clone()));
        match now {
            // Several routers serve at once: which one a command went to is not known.
            Some(_) if writers.len() > 1 => *last = None,
            Some(now) => *last = Some(now),
            // One that is merely being looked at again, after a broken connection, may have the commands still.
            None if left => *last = None,
            None => {}
        }
        before.is_some() && (left || last.is_some() && *last != before)
    }

    /// What is known now.
    pub fn known(&self) -> Known {
        *self.known.borrow()
    }

    /// A receiver that sees each change. Holding it does not keep this alive.
    pub fn subscribe(&self) -> Receiver<Known> {
        self.known.subscribe()
    }
}

fn takes_writes(kind: ServerType, servers: usize) -> bool {
    match kind {
        ServerType::Standalone | ServerType::Mongos | ServerType::RsPrimary | ServerType::LoadBalancer => {
            true
        }
        // Connected to directly: it was asked for.
        ServerType::RsSecondary => servers == 1,
        _ => false,
    }
}

fn knows_numbers(kind: ServerType) -> Option<bool> {
    match kind {
        ServerType::Standalone => Some(false),
        ServerType::Mongos | ServerType::RsPrimary | ServerType::RsSecondary | ServerType::LoadBalancer => {
            Some(true)
        }
        _ => None,
    }
}

/// Waits until the term is another than `term`; for ever if the client is closed.
pub async fn term_over(mut changes: Receiver<Known>, term: u64) {
    if changes.wait_for(|known| known.term != term).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Waits until there is a server for operations of this kind, as far as is known.
///
/// # Errors
/// When the client is closed.
pub async fn server_for(mut changes: Receiver<Known>, kind: Kind) -> Result<(), Error> {
    let found = changes.wait_for(|known| {
        let there = if kind.reads() { known.readable } else { known.writable };
        there == Some(true)
    });
    found.await.map(drop).map_err(|_| Error::not_connected())
}

/// Waits until there is a server for writes or is none, other than `available` says; for longer than a moment if that is worse.
///
/// # Errors
/// When the client is closed.
pub async fn next(mut changes: Receiver<Known>, available: bool) -> Result<bool, Error> {
    loop {
        let now = changes.borrow_and_update().writable;
        match now {
            Some(true) if !available => return Ok(true),
            Some(false) if available => {
                let back = changes.wait_for(|known| known.writable == Some(true));
                match tokio::time::timeout(GRACE, back).await {
                    Err(_) => return Ok(false),
                    Ok(Ok(_)) => continue,
                    Ok(Err(_)) => return Err(Error::not_connected()),
                }
            }
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
    use ServerType::{Mongos, RsPrimary, RsSecondary, Standalone, Unknown};

    fn found(availability: &Availability, kinds: &[ServerType]) {
        let servers = kinds.iter().enumerate().map(|(index, kind)| (index.to_string(), *kind)).collect();
        availability.change(servers, kinds.iter().any(|kind| takes_writes(*kind, kinds.len())));
    }

    fn with(kinds: &[ServerType]) -> Availability {
        let availability = Availability::new(None);
        found(&availability, kinds);
        availability
    }

    #[test]
    fn a_replica_set_needs_its_primary_and_a_direct_connection_what_it_leads_to() {
        let writable = |kinds: &[ServerType]| with(kinds).known().writable;
        assert_eq!(Availability::new(None).known().writable, None);
        assert_eq!(writable(&[Standalone]), Some(true));
        assert_eq!(writable(&[RsSecondary]), Some(true));
        assert_eq!(writable(&[RsSecondary, RsPrimary]), Some(true));
        assert_eq!(writable(&[RsSecondary, Unknown]), Some(false));
    }

    #[test]
    fn transaction_numbers_are_for_all_but_standalone_servers() {
        assert_eq!(with(&[Standalone]).known().numbered, Some(false));
        assert_eq!(with(&[Unknown, RsPrimary]).known().numbered, Some(true));
        assert_eq!(with(&[Mongos]).known().numbered, Some(true));
        assert_eq!(with(&[Unknown]).known().numbered, None);
        let availability = with(&[RsPrimary]);
        found(&availability, &[Unknown]);
        assert_eq!(availability.known().numbered, Some(true), "what was known is not forgotten");
    }

    #[test]
    fn commands_are_given_up_when_another_server_is_the_one_to_ask_and_not_for_a_broken_connection() {
        let availability = with(&[RsPrimary, RsSecondary]);
        let term = || availability.known().term;
        let before = term();
        found(&availability, &[Unknown, RsSecondary]);
        assert_eq!(term(), before, "it is being looked at again");
        found(&availability, &[RsPrimary, RsSecondary]);
        assert_eq!(term(), before, "it is still the one");
        found(&availability, &[Unknown, RsPrimary]);
        assert_eq!(term(), before + 1, "another one was elected");
        found(&availability, &[RsPrimary]);
        assert_eq!(term(), before + 2, "it has left");
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_is_back_at_once_was_never_away() {
        let availability = with(&[Standalone]);
        let watching = tokio::spawn(next(availability.subscribe(), true));
        found(&availability, &[Unknown]);
        tokio::time::sleep(GRACE / 2).await;
        found(&availability, &[Standalone]);
        tokio::time::sleep(GRACE * 3).await;
        assert!(!watching.is_finished());
        found(&availability, &[Unknown]);
        assert!(!watching.await.expect("no panic").expect("open"));
        assert!(next(with(&[Mongos]).subscribe(), false).await.expect("open"));
    }

    #[tokio::test]
    async fn a_closed_client_ends_the_waiting() {
        let availability = with(&[Standalone]);
        let watching = tokio::spawn(next(availability.subscribe(), true));
        drop(availability);
        assert!(watching.await.expect("no panic").is_err());
    }
}
