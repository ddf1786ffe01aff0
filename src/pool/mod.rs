//! One driver client, and so one connection pool, per distinct configuration in the process.
//!
//! Ten stores in four worker threads that name the same server the same way share one; it ends
//! with the last of them.
//!
//! # Layout
//! - [`connector`]: makes the driver's clients of settings
//! - [`driver_client`]: one of them, and what it needs for as long as it lives; [`view`]: what it knows of its servers
//! - [`clients`]: the one in use, and its place for another; [`leased`]: what belongs to one, and keeps it
//! - [`hosts`]: the hosts behind a `mongodb+srv` name, which may change

pub mod clients;
pub mod connector;
pub mod driver_client;
pub mod hosts;
pub mod leased;
pub mod view;

use std::collections::HashMap;
use std::future::IntoFuture;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use mongodb::bson::{Timestamp, doc};
use mongodb::error::ErrorKind as DriverErrorKind;
use mongodb::{Client, Database};
use once_cell::sync::Lazy;
use tokio::sync::{Semaphore, SemaphorePermit, watch};
use tokio::task::AbortHandle;

use crate::availability::Availability;
use crate::client_options;
use crate::deadline::{Limit, Limits, running_timeout};
use crate::diagnosis::Finding;
use crate::error::{Error, ErrorKind};
use crate::failures::{Failures, network_error};
use crate::login_questions::LoginQuestions;
use crate::retry::retrying;
use crate::session_op::Kind;
use crate::settings::Settings;
use crate::srv::NameService;
use crate::stats::Connections;
use crate::watch::change::operation_time;
use crate::write_sessions::{SessionId, WriteSession};
use clients::Clients;
use connector::Connector;
use driver_client::DriverClient;
use leased::Leased;

/// Beyond the time for finding a server, so that the driver's own reason comes first.
const PING_GRACE: Duration = Duration::from_millis(500);
/// How long a look for a server goes on before it begins anew.
const FINDING: Duration = Duration::from_secs(5);
/// How long the end of what runs in a session is waited for.
const STOPPING: Duration = Duration::from_secs(5);

/// A shared client, connected on first use.
#[derive(Debug)]
pub struct Pool {
    connector: Arc<Connector>,
    limits: Limits,
    /// The time of the cluster when a store connected last.
    connected_at: Mutex<Option<Timestamp>>,
    clients: Arc<Clients>,
    /// Follows the hosts in DNS.
    following: Mutex<Option<AbortHandle>>,
    wait_queue: Option<WaitQueue>,
}

/// `waitQueueTimeoutMS`: the driver's own queue for connections has no limit of time, so the places
/// in its pool are handed out here where one is asked for.
#[derive(Debug)]
struct WaitQueue {
    places: Semaphore,
    timeout: Duration,
}

impl WaitQueue {
    fn new(settings: &Settings) -> Option<Self> {
        let timeout = settings.wait_queue_timeout_ms.filter(|&ms| ms > 0).map(Duration::from_millis)?;
        let size = settings.max_pool_size.filter(|&size| size > 0)?;
        Some(Self { places: Semaphore::new(size as usize), timeout })
    }
}

/// The process's pools by their settings; the stores of all realms share them.
static REGISTRY: Lazy<Mutex<HashMap<String, Weak<Pool>>>> = Lazy::new(Mutex::default);

impl Pool {
    /// The pool for these settings: the process's existing one, or a new one.
    ///
    /// # Errors
    /// When the settings cannot be read.
    pub fn shared(settings_json: &str) -> Result<Arc<Self>, Error> {
        let mut pools = REGISTRY.lock().unwrap_or_else(PoisonError::into_inner);
        pools.retain(|_, pool| pool.strong_count() > 0);
        if let Some(pool) = pools.get(settings_json).and_then(Weak::upgrade) {
            return Ok(pool);
        }
        let settings = Settings::from_json(settings_json)?;
        let pool = Arc::new(Self {
            limits: Limits::new(&settings),
            connected_at: Mutex::default(),
            wait_queue: WaitQueue::new(&settings),
            connector: Arc::new(Connector::new(settings)?),
            clients: Arc::default(),
            following: Mutex::default(),
        });
        pools.insert(settings_json.to_owned(), Arc::downgrade(&pool));
        Ok(pool)
    }

