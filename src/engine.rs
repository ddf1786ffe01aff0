//! One store at work: takes its operations in, and sends them out as commands.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::{Instant, sleep};

use crate::deadline::still_time;
use crate::delivery::{Slot, Spare};
use crate::document::MAX_DOCUMENT_BYTES;
use crate::error::{Error, ErrorKind};
use crate::operation::{lookup, write};
use crate::pacing::{BatchLimit, Observation, Pacing, Size};
use crate::pool::Pool;
use crate::queue::{Caller, Job, Queue};
use crate::reply::{Reply, answer};
use crate::session_op::{Kind, SessionOp};
use crate::stats::{PoolNumbers, QueueNumbers, Snapshot};
use crate::store::Store;
use crate::store_config::StoreConfig;

/// Calls that may wait for MongoDB before further ones fail at once.
pub const MAX_WAITING: usize = 200_000;
/// Bytes of sessions that may wait for MongoDB before further ones fail at once.
pub const MAX_WAITING_BYTES: usize = 512 * 1024 * 1024;

/// A command that took so long and was overdue got stuck: its sessions go alone from then on. Longer than a packet that
/// is lost once takes to be sent again (200 ms on Linux).
const STUCK: Duration = Duration::from_millis(500);
/// So many other commands were answered on time meanwhile: it was not the server as a whole that stood still.
const OTHERS: u64 = 4;
/// How often those who wait in the queue are looked through, as a share of how long they may wait.
const LOOKS: u32 = 20;
const SHORTEST_LOOK: Duration = Duration::from_millis(10);
const LONGEST_LOOK: Duration = Duration::from_millis(100);
/// Second attempts that may be made at once, and how many each command that is on time adds.
const MAX_SECONDS: f64 = 10.0;
const SECONDS_PER_COMMAND: f64 = 0.1;

/// A store at work.
#[derive(Debug)]
pub struct Engine {
    store: Arc<Store>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    queue: Queue<Reply>,
    pacing: Pacing,
    /// Commands under way that hold a slot.
    on_time: usize,
    /// All commands under way, and second attempts.
    under_way: usize,
    /// Second attempts that may be made.
    seconds: f64,
    /// Commands that were answered on time.
    answered: u64,
    /// A task is looking after those who wait ([`Engine::tend`]).
    tended: bool,
}

/// One command on its way, and the sessions it carries. Frees its slot and its sessions' lanes when it is dropped,
/// even if the command panics.
struct InFlight {
    engine: Arc<Engine>,
    kind: Kind,
    size: Size,
    sids: Vec<Arc<str>>,
    started: Instant,
    /// Commands that held a slot when it was sent, itself included, and whether operations were left waiting.
    beside: usize,
    crowded: bool,
    /// Commands that had been answered on time when it was sent.
    answered: u64,
    overdue: bool,
    late: bool,
    /// How the command as a whole ended, once it did.
    outcome: Option<Result<(), Error>>,
}

/// What goes out next.
struct Departure {
    kind: Kind,
    jobs: Vec<Job<Reply>>,
    beside: usize,
    crowded: bool,
}

/// A second attempt's place.
struct Second(Arc<Engine>);

impl Drop for Second {
    fn drop(&mut self) {
        self.0.state().under_way -= 1;
        self.0.pump();
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        {
            let mut state = self.engine.state();
            state.under_way -= 1;
            state.on_time -= usize::from(!self.overdue);
            for sid in &self.sids {
                state.queue.finish(sid);
            }
            self.learn(&mut state);
        }
        self.engine.pump();
    }
}

impl InFlight {
    /// Takes note of how long the command took.
    fn learn(&self, state: &mut State) {
        let took = self.started.elapsed();
        if matches!(self.outcome, Some(Ok(()))) {
            let Self { kind, size, beside, crowded, .. } = *self;
            state.pacing.observe(Observation { kind, size, took, beside, crowded });
        }
        let found = self.engine.store.take_found_bytes();
        if found > 0 {
            state.pacing.observe_document(found);
        }
        if !self.late {
            state.pacing.on_time(self.kind);
        }
        if !self.overdue {
            state.answered += 1;
            state.seconds = (state.seconds + SECONDS_PER_COMMAND).min(MAX_SECONDS);
            if let [sid] = &self.sids[..]
                && !self.kind.reads()
            {
                state.queue.trust(sid);
            }
        } else if took > STUCK && !self.kind.reads() && state.answered - self.answered >= OTHERS {
            for sid in &self.sids {
                state.queue.suspect(sid);
            }
        }
    }

