//! What one client of the driver knows of its servers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mongodb::TopologyType;
use mongodb::event::sdam::{SdamEvent, TopologyDescription};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::availability::Availability;

/// How long a server that is away may take to come back before it counts as gone: longer than the driver needs to look
/// at it again after a broken connection.
const PATIENCE: Duration = Duration::from_secs(2);

/// A client's view of its servers. The pool's [`Availability`] follows that of the client in use, and of no other.
#[derive(Debug)]
pub struct View {
    availability: Arc<Availability>,
    seen: Mutex<Seen>,
    state: watch::Sender<State>,
}

#[derive(Debug)]
struct Seen {
    /// Whether its client is the one in use.
    followed: bool,
    last: Option<TopologyDescription>,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    /// Another client is used in the place of this one.
    retired: bool,
    /// There is a server for writes.
    writable: bool,
    /// It is retired, and there was no server for so long that none is waited for.
    gone: bool,
}

impl View {
    /// A view that the pool follows, or does not follow yet.
    pub fn new(availability: Arc<Availability>, followed: bool) -> Self {
        let seen = Mutex::new(Seen { followed, last: None });
        Self { availability, seen, state: watch::Sender::default() }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of what a check found.
    pub fn observe(&self, event: &SdamEvent) {
        let mut seen = self.seen();
        if let SdamEvent::TopologyDescriptionChanged(change) = event {
            let topology = &change.new_description;
            seen.last = Some(topology.clone());
            self.state.send_modify(|state| {
                state.writable = topology.has_writable_server();
                state.gone &= !state.writable;
            });
        }
        if seen.followed {
            self.availability.observe(event);
        }
    }

    /// From now on its client is the one in use.
    pub fn follow(&self) {
        let mut seen = self.seen();
        seen.followed = true;
        if let Some(last) = &seen.last {
            self.availability.follow(last);
        }
    }

    /// From now on its client only ends what it has begun.
    pub fn retire(&self) {
        self.seen().followed = false;
        self.state.send_modify(|state| state.retired = true);
    }

    /// What kind of deployment its servers are.
    pub fn topology(&self) -> TopologyType {
        self.seen().last.as_ref().map_or(TopologyType::Unknown, TopologyDescription::topology_type)
    }

    /// Waits until there is a server for writes.
    pub async fn writable(&self) {
        // An error would say that this is gone.
        drop(self.state.subscribe().wait_for(|state| state.writable).await);
    }

    /// Whether its client is not in use any more, and its servers did not come back while somebody waited for them.
    pub fn is_gone(&self) -> bool {
        self.state.borrow().gone
    }

    /// Waits until its client is not in use any more and its servers do not come back.
    pub async fn gone(&self) {
        let mut changes = self.state.subscribe();
        loop {
            drop(changes.wait_for(|state| state.retired && !state.writable).await);
            if self.is_gone() || timeout(PATIENCE, changes.wait_for(|state| state.writable)).await.is_err() {
                self.state.send_modify(|state| state.gone = !state.writable);
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view() -> View {
        View::new(Arc::new(Availability::new(None)), true)
    }

    #[tokio::test(start_paused = true)]
    async fn servers_are_gone_when_they_do_not_come_back_to_a_client_that_was_replaced() {
        let view = view();
        assert!(timeout(PATIENCE * 9, view.gone()).await.is_err(), "it is in use");
        view.retire();
        let back = async {
            tokio::time::sleep(PATIENCE / 2).await;
            view.state.send_modify(|state| state.writable = true);
        };
        let (gone, ()) = tokio::join!(timeout(PATIENCE * 9, view.gone()), back);
        assert!(gone.is_err(), "one came back");
        assert!(!view.is_gone());
        view.state.send_modify(|state| state.writable = false);
        assert!(timeout(PATIENCE / 2, view.gone()).await.is_err(), "it may come back");
        view.gone().await;
        assert!(view.is_gone());
        // Whoever asks later does not wait again.
        timeout(Duration::ZERO, view.gone()).await.expect("known");
    }
}
