//! One driver client, and so one connection pool, per distinct configuration in the process.
//!
//! Ten stores in four worker threads that name the same server the same way share one; it ends
//! with the last of them.

use std::collections::HashMap;
use std::future::IntoFuture;
use std::io;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;

use mongodb::bson::doc;
use mongodb::error::ErrorKind;
use mongodb::event::EventHandler;
use mongodb::options::{ClientOptions, Tls, TlsOptions};
use mongodb::{Client, Database};
use tempfile::NamedTempFile;
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};

use crate::deadline::Limits;
use crate::error::Error;
use crate::failures::{Failures, network_error};
use crate::relay::route::Route;
use crate::relay::verifier::Names;
use crate::relay::{Relay, probe, trust};
use crate::settings::{self, Host, Settings};
use crate::stats::Connections;
use crate::{client_options, tls};

/// The Node driver's.
const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// For telling servers that sessions end, and for closing connections.
const CLOSING: Duration = Duration::from_secs(2);

/// A shared client, connected on first use.
#[derive(Debug)]
pub struct Pool {
    settings: Settings,
    limits: Limits,
    failures: Arc<Failures>,
    connections: Arc<Connections>,
    client: OnceCell<Opened>,
    wait_queue: Option<WaitQueue>,
}

/// The client, and what it needs for as long as it lives.
#[derive(Debug)]
struct Opened {
    client: Client,
    _files: Vec<NamedTempFile>,
    _relay: Option<Relay>,
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

fn registry() -> &'static Mutex<HashMap<String, Weak<Pool>>> {
    static REGISTRY: OnceLock<Mutex<HashMap<String, Weak<Pool>>>> = OnceLock::new();
    REGISTRY.get_or_init(Mutex::default)
}

impl Pool {
    /// The pool for these settings: the process's existing one, or a new one.
    ///
    /// # Errors
    /// When the settings cannot be read.
    pub fn shared(settings_json: &str) -> Result<Arc<Self>, Error> {
        let mut pools = registry().lock().unwrap_or_else(PoisonError::into_inner);
        pools.retain(|_, pool| pool.strong_count() > 0);
        if let Some(pool) = pools.get(settings_json).and_then(Weak::upgrade) {
            return Ok(pool);
        }
        let settings = Settings::from_json(settings_json)?;
        let pool = Arc::new(Self {
            limits: Limits::new(&settings),
            failures: Arc::default(),
            connections: Arc::default(),
            wait_queue: WaitQueue::new(&settings),
            settings,
            client: OnceCell::new(),
        });
        pools.insert(settings_json.to_owned(), Arc::downgrade(&pool));
        Ok(pool)
    }

    /// Its connections, in numbers.
    pub fn connections(&self) -> &Connections {
        &self.connections
    }

    /// For hearing of servers that go and come; does not keep the pool.
    pub fn availability(&self) -> tokio::sync::watch::Receiver<Option<bool>> {
        self.failures.availability().subscribe()
    }

    /// The settings it was made from.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// How long its operations may take.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The driver's client; connections are opened as operations need them.
    ///
    /// # Errors
    /// When an SRV name does not resolve or the TLS material is not usable.
    pub async fn client(&self) -> Result<&Client, Error> {
        Ok(&self.client.get_or_try_init(|| self.open()).await?.client)
    }

    async fn open(&self) -> Result<Opened, Error> {
        let mut options = client_options::build(&self.settings).await?;
        let mut files = Vec::new();
        let mut relay = None;
        if let Some(tls) = &self.settings.tls {
            options.tls = Some(Tls::Disabled);
            if tls.enabled {
                let prepared = tls::prepare(tls)?;
                files = prepared.files;
                relay = self.relay(tls, &prepared.options, &options).await?;
                match &relay {
                    Some(relay) => options.socks5_proxy = Some(relay.proxy()),
                    None => options.tls = Some(Tls::Enabled(prepared.options)),
                }
            }
        }
        if relay.is_none() && self.settings.proxy.is_some() {
            let opened = Relay::open(None, self.route(&options), Arc::clone(&self.failures)).await?;
            options.socks5_proxy = Some(opened.proxy());
            relay = Some(opened);
        }
        options.sdam_event_handler = Some(self.failures.handler());
        let connections = Arc::clone(&self.connections);
        options.cmap_event_handler = Some(EventHandler::callback(move |event| connections.observe(&event)));
        Ok(Opened { client: Client::with_options(options)?, _files: files, _relay: relay })
    }

    fn route(&self, options: &ClientOptions) -> Route {
        Route {
            proxy: self.settings.proxy.clone(),
            limit: options.connect_timeout.unwrap_or(DEFAULT_CONNECT_TIMEOUT),
        }
    }

