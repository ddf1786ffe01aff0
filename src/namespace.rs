//! One store's collection: takes its point operations in, and sends them out as commands.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mongodb::bson::{Bson, DateTime, Document, RawDocumentBuf, doc};

use crate::absence;
use crate::channel::Ticket;
use crate::document::{MAX_DOCUMENT_BYTES, Writer};
use crate::error::Error;
use crate::location::Location;
use crate::operation;
use crate::pace::Pace;
use crate::pool::Pool;
use crate::queue::{Action, Job, Kind, Queue};
use crate::runtime;
use crate::settings::Acknowledgment;
use crate::stats::{PoolNumbers, QueueNumbers, Snapshot, Stats};

/// Calls that may wait for MongoDB before further ones fail at once.
pub const MAX_WAITING: usize = 200_000;
/// Bytes of sessions that may wait for MongoDB before further ones fail at once.
pub const MAX_WAITING_BYTES: usize = 512 * 1024 * 1024;

/// A store's collection.
#[derive(Debug)]
pub struct Namespace {
    pool: Arc<Pool>,
    location: Location,
    /// A session id names at most one document, so that results can be told apart by it.
    unique: AtomicBool,
    /// Touches may name the index on `_id`.
    hints: AtomicBool,
    stats: Arc<Stats>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    queue: Queue<Ticket>,
    pace: Pace,
    under_way: usize,
    /// No server was found, and why: nothing is sent out until one is.
    absent: Option<Error>,
}

/// Frees a command's slot and its sessions' lanes, even if the command panics.
struct Flight {
    namespace: Arc<Namespace>,
    sids: Vec<Arc<str>>,
    started: Instant,
    /// How the command as a whole ended, once it did.
    outcome: Option<Result<(), Error>>,
}

impl Drop for Flight {
    fn drop(&mut self) {
        let mut look = false;
        {
            let mut state = self.namespace.state();
            state.under_way -= 1;
            for sid in &self.sids {
                state.queue.finish(sid);
            }
            match &self.outcome {
                // An answer's time says something about the distance.
                Some(Ok(())) => {
                    state.pace.observe(self.started.elapsed());
                    state.absent = None;
                }
                Some(Err(error)) if error.name == "MongoServerSelectionError" => {
                    look = state.absent.replace(error.clone()).is_none();
                }
                _ => {}
            }
        }
        if look {
            tokio::spawn(absence::last(Arc::clone(&self.namespace)));
        }
        self.namespace.pump();
    }
}

