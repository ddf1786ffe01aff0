//! What belongs to one client of the driver, and keeps that client for as long as it is used.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use mongodb::Client;

use super::driver_client::DriverClient;
use crate::error::{Error, ErrorKind};
use crate::write_sessions::WriteSession;

/// Something of a client, and that client.
#[derive(Clone, Debug)]
pub struct Leased<T> {
    it: T,
    client: Arc<DriverClient>,
}

impl<T> Leased<T> {
    pub(super) fn new(it: T, client: Arc<DriverClient>) -> Self {
        Self { it, client }
    }

    /// Something else of the same client.
    pub fn map<U>(self, map: impl FnOnce(T) -> U) -> Leased<U> {
        Leased { it: map(self.it), client: self.client }
    }

    /// Runs a command, unless its client is given up and has no server any more.
    ///
    /// # Errors
    /// The work's; `MongoNetworkError` when the servers are gone, and then it may have been done.
    pub async fn while_there<U>(&self, work: impl Future<Output = Result<U, Error>>) -> Result<U, Error> {
        if !self.client.replaceable {
            return work.await;
        }
        tokio::select! {
            biased;
            result = work => result,
            () = self.client.view.gone() => {
                let message = "the servers are not among those that DNS names any more, and are gone";
                Err(Error { retryable: true, ..Error::new(ErrorKind::Network, message) })
            }
        }
    }
}

impl<T> Deref for Leased<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.it
    }
}

impl<T> DerefMut for Leased<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.it
    }
}

impl Leased<WriteSession> {
    /// The driver's client, which alone can use the session.
    ///
    /// # Errors
    /// As [`DriverClient::client`].
    pub fn client(&self) -> Result<&Client, Error> {
        self.client.client()
    }

    /// Whether nobody can use the session any more: its client was replaced, and its servers are gone.
    pub fn is_gone(&self) -> bool {
        self.client.view.is_gone()
    }

    /// The command that had the session is over.
    pub fn give_back(self) {
        self.client.sessions.give_back(self.it);
    }
}