    /// Its connections, in numbers.
    pub fn connections(&self) -> &Connections {
        &self.connector.connections
    }

    /// Its questions about `mongodb+srv` names.
    pub fn names(&self) -> &NameService {
        &self.connector.names
    }

    /// Whether there is a server, and which one takes writes.
    pub fn availability(&self) -> &Availability {
        &self.connector.availability
    }

    /// What its logins ask JavaScript for.
    pub fn login_questions(&self) -> &Arc<LoginQuestions> {
        &self.connector.login_questions
    }

    /// How many connections it may have.
    pub fn size(&self) -> usize {
        self.connector.size()
    }

    /// A session for a write command; none where the deployment knows none.
    ///
    /// # Errors
    /// As [`Pool::client`].
    pub async fn write_session(&self) -> Result<Option<Leased<WriteSession>>, Error> {
        let opened = self.opened().await?;
        let session = opened.sessions.take(opened.client()?).await?;
        Ok(session.map(|session| Leased::new(session, opened)))
    }

    /// Has the deployment stop what is running in a session, for which nobody waits any more.
    pub async fn stop_running(&self, session: &SessionId) {
        let stopping = async {
            let command = doc! { "killSessions": [{ "id": session.to_bson() }] };
            self.database("admin").await?.run_command(command).await.map_err(|error| self.explain(error))
        };
        // Where it cannot be done, there is nothing else to do.
        drop(tokio::time::timeout(STOPPING, stopping).await);
    }

    /// Whether the deployment is not known to lack transaction numbers.
    pub fn knows_transaction_numbers(&self) -> bool {
        self.clients.now().is_none_or(|opened| opened.sessions.may_number())
    }

    /// The deployment refused a transaction number.
    pub fn forgo_transaction_numbers(&self) {
        if let Some(opened) = self.clients.now() {
            opened.sessions.forgo_numbers();
        }
    }

    /// The deployment refused a session.
    pub fn forgo_sessions(&self) {
        if let Some(opened) = self.clients.now() {
            opened.sessions.forgo();
        }
    }

    /// What a new connection finds out about commands that give no answer; none while there is no client.
    pub async fn diagnose(&self) -> Option<Arc<Finding>> {
        Some(self.clients.now()?.diagnose().await)
    }

    /// Whether a server answers on a new connection.
    pub async fn answers(&self) -> bool {
        match self.diagnose().await.as_deref() {
            None | Some(Finding::Unreachable) => false,
            Some(Finding::Running(_) | Finding::Silent) => true,
        }
    }

    /// Closes those of its idle connections that do not answer.
    pub async fn sweep(&self) {
        let (open, in_use) = self.connections().count();
        let idle = usize::try_from(open.saturating_sub(in_use)).unwrap_or(0);
        if let Some(opened) = self.clients.now() {
            opened.sweep(idle).await;
        }
    }

    /// The error of an operation of this kind whose time is over: why there is no server for it, or that it got no
    /// answer within `limit`.
    pub fn time_is_over(&self, limit: Limit, kind: Kind) -> Error {
        if !self.availability().known().lacks_server_for(kind) {
            return limit.error();
        }
        let waited = limit.time().min(self.settings().server_selection_timeout());
        let absence = self.explained(Error::new(ErrorKind::ServerSelection, "no server"), waited);
        let error = limit.error();
        // `timeoutMS` ended it before the time for finding a server was over.
        if error.kind == ErrorKind::OperationTimeout && !limit.is_default() && limit.time() == waited {
            Error { cause: Some(Box::new(absence)), ..error }
        } else {
            absence
        }
    }

