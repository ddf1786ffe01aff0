//! Sends one command until it is over.
//!
//! **Problem.** A command may get stuck: its packet or its connection is lost, the server it was sent to is not the one
//! to ask any more, or it waits for a lock. Whoever waits for it has only so much time, counted from the call; and
//! no caller is to see a failure that passes by itself.
//!
//! **Rule.** A command that is overdue gives up its slot and is looked after from then on: a read is sent once more on
//! another connection, whichever answers first counts; a command is sent where it belongs when the deployment's server
//! for writes changes; after `ASK_AFTER` a new connection is asked whether the server is running it, and if it is
//! not, its connection is taken for dead ([`crate::diagnosis`]). A caller whose time is over gets an error right then;
//! when nobody waits any more, the command is given up.
//!
//! **Invariant.** What is sent again is the same command, with the same transaction number. One attempt is under way
//! at a time, or two of a read.
//!
//! **Why this is safe.** Reads change nothing. A repeated write with a number is applied once
//! ([`crate::write_sessions`]). One without is repeated only after its connection has failed or the server has said
//! that it is not running it; it sets the same values again.
//!
//! Steps of [`Delivery::deliver`]:
//! 1. Send, and wait while the command is on time.
//! 2. When the command is overdue, and again when it is late, let the slot know ([`Slot`]). Wait for the first of these: an
//!    answer; the second answer of a read; another server for writes; a finding of the diagnosis; the end of a caller's time.
//! 3. After an error that may pass, wait a little and go to 1. The time for that counts from the first failure.
//!
//! The time that a process stands still (a suspended laptop, a frozen function) counts for none of these limits.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::{Instant, sleep, timeout};

use crate::availability::term_over;
use crate::clock;
use crate::deadline::{Limit, still_time};
use crate::diagnosis::Finding;
use crate::error::{Error, ErrorKind};
use crate::pacing::LATE_AFTER;
use crate::queue::{Caller, Job};
use crate::reply::{Reply, answer};
use crate::retry::pauses;
use crate::session_op::Kind;
use crate::store::Store;
use crate::write_sessions::SessionId;

/// How long after it was sent a command without an answer is asked about for the first time; earlier where operations
/// have little time.
const ASK_AFTER: Duration = Duration::from_millis(800);
/// A read that was sent again on a new connection is slow rather than lost: it is asked about after this many times.
const ASK_READS_AGAIN_AFTER: u32 = 10;
/// How long until it is asked about again: twice as long each time, up to this.
const ASK_AGAIN_AT_MOST: Duration = Duration::from_secs(30);
/// The longest time between two looks at the deadlines: short, so that it shows when the process stood still.
const LOOK: Duration = Duration::from_secs(1);
/// How long the slower one of two attempts may keep its connection, which is closed then.
const LINGER: Duration = Duration::from_secs(60);
/// The pause between two looks for a server.
const SELECTION_PAUSE: Duration = Duration::from_millis(50);

/// A place under way beside a command's own; free again when dropped.
pub type Spare = Box<dyn Any + Send>;

/// A command's place among those under way.
pub trait Slot: Send {
    /// How long the command may take before it is overdue.
    fn patience(&self) -> Duration;
    /// Called when the command is overdue.
    fn overdue(&mut self);
    /// Called when the command is late: [`LATE_AFTER`] has passed since it was overdue, and there is no answer.
    fn late(&mut self);
    /// A place for a second attempt; none if there is none to spare.
    fn spare(&mut self) -> Option<Spare>;
}

/// Why a command was not delivered.
#[derive(Debug)]
pub struct Undelivered {
    /// The error for the callers that still wait.
    pub error: Error,
    /// The server may have done it, or may do it yet.
    pub uncertain: bool,
}

