//! One store: where its sessions are, and what its commands need to know of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use mongodb::Collection;
use mongodb::bson::{Bson, DateTime, Document, RawDocumentBuf, doc};
use mongodb::options::{CollectionOptions, SelectionCriteria};

use crate::client_options;
use crate::deadline::running_timeout;
use crate::document::Writer;
use crate::error::Error;
use crate::pool::Pool;
use crate::pool::leased::Leased;
use crate::runtime;
use crate::session_op::{Change, Kind, SessionOp};
use crate::settings::Acknowledgment;
use crate::stats::Stats;
use crate::store_config::{ENDS_AT, StoreConfig};
use crate::watch::inbox::Inbox;
use crate::watch::stream::Listener;
use crate::write_sessions::WriteSession;

/// The mode of the read preference that is the default.
const PRIMARY: &str = "primary";

/// A store's collection.
#[derive(Debug)]
pub struct Store {
    pool: Arc<Pool>,
    config: StoreConfig,
    /// A session id names at most one document, so that the id in a result says whose it is.
    unique: AtomicBool,
    /// The size of the document that a lookup found last, in bytes.
    found_bytes: AtomicUsize,
    stats: Arc<Stats>,
    /// Its part in the collection's stream, if it listens to what others change.
    listener: Option<Listener>,
}

impl Store {
    /// A store's collection on `pool`.
    ///
    /// # Errors
    /// When a field's name cannot be one.
    pub fn new(pool: Arc<Pool>, config: StoreConfig) -> Result<Arc<Self>, Error> {
        config.check()?;
        let unique = AtomicBool::new(config.id_field == "_id");
        let listener = config.watch.then(|| Listener::new(&pool, &config));
        let store = Arc::new(Self {
            pool,
            config,
            unique,
            found_bytes: AtomicUsize::new(0),
            stats: Arc::default(),
            listener,
        });
        if store.config.crypto.is_some() {
            // A passphrase takes a while: not while the first session waits, if it can be helped.
            let prepared = Arc::clone(&store);
            runtime::handle()?.spawn_blocking(move || {
                if let Some(crypto) = &prepared.config.crypto {
                    crypto.prepare();
                }
            });
        }
        Ok(store)
    }

    /// Where and how the sessions are stored.
    pub fn config(&self) -> &StoreConfig {
        &self.config
    }

