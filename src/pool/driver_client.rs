//! The driver's client, and what it needs for as long as it lives.

use std::future::IntoFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mongodb::Client;
use mongodb::options::{ClientOptions, ServerAddress};
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::view::View;
use crate::diagnosis::{Diagnosis, Finding};
use crate::error::Error;
use crate::failures::Failures;
use crate::relay::Relay;
use crate::runtime;
use crate::write_sessions::WriteSessions;

/// For telling servers that sessions end, and for closing connections.
const CLOSING: Duration = Duration::from_secs(2);

/// A client of the driver. When nobody has it any more, its connections are closed.
#[derive(Debug)]
pub struct DriverClient {
    pub(super) client: Client,
    /// The hosts it was made with.
    pub(super) hosts: Vec<ServerAddress>,
    pub(super) diagnosis: Diagnosis,
    /// Why its servers do not answer.
    pub(super) failures: Arc<Failures>,
    pub(super) view: Arc<View>,
    pub(super) sessions: WriteSessions,
    /// What clients of streams are made with.
    pub(super) stream_options: ClientOptions,
    /// Its servers are reached by sockets of the file system.
    pub(super) sockets: bool,
    /// Another one may take its place.
    pub(super) replaceable: bool,
    pub(super) relay: Option<Relay>,
    pub(super) closed: AtomicBool,
}

impl DriverClient {
    /// The driver's own.
    ///
    /// # Errors
    /// `MongoServerSelectionError` when the one server that is asked for is in another replica set than the one that is
    /// asked for.
    pub fn client(&self) -> Result<&Client, Error> {
        match self.failures.other_set() {
            Some(refusal) => Err(refusal),
            None => Ok(&self.client),
        }
    }

    /// What a new connection finds out about commands that give no answer.
    pub async fn diagnose(&self) -> Arc<Finding> {
        self.diagnosis.ask().await
    }

    /// Closes those of its `idle` connections that do not answer.
    pub async fn sweep(&self, idle: usize) {
        self.diagnosis.sweep(&self.client, idle).await;
    }

    /// A client for a stream, which waits on its connection: no operation waits for that. Whoever has it shuts it down.
    ///
    /// # Errors
    /// The driver's.
    pub fn stream_client(&self) -> Result<Client, Error> {
        Ok(Client::with_options(self.stream_options.clone())?)
    }

    /// Closes its connections, whoever uses it still.
    pub async fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        // Those of the writes are given up, not given to the driver: nobody may use their numbers again.
        self.sessions.give_up();
        let (client, sockets) = (self.client.clone(), self.sockets);
        // The driver's shutdown sets its monitors to look again and again until it comes to stop them;
        // where that fails at once, as with sockets that are not there, it never comes to that. Such a
        // client ends by being dropped, without telling the server that its sessions end.
        let mut shutdown = tokio::spawn(async move {
            if !sockets {
                client.shutdown().immediate(true).await;
            }
        });
        // It also waits for what holds no connection: a check of a server that hangs. The end of that is not
        // worth the wait.
        let closed = async {
            tokio::select! {
                Ok(()) = &mut shutdown, if !sockets => {}
                () = self.failures.ended() => tokio::task::yield_now().await,
            }
        };
        if timeout(CLOSING, closed).await.is_err() {
            shutdown.abort();
        }
    }
}

impl Drop for DriverClient {
    fn drop(&mut self) {
        if self.closed.load(Ordering::Relaxed) || self.sockets {
            return;
        }
        let Ok(handle) = Handle::try_current().or_else(|_| runtime::handle().cloned()) else { return };
        self.sessions.give_up();
        let (client, relay) = (self.client.clone(), self.relay.take());
        handle.spawn(async move {
            // It waits until the servers' cursors are closed.
            if timeout(CLOSING, client.clone().shutdown().into_future()).await.is_err() {
                drop(timeout(CLOSING, client.shutdown().immediate(true).into_future()).await);
            }
            drop(relay);
        });
    }
}