    /// The settings it was made from.
    pub fn settings(&self) -> &Settings {
        &self.connector.settings
    }

    /// How long its operations may take.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The driver's client; connections are opened as operations need them.
    ///
    /// # Errors
    /// When an SRV name does not resolve or the TLS material is not usable; `MongoServerSelectionError` when the one
    /// server that is asked for is in another replica set than the one that is asked for.
    pub async fn client(&self) -> Result<Leased<Client>, Error> {
        let opened = self.opened().await?;
        Ok(Leased::new(opened.client()?.clone(), opened))
    }

    async fn opened(&self) -> Result<Arc<DriverClient>, Error> {
        let open = async || {
            let records = self.connector.look_up().await?;
            let client = self.connector.connect_to(records.as_deref(), true).await?;
            if let (true, Some(srv), Some(records)) = (client.replaceable, &self.settings().srv, records) {
                let (connector, clients) = (Arc::clone(&self.connector), Arc::clone(&self.clients));
                let task = tokio::spawn(hosts::follow(connector, clients, srv.clone(), records));
                *self.following() = Some(task.abort_handle());
            }
            Ok(client)
        };
        self.clients.get_or_open(open).await
    }

    fn following(&self) -> MutexGuard<'_, Option<AbortHandle>> {
        self.following.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time of the cluster when a store connected last; none where the deployment has no such time.
    pub fn connected_at(&self) -> Option<Timestamp> {
        *self.connected_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A client for a stream, which waits on its connection: no operation waits for that. Whoever has it shuts it down.
    ///
    /// # Errors
    /// As [`Pool::client`].
    pub async fn stream_client(&self) -> Result<Leased<Client>, Error> {
        let opened = self.opened().await?;
        Ok(Leased::new(opened.stream_client()?, opened))
    }

    /// A receiver that sees when another client of the driver is in use. Holding it does not keep this alive.
    pub fn replaced(&self) -> watch::Receiver<u64> {
        self.clients.replaced()
    }

    /// Whether its servers are reached by sockets of the file system.
    pub fn uses_sockets(&self) -> bool {
        self.connector.uses_sockets()
    }

    /// A place in the pool, to be kept while an operation uses a connection.
    ///
    /// # Errors
    /// `MongoWaitQueueTimeoutError` when none is free for `waitQueueTimeoutMS`.
    pub async fn place(&self) -> Result<Option<SemaphorePermit<'_>>, Error> {
        let Some(WaitQueue { places, timeout }) = &self.wait_queue else { return Ok(None) };
        match tokio::time::timeout(*timeout, places.acquire()).await {
            Ok(Ok(place)) => Ok(Some(place)),
            _ => Err(Error::new(
                ErrorKind::WaitQueueTimeout,
                "Timed out while checking out a connection from connection pool",
            )),
        }
    }

    /// A database of this client.
    ///
    /// # Errors
    /// As [`Pool::client`].
    pub async fn database(&self, name: &str) -> Result<Leased<Database>, Error> {
        Ok(self.client().await?.map(|client| client.database(name)))
    }

    /// A selection error that says why the servers did not answer.
    fn explained(&self, error: Error, waited: Duration) -> Error {
        match self.clients.now() {
            Some(opened) => opened.failures.explain(error, waited),
            None => Failures::default().explain(error, waited),
        }
    }

    /// Turns a driver's error into ours, with the servers' names and the reasons they gave.
    pub fn explain(&self, error: mongodb::error::Error) -> Error {
        let known = match error.kind.as_ref() {
            DriverErrorKind::ServerSelection { .. } => {
                return self.explained(error.into(), self.settings().server_selection_timeout());
            }
            DriverErrorKind::Io(io) => match self.clients.now() {
                Some(opened) => opened.failures.broken(io, &self.settings().servers()),
                None => network_error(io, &self.settings().servers()),
            },
            _ => return error.into(),
        };
        Error { kind: known.kind, message: known.message, cause: known.cause, ..error.into() }
    }