    /// The client they are reached through.
    pub fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }

    /// Its commands, in numbers.
    pub fn stats(&self) -> &Arc<Stats> {
        &self.stats
    }

    /// Where others' changes arrive, from the first call on; to be waited for without the store. None for a store that
    /// does not listen to them.
    pub fn changes(&self) -> Option<Arc<Inbox>> {
        Some(self.listener.as_ref()?.listen(&self.pool))
    }

    /// Whether operations of several sessions may share a command.
    pub fn batches(&self) -> bool {
        self.config.batching && self.unique.load(Ordering::Relaxed)
    }

    /// Takes note that a unique index on the id is there.
    pub fn set_unique(&self) {
        self.unique.store(true, Ordering::Relaxed);
    }

    /// A lookup found a document of this size.
    pub fn observe_document(&self, bytes: usize) {
        self.found_bytes.store(bytes, Ordering::Relaxed);
    }

    /// The size of the document that a lookup found last; 0 if none was found since this was asked for.
    pub fn take_found_bytes(&self) -> usize {
        self.found_bytes.swap(0, Ordering::Relaxed)
    }

    /// What is sent in place of an operation: its payload encrypted, if this store encrypts.
    ///
    /// # Errors
    /// When it cannot be encrypted.
    pub fn sealed(&self, sid: &str, op: SessionOp) -> Result<SessionOp, Error> {
        let Some(crypto) = &self.config.crypto else { return Ok(op) };
        Ok(match op {
            SessionOp::Write(mut write) => {
                write.change = match write.change {
                    Change::Whole(session) => Change::Whole(crypto.seal_session(sid, &session)?),
                    // Refused where the store is opened; must not be stored in plain if it ever gets here.
                    Change::Patch(_) => {
                        return Err(Error::internal("an encrypted session cannot be changed in part"));
                    }
                };
                SessionOp::Write(write)
            }
            SessionOp::Touch { expires, cookie, ends } => {
                SessionOp::Touch { expires, cookie: crypto.seal_cookie(sid, &cookie)?, ends }
            }
            other @ (SessionOp::Get | SessionOp::Destroy { .. }) => other,
        })
    }

    /// A stored document as it was before it was encrypted.
    ///
    /// # Errors
    /// When it cannot be decrypted.
    pub fn opened(&self, sid: &str, stored: Vec<u8>) -> Result<Vec<u8>, Error> {
        match &self.config.crypto {
            Some(crypto) if !stored.is_empty() => crypto.open_document(sid, &stored),
            _ => Ok(stored),
        }
    }

    /// Runs a write command as it is.
    ///
    /// # Errors
    /// The driver's or the server's, for the command as a whole.
    pub async fn run(&self, command: RawDocumentBuf) -> Result<Document, Error> {
        let _place = self.pool.place().await?;
        let database = self.pool.database(&self.config.database).await?;
        let running =
            async { database.run_raw_command(command).await.map_err(|error| self.pool.explain(error)) };
        database.while_there(running).await
    }

    /// The same with a session, which the command has to itself.
    ///
    /// # Errors
    /// As [`Store::run`].
    pub async fn run_with(
        &self,
        command: RawDocumentBuf,
        session: &Leased<WriteSession>,
    ) -> Result<Document, Error> {
        let _place = self.pool.place().await?;
        let database = session.client()?.database(&self.config.database);
        let shared = session.shared();
        let running = async {
            let mut shared = shared.lock().await;
            let running = database.run_raw_command(command).session(&mut *shared);
            running.await.map_err(|error| self.pool.explain(error))
        };
        let result = session.while_there(running).await;
        // It cannot be sent again as it is: only this session knows its number.
        result.map_err(|error| if session.is_gone() { Error { retryable: false, ..error } } else { error })
    }

    /// Limits what is about all sessions: it may take longer while the server answers on a new connection.
    ///
    /// # Errors
    /// The work's, or the limit's.
    pub async fn within<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let limits = self.pool.limits();
        tokio::pin!(work);
        if let Some(result) = running_timeout(limits.operation.time(), &mut work).await {
            return result;
        }
        let more = limits.operation_running.time().saturating_sub(limits.operation.time());
        if more.is_zero() || !self.pool.answers().await {
            return Err(limits.operation.error());
        }
        running_timeout(more, work).await.unwrap_or_else(|| Err(limits.operation_running.error()))
    }

    /// Appends the client's write concern to a command.
    pub fn append_write_concern(&self, writer: &mut Writer) {
        let Some(concern) = &self.pool.settings().write_concern else { return };
        writer.document("writeConcern");
        match &concern.w {
            Some(Acknowledgment::Nodes(nodes)) => {
                writer.int32("w", *nodes);
            }
            Some(Acknowledgment::Named(name)) => {
                writer.string("w", name);
            }
            None => {}
        }
        if let Some(timeout) = concern.wtimeout_ms {
            writer.int64("wtimeout", i64::try_from(timeout).unwrap_or(i64::MAX));
        }
        if let Some(journal) = concern.journal {
            writer.boolean("j", journal);
        }
        writer.end();
    }

    /// Which members sessions are read from: the store's own choice, else the client's.
    ///
    /// # Errors
    /// When the mode is none.
    pub fn read_criteria(&self) -> Result<Option<SelectionCriteria>, Error> {
        let preference = self.config.read_preference.as_ref();
        let preference = preference.or(self.pool.settings().read_preference.as_ref());
        preference.map(client_options::selection_criteria).transpose()
    }

    /// Whether reads go to the server that takes writes, and to no other.
    pub fn reads_where_it_writes(&self) -> bool {
        let preference = self.config.read_preference.as_ref();
        let preference = preference.or(self.pool.settings().read_preference.as_ref());
        preference.is_none_or(|preference| preference.mode == PRIMARY)
    }

    /// Whether operations of this kind need not be sent: there is no server for them.
    pub fn lacks_server_for(&self, kind: Kind) -> bool {
        let own = kind.reads() && self.config.read_preference.is_some();
        // What is known is about the client's choice of members; the driver looks for those of the store's own.
        let of = if own && self.reads_where_it_writes() { Kind::Update } else { kind };
        (!own || self.reads_where_it_writes()) && self.pool.availability().known().lacks_server_for(of)
    }

    /// The store's collection, to read sessions from.
    ///
    /// # Errors
    /// As [`Store::read_criteria`], and those of [`Pool::client`].
    pub async fn collection<T: Send + Sync>(&self) -> Result<Leased<Collection<T>>, Error> {
        let database = self.pool.database(&self.config.database).await?;
        let mut options = CollectionOptions::default();
        options.selection_criteria = self.read_criteria()?;
        Ok(database.map(|database| database.collection_with_options(&self.config.collection, options)))
    }

    /// Matches documents that are not expired at `now` (ms since 1970; this process's clock if absent), as a
    /// read by id judges it: only a date expires.
    pub fn live_filter(&self, now: Option<i64>) -> Document {
        let now = now.map_or_else(DateTime::now, DateTime::from_millis);
        let still = doc! { "$not": { "$lte": Bson::DateTime(now) } };
        let mut filter = doc! { &self.config.expires_key: still.clone() };
        if self.config.limited_lifetime {
            filter.insert(ENDS_AT, still);
        }
        filter
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.stats.end();
    }
}
