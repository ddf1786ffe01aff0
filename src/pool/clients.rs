//! The client in use, and its place for another one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Mutex as AsyncMutex, watch};

use super::driver_client::DriverClient;
use crate::error::Error;

/// Which client everything that begins goes through. What has begun on one that was replaced ends there; the last that
/// does so closes its connections, by dropping it.
#[derive(Debug, Default)]
pub struct Clients {
    opening: AsyncMutex<()>,
    now: Mutex<Now>,
    /// Goes up when another client takes the place of the one before.
    replaced: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Now {
    client: Option<Arc<DriverClient>>,
    closed: bool,
}

impl Clients {
    fn locked(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The client in use; none while none was needed.
    pub fn now(&self) -> Option<Arc<DriverClient>> {
        self.locked().client.clone()
    }

    /// The client in use, which `open` makes where there is none. One call at a time makes one.
    ///
    /// # Errors
    /// Those of `open`; the next call tries again.
    pub async fn get_or_open(
        &self,
        open: impl AsyncFnOnce() -> Result<DriverClient, Error>,
    ) -> Result<Arc<DriverClient>, Error> {
        if let Some(client) = self.now() {
            return Ok(client);
        }
        let _opening = self.opening.lock().await;
        if let Some(client) = self.now() {
            return Ok(client);
        }
        let client = Arc::new(open().await?);
        self.locked().client = Some(Arc::clone(&client));
        Ok(client)
    }

    /// Puts another client in the place of the one in use.
    pub fn replace(&self, successor: Arc<DriverClient>) {
        let former = {
            let mut now = self.locked();
            if now.closed {
                return;
            }
            now.client.replace(Arc::clone(&successor))
        };
        if let Some(former) = former {
            successor.sessions.know_as(&former.sessions);
            former.view.retire();
        }
        successor.view.follow();
        self.replaced.send_modify(|times| *times += 1);
    }

    /// A receiver that sees when another client is in use. Holding it does not keep a client.
    pub fn replaced(&self) -> watch::Receiver<u64> {
        self.replaced.subscribe()
    }

    /// Takes the client away, for good.
    pub fn close(&self) -> Option<Arc<DriverClient>> {
        let mut now = self.locked();
        now.closed = true;
        now.client.take()
    }
}