    /// A relay if the driver's own TLS is not what the settings ask for or the servers need.
    async fn relay(
        &self,
        asked: &settings::Tls,
        tls: &TlsOptions,
        options: &ClientOptions,
    ) -> Result<Option<Relay>, Error> {
        if asked.allow_invalid_certificates == Some(true) {
            return Ok(None);
        }
        let route = self.route(options);
        let names = if asked.allow_invalid_hostnames == Some(true) {
            Names::Ignored
        } else if tls.ca_file_path.is_some()
            && probe::needs_leniency(&options.hosts, tls, &route, self.settings.server_selection_timeout())
                .await?
        {
            Names::Checked
        } else {
            return Ok(None);
        };
        let (config, _) = trust::config(tls, names)?;
        Relay::open(Some(config), route, Arc::clone(&self.failures)).await.map(Some)
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
                "MongoWaitQueueTimeoutError",
                "Timed out while checking out a connection from connection pool",
            )),
        }
    }

    /// A database of this client.
    ///
    /// # Errors
    /// As [`Pool::client`].
    pub async fn database(&self, name: &str) -> Result<Database, Error> {
        Ok(self.client().await?.database(name))
    }

    /// Turns a driver's error into ours, with the servers' names and the reasons they gave.
    pub fn explain(&self, error: mongodb::error::Error) -> Error {
        let known = match error.kind.as_ref() {
            ErrorKind::ServerSelection { .. } => {
                return self.failures.explain(error.into(), self.settings.server_selection_timeout());
            }
            ErrorKind::Io(io) => self.failures.broken(io, &self.settings.servers()),
            _ => return error.into(),
        };
        Error { name: known.name, message: known.message, cause: known.cause, ..error.into() }
    }

    /// Waits until a server answers; this also authenticates.
    ///
    /// # Errors
    /// `MongoServerSelectionError` after `serverSelectionTimeoutMS`, or what the server says;
    /// `MongoNetworkTimeoutError` when it says nothing for `connectTimeoutMS` more.
    pub async fn ping(&self) -> Result<(), Error> {
        let database = self.database("admin").await?;
        let mut command = database.run_command(doc! { "ping": 1 });
        if let Some(preference) = &self.settings.read_preference {
            command = command.selection_criteria(client_options::selection_criteria(preference)?);
        }
        // The driver limits neither a login nor the first answer.
        let limit = self.settings.server_selection_timeout() + self.connect_timeout();
        match tokio::time::timeout(limit, command.into_future()).await {
            Ok(result) => result.map(drop).map_err(|error| self.explain(error)),
            Err(_) => Err(network_error(&io::ErrorKind::TimedOut.into(), &self.settings.servers())),
        }
    }

    fn connect_timeout(&self) -> Duration {
        let given = self.settings.connect_timeout_ms.map(Duration::from_millis);
        // 0 is no limit, but no login takes longer than this.
        given.filter(|time| !time.is_zero()).unwrap_or(DEFAULT_CONNECT_TIMEOUT)
    }

    /// Gives up one reference; the last one closes the connections before this returns.
    pub async fn release(self: Arc<Self>) {
        let Some(pool) = Arc::into_inner(self) else { return };
        let Some(opened) = pool.client.into_inner() else { return };
        let Opened { client, _files, _relay } = opened;
        // The driver's shutdown sets its monitors to look again and again until it comes to stop them;
        // where that fails at once, as with sockets that are not there, it never comes to that. Such a
        // client ends by being dropped, without telling the server that its sessions end.
        let sockets = pool.settings.hosts.iter().any(|host| matches!(host, Host::Unix { .. }));
        let mut shutdown = tokio::spawn(async move {
            if !sockets {
                client.shutdown().immediate(true).await;
            }
        });
        // It also waits for what holds no connection: the next look at DNS of `mongodb+srv`, a check of
        // a server that hangs. The end of those is not worth the wait.
        let closed = async {
            tokio::select! {
                Ok(()) = &mut shutdown, if !sockets => {}
                () = pool.failures.ended() => tokio::task::yield_now().await,
            }
        };
        if tokio::time::timeout(CLOSING, closed).await.is_err() {
            shutdown.abort();
        }
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
        assert_eq!(error.name, "MongoWaitQueueTimeoutError");
        drop(place);
        assert!(pool.place().await.is_ok());
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_named_in_bounded_time() {
        let json = r#"{"hosts":[{"host":"127.0.0.1","port":1}],"serverSelectionTimeoutMS":100}"#;
        let error = Pool::shared(json).expect("valid").ping().await.expect_err("nobody listens");
        assert_eq!(error.name, "MongoServerSelectionError");
        assert_eq!(error.message, "connect ECONNREFUSED 127.0.0.1:1");
    }
}