impl Namespace {
    /// A store's collection on `pool`.
    ///
    /// # Errors
    /// When a field's name cannot be one.
    pub fn new(pool: Arc<Pool>, location: Location) -> Result<Arc<Self>, Error> {
        location.check()?;
        let is_primary_key = location.id_field == "_id";
        let (unique, hints) = (AtomicBool::new(is_primary_key), AtomicBool::new(is_primary_key));
        let namespace =
            Arc::new(Self { pool, location, unique, hints, stats: Arc::default(), state: Mutex::default() });
        if namespace.location.crypto.is_some() {
            // A passphrase takes a while: not while the first session waits, if it can be helped.
            let prepared = Arc::clone(&namespace);
            runtime::handle().spawn_blocking(move || {
                if let Some(crypto) = &prepared.location.crypto {
                    crypto.prepare();
                }
            });
        }
        Ok(namespace)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the sessions are.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// The client they are reached through.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Tells that a unique index on the id is there.
    pub fn set_unique(&self) {
        self.unique.store(true, Ordering::Relaxed);
    }

    /// Whether touches name the index on `_id`.
    pub fn hints(&self) -> bool {
        self.hints.load(Ordering::Relaxed)
    }

    /// Tells that the server refuses hints.
    pub fn forgo_hints(&self) {
        self.hints.store(false, Ordering::Relaxed);
    }

    /// What is sent in place of an action: its payload encrypted, if this store encrypts.
    ///
    /// # Errors
    /// When it cannot be encrypted.
    pub fn sealed(&self, sid: &str, action: Action) -> Result<Action, Error> {
        let Some(crypto) = &self.location.crypto else { return Ok(action) };
        Ok(match action {
            Action::Set { expires, session } => {
                Action::Set { expires, session: crypto.seal_session(sid, &session)? }
            }
            Action::Touch { expires, cookie } => {
                Action::Touch { expires, cookie: crypto.seal_cookie(sid, &cookie)? }
            }
            Action::Replace { expires, session } => {
                Action::Replace { expires, session: crypto.seal_session(sid, &session)? }
            }
            // Refused where the store is opened; must not be stored in plain if it ever gets here.
            Action::Patch(_) => {
                return Err(Error::internal("an encrypted session cannot be changed in part"));
            }
            other @ (Action::Get | Action::Destroy { .. }) => other,
        })
    }

    /// A stored document as it was before it was encrypted.
    ///
    /// # Errors
    /// When it cannot be decrypted.
    pub fn opened(&self, sid: &str, stored: Vec<u8>) -> Result<Vec<u8>, Error> {
        match &self.location.crypto {
            Some(crypto) if !stored.is_empty() => crypto.open_document(sid, &stored),
            _ => Ok(stored),
        }
    }

    /// Its commands, in numbers.
    pub fn stats(&self) -> &Arc<Stats> {
        &self.stats
    }

    /// Everything there is to tell in numbers.
    pub fn snapshot(&self) -> Snapshot {
        let (open, in_use) = self.pool.connections().count();
        let state = self.state();
        Snapshot {
            pool: PoolNumbers { open, in_use },
            queue: QueueNumbers {
                waiting: state.queue.waiting(),
                waiting_bytes: state.queue.waiting_bytes(),
                under_way: state.under_way,
            },
            commands: self.stats.commands(state.under_way),
        }
    }

    /// Takes one call in. [`Namespace::pump`] sends it out.
    pub fn push(&self, sid: &str, action: Action, ticket: Ticket) {
        if let Some(refusal) = self.refusal(&action) {
            ticket.complete(Err(refusal));
            return;
        }
        self.state().queue.push(sid, action, ticket, Instant::now());
    }

    fn refusal(&self, action: &Action) -> Option<Error> {
        let bytes = action.bytes();
        if bytes > MAX_DOCUMENT_BYTES {
            return Some(Error::invalid(format!(
                "the session is {bytes} bytes of BSON, and MongoDB stores {MAX_DOCUMENT_BYTES} at most"
            )));
        }
        let state = self.state();
        let (waiting, waiting_bytes) = (state.queue.waiting(), state.queue.waiting_bytes());
        (waiting >= MAX_WAITING || waiting_bytes + action.held_bytes() > MAX_WAITING_BYTES).then(|| {
            Error::new(
                "MongoRuntimeError",
                format!(
                    "{waiting} operations with {waiting_bytes} bytes of sessions are already waiting for MongoDB; \
                     this one was not sent"
                ),
            )
        })
    }

    /// Sends out whatever may go now.
    pub fn pump(self: &Arc<Self>) {
        while let Some((kind, jobs)) = self.next() {
            let flight = Flight {
                namespace: Arc::clone(self),
                sids: jobs.iter().map(|job| Arc::clone(&job.sid)).collect(),
                started: Instant::now(),
                outcome: None,
            };
            tokio::spawn(flight.run(kind, jobs));
        }
    }

    fn next(&self) -> Option<(Kind, Vec<Job<Ticket>>)> {
        let mut guard = self.state();
        let state = &mut *guard;
        if state.absent.is_some() {
            return None;
        }
        let kind = state.queue.next_kind()?;
        let batching = self.location.batching && self.unique.load(Ordering::Relaxed);
        let share = if batching {
            let free = state.pace.slots().checked_sub(state.under_way).filter(|&free| free > 0)?;
            state.pace.share(kind, state.queue.ready(kind), free)
        } else {
            crate::queue::Share { jobs: 1, bytes: 0 }
        };
        let jobs = state.queue.take(kind, share);
        state.under_way += usize::from(!jobs.is_empty());
        (!jobs.is_empty()).then_some((kind, jobs))
    }

    /// Ends the calls that have been waiting for a server for `limit`: whether others still wait.
    pub fn give_up_waiting(&self, limit: Duration) -> bool {
        let (expired, error, waiting) = {
            let mut state = self.state();
            let Some(error) = state.absent.clone() else { return false };
            let since = Instant::now().checked_sub(limit);
            let expired = since.map(|since| state.queue.expire(since)).unwrap_or_default();
            (expired, error, state.queue.waiting() > 0)
        };
        for job in expired {
            operation::answer(job.tickets, Err(error.clone()));
        }
        waiting
    }

    /// No server was found again, for this reason.
    pub fn still_absent(&self, error: Error) {
        if let Some(before) = &mut self.state().absent {
            *before = error;
        }
    }

    /// Sends out again.
    pub fn resume(self: &Arc<Self>) {
        self.state().absent = None;
        self.pump();
    }

    /// A lookup found a document of this size.
    pub fn observe_document(&self, bytes: usize) {
        self.state().pace.observe_document(bytes);
    }

    /// Runs a write command, with this client's write concern.
    ///
    /// # Errors
    /// The driver's or the server's, for the command as a whole.
    pub async fn run(&self, command: RawDocumentBuf) -> Result<Document, Error> {
        let _place = self.pool.place().await?;
        let database = self.pool.database(&self.location.database).await?;
        database.run_raw_command(command).await.map_err(|error| self.pool.explain(error))
    }

    /// Appends the client's write concern to a command.
    pub fn append_write_concern(&self, writer: &mut Writer) {
        let Some(concern) = &self.pool.settings().write_concern else { return };
        writer.document("writeConcern");
        match &concern.w {
            Some(Acknowledgment::Nodes(nodes)) => {
                writer.int32("w", i32::try_from(*nodes).unwrap_or(i32::MAX));
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

    /// Matches documents that are not expired, as a read by id judges it: only a date expires.
    pub fn live_filter(&self) -> Document {
        doc! { &self.location.expires_key: { "$not": { "$lte": Bson::DateTime(DateTime::now()) } } }
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        self.stats.end();
    }
}

impl Flight {
    async fn run(mut self, kind: Kind, jobs: Vec<Job<Ticket>>) {
        let namespace = Arc::clone(&self.namespace);
        let operations = jobs.iter().map(|job| job.tickets.len()).sum();
        self.outcome = Some(match kind {
            Kind::Lookup => operation::lookup::run(&namespace, jobs).await,
            Kind::Update | Kind::Delete => operation::write::run(&namespace, kind, jobs).await,
        });
        let failed = matches!(self.outcome, Some(Err(_)));
        namespace.stats.ended(kind, operations, self.started.elapsed(), failed);
    }
}