    /// Waits until a server answers; this also authenticates.
    ///
    /// # Errors
    /// `MongoServerSelectionError` after `serverSelectionTimeoutMS`, or what the server says;
    /// `MongoNetworkTimeoutError` when one is there and says nothing in that time.
    pub async fn ping(&self) -> Result<(), Error> {
        let limit = self.settings().server_selection_timeout();
        let pinging = retrying(limit, || async {
            let database = self.database("admin").await?;
            let mut command = database.run_command(doc! { "ping": 1 });
            if let Some(preference) = &self.settings().read_preference {
                command = command.selection_criteria(client_options::selection_criteria(preference)?);
            }
            let reply = command.await.map_err(|error| self.explain(error))?;
            *self.connected_at.lock().unwrap_or_else(PoisonError::into_inner) = operation_time(&reply);
            Ok(())
        });
        match running_timeout(limit + PING_GRACE, pinging).await {
            Some(result) => result,
            // The driver limits neither a login nor the first answer.
            None if !self.availability().known().lacks_server_for(Kind::Lookup) => {
                Err(network_error(&io::ErrorKind::TimedOut.into(), &self.settings().servers()))
            }
            None => Err(self.time_is_over(Limit::by_default(limit), Kind::Lookup)),
        }
    }

    /// Has the driver look for a server that takes writes, until it has found one or its time is over.
    ///
    /// # Errors
    /// As [`Pool::ping`].
    pub async fn find_server(&self) -> Result<(), Error> {
        let database = self.database("admin").await?;
        let asking = database.run_command(doc! { "ping": 1 }).into_future();
        match tokio::time::timeout(FINDING, asking).await {
            Ok(result) => result.map(drop).map_err(|error| self.explain(error)),
            Err(_) => Ok(()),
        }
    }

    /// Gives up one reference; the last one closes the connections before this returns.
    pub async fn release(self: Arc<Self>) {
        let Some(pool) = Arc::into_inner(self) else { return };
        if let Some(opened) = pool.end() {
            opened.close().await;
        }
    }

    fn end(&self) -> Option<Arc<DriverClient>> {
        if let Some(following) = self.following().take() {
            following.abort();
        }
        self.clients.close()
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        drop(self.end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_settings_share_one_pool_and_others_do_not() {
        let first = Pool::shared(r#"{"appName":"pool-test"}"#).expect("valid");
        let same = Pool::shared(r#"{"appName":"pool-test"}"#).expect("valid");
        let other = Pool::shared(r#"{"appName":"pool-test-2"}"#).expect("valid");
        assert!(Arc::ptr_eq(&first, &same));
        assert!(!Arc::ptr_eq(&first, &other));
    }

    #[test]
    fn a_pool_that_nobody_holds_is_forgotten() {
        let json = r#"{"appName":"pool-test-3"}"#;
        let weak = Arc::downgrade(&Pool::shared(json).expect("valid"));
        assert!(weak.upgrade().is_none());
        assert!(Pool::shared(json).is_ok());
    }

    #[tokio::test]
    async fn who_finds_no_place_in_the_pool_is_told_in_time() {
        let json = r#"{"appName":"pool-test-4","maxPoolSize":1,"waitQueueTimeoutMS":20}"#;
        let pool = Pool::shared(json).expect("valid");
        let place = pool.place().await.expect("free");
        let error = pool.place().await.expect_err("taken");
        assert_eq!(error.kind, ErrorKind::WaitQueueTimeout);
        drop(place);
        assert!(pool.place().await.is_ok());
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_named_in_bounded_time() {
        let json = r#"{"hosts":[{"host":"127.0.0.1","port":1}],"serverSelectionTimeoutMS":1000}"#;
        let error = Pool::shared(json).expect("valid").ping().await.expect_err("nobody listens");
        assert_eq!(error.kind, ErrorKind::ServerSelection);
        assert_eq!(error.message, "connect ECONNREFUSED 127.0.0.1:1");
    }
}