    async fn run(mut self, jobs: Vec<Job<Reply>>) {
        let engine = Arc::clone(&self.engine);
        let operations = jobs.iter().map(|job| job.replies.len()).sum();
        let kind = self.kind;
        self.outcome = Some(match kind {
            Kind::Lookup => lookup::run(&engine.store, &mut self, jobs).await,
            Kind::Update | Kind::Delete => write::run(&engine.store, &mut self, kind, jobs).await,
        });
        let failed = matches!(self.outcome, Some(Err(_)));
        engine.store.stats().ended(kind, operations, self.started.elapsed(), failed);
    }
}

impl Slot for InFlight {
    fn patience(&self) -> Duration {
        self.engine.state().pacing.patience(self.kind, self.size)
    }

    fn overdue(&mut self) {
        if std::mem::replace(&mut self.overdue, true) {
            return;
        }
        self.engine.state().on_time -= 1;
        self.engine.pump();
    }

    fn late(&mut self) {
        if !std::mem::replace(&mut self.late, true) {
            self.engine.state().pacing.late(self.kind);
            self.engine.pump();
        }
    }

    fn spare(&mut self) -> Option<Spare> {
        let mut state = self.engine.state();
        if state.seconds < 1.0 || state.under_way >= self.engine.store.pool().size() {
            return None;
        }
        state.seconds -= 1.0;
        state.under_way += 1;
        Some(Box::new(Second(Arc::clone(&self.engine))))
    }
}