/// One command on its way.
pub struct Delivery<'a> {
    store: &'a Arc<Store>,
    slot: &'a mut dyn Slot,
    jobs: &'a mut [Job<Reply>],
    kind: Kind,
    /// The server session of a write: the server lists it while it is running the command.
    session: Option<SessionId>,
    /// Whether a write is applied once however often it is sent.
    numbered: bool,
    overdue: bool,
    /// When an overdue command is late; none before it is overdue and after it is late.
    late_at: Option<Instant>,
    /// How long until the command is asked about.
    ask_in: Duration,
    /// The server said that it is running the command.
    running: bool,
    first_failure: Option<Instant>,
    unanswered: bool,
}

/// How one attempt ended.
enum Attempt<T> {
    Answered(Result<T, Error>),
    /// Another server is the one to ask.
    Elsewhere,
    /// The connection is dead.
    Lost,
    /// Nobody waits any more; this is the error that the last caller got.
    GivenUp(Error),
}

impl<'a> Delivery<'a> {
    /// A command that carries `jobs`.
    pub fn new(
        store: &'a Arc<Store>,
        slot: &'a mut dyn Slot,
        kind: Kind,
        jobs: &'a mut [Job<Reply>],
    ) -> Self {
        Self {
            store,
            slot,
            jobs,
            kind,
            session: None,
            numbered: false,
            overdue: false,
            late_at: None,
            ask_in: ASK_AFTER.min(store.pool().limits().operation.time() / 2),
            running: false,
            first_failure: None,
            unanswered: false,
        }
    }

    /// Says which session the server knows the command by, and whether the command has a transaction number.
    pub fn known_by(mut self, session: Option<SessionId>, numbered: bool) -> Self {
        self.session = session;
        self.numbered = numbered;
        self
    }

    /// What it carries, for writing the command.
    pub fn with_jobs<T>(&self, work: impl FnOnce(&[Job<Reply>]) -> T) -> T {
        work(self.jobs)
    }

    /// Sends the command until it is over.
    ///
    /// # Errors
    /// The last attempt's. Callers whose time was over before that have had an error already.
    pub async fn deliver<T: Send + 'static>(
        mut self,
        send: impl Fn() -> BoxFuture<'static, Result<T, Error>>,
    ) -> Result<T, Undelivered> {
        let mut pauses = pauses();
        loop {
            let error = match self.attempt(&send).await {
                Attempt::Answered(Ok(value)) => return Ok(value),
                Attempt::Answered(Err(error)) => error,
                Attempt::Elsewhere | Attempt::Lost => {
                    self.unanswered = true;
                    continue;
                }
                Attempt::GivenUp(error) => return Err(Undelivered { error, uncertain: true }),
            };
            self.unanswered |= error.is_unanswered();
            let Some(pause) = self.pause_after(&error, &mut pauses) else {
                return Err(Undelivered { error, uncertain: self.unanswered });
            };
            if let Err(error) = self.patiently(sleep(pause)).await {
                return Err(Undelivered { error, uncertain: self.unanswered });
            }
        }
    }

    /// How long to wait before it is sent again after this error; none if it is not.
    fn pause_after(
        &mut self,
        error: &Error,
        pauses: &mut impl Iterator<Item = Duration>,
    ) -> Option<Duration> {
        if error.retry_after.is_some() {
            return error.retry_after;
        }
        // It was not sent: there was no server to send it to. Somebody may have called later than it began to look.
        if error.kind == ErrorKind::ServerSelection {
            let selection = self.store.pool().settings().server_selection_timeout();
            let mut called = self.jobs.iter().flat_map(|job| &job.replies).map(Caller::called);
            return called.any(|called| called.elapsed() < selection).then_some(SELECTION_PAUSE);
        }
        let now = Instant::now();
        let first = *self.first_failure.get_or_insert(now);
        let limits = self.store.pool().limits();
        let window = if self.kind.reads() { limits.retry_reads } else { limits.retry };
        let pause = pauses.next().unwrap_or_default();
        (error.retryable && now + pause < first + window).then_some(pause)
    }

    async fn attempt<T: Send + 'static>(
        &mut self,
        send: &impl Fn() -> BoxFuture<'static, Result<T, Error>>,
    ) -> Attempt<T> {
        let pool = Arc::clone(self.store.pool());
        let changes = pool.availability().subscribe();
        let term = changes.borrow().term;
        self.store.stats().sent();
        let mut first = send();
        if !self.overdue {
            let patience = self.slot.patience().min(self.time_left());
            if let Some(result) = clock::timeout(patience, &mut first).await {
                return Attempt::Answered(result);
            }
            self.overdue = true;
            self.late_at = Some(Instant::now() + LATE_AFTER);
            self.slot.overdue();
        }
        let mut second = self.second(send, None);
        let follows = !self.kind.reads() || self.store.reads_where_it_writes();
        let elsewhere = async move {
            if follows {
                term_over(changes, term).await;
            } else {
                std::future::pending::<()>().await;
            }
        };
        tokio::pin!(elsewhere);
        let mut ask_at = Instant::now() + self.ask_in;
        let mut asking: Option<BoxFuture<'static, Option<Arc<Finding>>>> = None;
        loop {
            let next = if asking.is_some() {
                self.late_at
            } else {
                Some(self.late_at.unwrap_or(ask_at).min(ask_at))
            };
            let next = next.map_or(LOOK, |at| at.saturating_duration_since(Instant::now()));
            let look = self.time_left().min(LOOK).min(next);
            let since = Instant::now();
            tokio::select! {
                biased;
                result = &mut first => match second.take() {
                    Some((other, _spare)) if result.as_ref().is_err_and(|error| error.retryable) => first = other,
                    other => {
                        if let Some((other, spare)) = other {
                            linger(other, spare);
                        }
                        return Attempt::Answered(result);
                    }
                },
                result = of_second(&mut second) => {
                    let place = second.take().map(|(_, spare)| spare);
                    // When the second attempt has failed, the first one may still answer.
                    if result.is_ok() {
                        if let Some(spare) = place {
                            linger(first, spare);
                        }
                        return Attempt::Answered(result);
                    }
                },
                () = &mut elsewhere => return Attempt::Elsewhere,
                finding = of_asking(&mut asking) => {
                    asking = None;
                    let lost = self.is_lost(finding.as_deref());
                    let times = if lost && self.kind.reads() { ASK_READS_AGAIN_AFTER } else { 2 };
                    self.ask_in = (self.ask_in * times).min(ASK_AGAIN_AT_MOST);
                    ask_at = Instant::now() + self.ask_in;
                    if lost {
                        pool.sweep().await;
                        // A slow read may still answer: it goes on beside the one that is sent now.
                        let place = second.take().map(|(_, spare)| spare);
                        second = self.second(send, place);
                        if second.is_none() {
                            return Attempt::Lost;
                        }
                    }
                },
                () = sleep(look) => {
                    self.forgive(still_time(since, look));
                    if self.late_at.take_if(|at| *at <= Instant::now()).is_some() {
                        self.slot.late();
                    }
                    if let Err(error) = self.tell_who_waited_enough() {
                        return Attempt::GivenUp(error);
                    }
                    if asking.is_none() && Instant::now() >= ask_at {
                        let pool = Arc::clone(&pool);
                        asking = Some(Box::pin(async move { pool.diagnose().await }));
                    }
                },
            }
        }
    }

    /// A read that is overdue is sent once more, if it has a place or there is one to spare.
    fn second<T>(
        &mut self,
        send: &impl Fn() -> BoxFuture<'static, Result<T, Error>>,
        place: Option<Spare>,
    ) -> Option<(BoxFuture<'static, Result<T, Error>>, Spare)> {
        if !self.kind.reads() || self.store.pool().limits().retry_reads.is_zero() {
            return None;
        }
        let spare = place.or_else(|| self.slot.spare())?;
        self.store.stats().sent();
        Some((send(), spare))
    }

    /// Whether the command was lost on its connection, by what a new connection has found.
    fn is_lost(&mut self, finding: Option<&Finding>) -> bool {
        // It still waits for the driver to find its server again.
        if self.store.lacks_server_for(self.kind) {
            return false;
        }
        match (finding, &self.session) {
            (None | Some(Finding::Unreachable), _) => false,
            (Some(_), _) if self.kind.reads() => {
                self.running = true;
                true
            }
            (Some(Finding::Running(running)), Some(session)) => {
                self.running = running.contains(session);
                !self.running
            }
            (Some(Finding::Running(_) | Finding::Silent), _) => {
                self.running = true;
                self.numbered
            }
        }
    }

    /// Waits for `work`, and answers the callers whose time is over meanwhile.
    ///
    /// # Errors
    /// When nobody waits any more: the error that the last caller got.
    pub async fn patiently<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Error> {
        tokio::pin!(work);
        loop {
            let look = self.time_left().min(LOOK);
            let since = Instant::now();
            tokio::select! {
                biased;
                value = &mut work => return Ok(value),
                () = sleep(look) => {
                    self.forgive(still_time(since, look));
                    self.tell_who_waited_enough()?;
                },
            }
        }
    }

    fn forgive(&mut self, still: Duration) {
        if still.is_zero() {
            return;
        }
        self.jobs.iter_mut().flat_map(|job| &mut job.replies).for_each(|reply| reply.forgive(still));
        self.first_failure = self.first_failure.map(|at| at + still);
    }

    fn limit(&self) -> Limit {
        let limits = self.store.pool().limits();
        if self.running { limits.operation_running } else { limits.operation }
    }

    fn end_of(&self, reply: &Reply) -> Instant {
        let limit = self.limit();
        let end = Instant::from_std(reply.called()) + limit.time();
        match self.first_failure {
            // Nobody set a limit: what has failed once may still be tried again for a while.
            Some(failure) if limit.is_default() => end.max(failure + self.store.pool().limits().retry),
            _ => end,
        }
    }

    /// Until the first caller's time is over.
    fn time_left(&self) -> Duration {
        let ends = self.jobs.iter().flat_map(|job| &job.replies).map(|reply| self.end_of(reply));
        ends.min().map_or(Duration::ZERO, |end| end.saturating_duration_since(Instant::now()))
    }

    /// Answers the callers whose time is over.
    ///
    /// # Errors
    /// When nobody else waits: the error that they got.
    fn tell_who_waited_enough(&mut self) -> Result<(), Error> {
        let now = Instant::now();
        let over = |delivery: &Self, reply: &Reply| delivery.end_of(reply) <= now;
        let error = self.store.pool().time_is_over(self.limit(), self.kind);
        for index in 0..self.jobs.len() {
            let mut replies = std::mem::take(&mut self.jobs[index].replies);
            let told = replies.extract_if(.., |reply| over(self, reply)).collect();
            self.jobs[index].replies = replies;
            answer(told, Err(error.clone()));
        }
        if self.jobs.iter().all(|job| job.replies.is_empty()) { Err(error) } else { Ok(()) }
    }
}

/// Lets the slower of two attempts end by itself, so that its connection can be used again.
fn linger<T: Send + 'static>(attempt: BoxFuture<'static, Result<T, Error>>, spare: Spare) {
    tokio::spawn(async move {
        drop(timeout(LINGER, attempt).await);
        drop(spare);
    });
}

async fn of_second<T>(
    second: &mut Option<(BoxFuture<'static, Result<T, Error>>, Spare)>,
) -> Result<T, Error> {
    match second {
        Some((attempt, _)) => attempt.await,
        None => std::future::pending().await,
    }
}

async fn of_asking(asking: &mut Option<BoxFuture<'static, Option<Arc<Finding>>>>) -> Option<Arc<Finding>> {
    match asking {
        Some(asking) => asking.await,
        None => std::future::pending().await,
    }
}