impl Engine {
    /// A store on `pool`.
    ///
    /// # Errors
    /// When a field's name cannot be one.
    pub fn new(pool: Arc<Pool>, config: StoreConfig) -> Result<Arc<Self>, Error> {
        let state = State {
            queue: Queue::default(),
            pacing: Pacing::default(),
            on_time: 0,
            under_way: 0,
            seconds: MAX_SECONDS,
            answered: 0,
            tended: false,
        };
        Ok(Arc::new(Self { store: Store::new(pool, config)?, state: Mutex::new(state) }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The store whose operations it sends.
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// The state of the store, in numbers.
    pub fn snapshot(&self) -> Snapshot {
        let (open, in_use) = self.store.pool().connections().count();
        let state = self.state();
        Snapshot {
            pool: PoolNumbers { open, in_use },
            queue: QueueNumbers {
                waiting: state.queue.waiting(),
                waiting_bytes: state.queue.waiting_bytes(),
                under_way: state.under_way,
            },
            commands: self.store.stats().commands(state.under_way),
        }
    }

    /// Takes one call in. [`Engine::pump`] sends it out.
    pub fn push(&self, sid: &str, op: SessionOp, reply: Reply) {
        let op = match self.checked(sid, op) {
            Ok(op) => op,
            Err(refusal) => return reply.complete(Err(refusal)),
        };
        let mut state = self.state();
        let (waiting, waiting_bytes) = (state.queue.waiting(), state.queue.waiting_bytes());
        if waiting < MAX_WAITING && waiting_bytes + op.held_bytes() <= MAX_WAITING_BYTES {
            return state.queue.push(sid, op, reply);
        }
        drop(state);
        reply.complete(Err(Error::new(
            ErrorKind::Runtime,
            format!(
                "{waiting} operations with {waiting_bytes} bytes of sessions are already waiting for MongoDB; \
                 this one was not sent"
            ),
        )));
    }

    /// What is to be sent: encrypted, where the store does that, and not too large for a document.
    fn checked(&self, sid: &str, op: SessionOp) -> Result<SessionOp, Error> {
        let op = self.store.sealed(sid, op)?;
        let bytes = op.bytes();
        if bytes <= MAX_DOCUMENT_BYTES {
            return Ok(op);
        }
        Err(Error::invalid(format!(
            "the session is {bytes} bytes of BSON, and MongoDB stores {MAX_DOCUMENT_BYTES} at most"
        )))
    }

    /// Sends out whatever may go now.
    pub fn pump(self: &Arc<Self>) {
        while let Some(Departure { kind, jobs, beside, crowded }) = self.next() {
            let bytes = jobs.iter().map(|job| job.op.bytes()).sum();
            let in_flight = InFlight {
                engine: Arc::clone(self),
                kind,
                size: Size::of(jobs.len(), bytes),
                sids: jobs.iter().map(|job| Arc::clone(&job.sid)).collect(),
                started: Instant::now(),
                beside,
                crowded,
                answered: self.state().answered,
                overdue: false,
                late: false,
                outcome: None,
            };
            tokio::spawn(in_flight.run(jobs));
        }
        let tend = {
            let mut state = self.state();
            state.queue.waiting() > 0 && !std::mem::replace(&mut state.tended, true)
        };
        if tend {
            tokio::spawn(Arc::clone(self).tend());
        }
    }

    fn next(&self) -> Option<Departure> {
        let mut guard = self.state();
        let state = &mut *guard;
        if state.queue.waiting() == 0 || state.under_way >= self.store.pool().size() {
            return None;
        }
        let kind = state.queue.next_kind(|kind| !self.store.lacks_server_for(kind))?;
        let limit = if self.store.batches() {
            let free = state.pacing.slots(kind).checked_sub(state.on_time).filter(|&free| free > 0)?;
            state.pacing.limit(kind, state.queue.ready(kind), free)
        } else {
            BatchLimit { jobs: 1, bytes: 0 }
        };
        let jobs = state.queue.take(kind, limit);
        if jobs.is_empty() {
            return None;
        }
        state.under_way += 1;
        state.on_time += 1;
        let crowded = Kind::ALL.into_iter().any(|kind| state.queue.ready(kind) > 0);
        Some(Departure { kind, jobs, beside: state.on_time, crowded })
    }

    /// Looks after those who wait in the queue, for as long as anybody does: ends the wait of those whose time is over,
    /// looks for a server while there is none, and sends out when one has come.
    async fn tend(self: Arc<Self>) {
        let pool = self.store.pool();
        let shortest = pool.limits().operation.time().min(pool.settings().server_selection_timeout());
        let look = (shortest / LOOKS).clamp(SHORTEST_LOOK, LONGEST_LOOK);
        let mut changes = pool.availability().subscribe();
        let mut looking: Option<BoxFuture<'_, Result<(), Error>>> = None;
        loop {
            let since = Instant::now();
            tokio::select! {
                _ = of(&mut looking) => looking = None,
                // It never ends before the pool does.
                _ = changes.changed() => self.pump(),
                () = sleep(look) => {
                    let still = still_time(since, look);
                    if still.is_zero() {
                        self.tell_who_waited_enough();
                    } else {
                        self.state().queue.forgive(still);
                    }
                    self.pump();
                },
            }
            let known = pool.availability().known();
            // The driver looks for a server every ten seconds, and more often while somebody asks.
            if looking.is_none()
                && (known.lacks_server_for(Kind::Lookup) || known.lacks_server_for(Kind::Update))
            {
                looking = Some(Box::pin(pool.find_server()));
            }
            let mut state = self.state();
            if state.queue.waiting() == 0 {
                state.tended = false;
                return;
            }
        }
    }

    fn tell_who_waited_enough(&self) {
        let (pool, store) = (self.store.pool(), &self.store);
        let limit = pool.limits().operation;
        let lacking = Kind::ALL.into_iter().find(|&kind| store.lacks_server_for(kind));
        let time = match lacking {
            Some(_) => limit.time().min(pool.settings().server_selection_timeout()),
            None => limit.time(),
        };
        let Some(called) = std::time::Instant::now().checked_sub(time) else { return };
        let expired = self.state().queue.expire(|reply| reply.called() <= called);
        if !expired.is_empty() {
            answer(expired, Err(pool.time_is_over(limit, lacking.unwrap_or(Kind::Update))));
        }
    }
}

async fn of<T>(work: &mut Option<BoxFuture<'_, T>>) -> T {
    match work {
        Some(work) => work.await,
        None => std::future::pending().await,
    }
}
