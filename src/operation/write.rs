//! Saves, touches and deletions: one unordered command with a statement for each session.
//!
//! **Patches.** A patch changes keys of a session that must be there. When the session is gone it has to be created, whole;
//! but the server only says how many statements found a document, not which. So when fewer did than were sent:
//!
//! 1. Set aside the patches that may create their session: any of them may be the one that found none.
//! 2. Halve the list and send each half again, as a command of its own. A patch only sets and removes given keys,
//!    so doing it twice leaves what doing it once did, and no other write to its session comes between: its lane is
//!    taken until its job is over.
//! 3. A half in which every patch found its session is done. A patch that finds none when it is alone is replaced
//!    by a save of the whole session.
//!
//! With n patches and one session missing, that is about 2 log n commands; nothing is sent twice in the usual case.
//!
//! **Numbers.** Every command that differs from the one before has a number of its own; only what is sent again as it
//! was keeps it ([`crate::write_sessions`]). A command is split, or composed anew, only when the one before was answered.

use std::sync::Arc;
use std::time::Duration;

use mongodb::bson::{RawDocument, RawDocumentBuf};
use tokio::time::sleep;

use super::fence::{fence, is_numbered};
use super::may_be_one_statements_fault;
use super::write_command::compose;
use super::write_reply::{Outcome, accepted, read};
use crate::availability::server_for;
use crate::crypto::COOKIE_PATH;
use crate::delivery::{Delivery, Slot, Undelivered};
use crate::error::{Error, ErrorKind};
use crate::pool::leased::Leased;
use crate::queue::Job;
use crate::reply::{Reply, answer, together};
use crate::session_op::{Change, Kind, Patch, SessionOp};
use crate::store::Store;
use crate::watch::change::operation_time;
use crate::watch::own_writes::Effect;
use crate::watch::stream::Notes;
use crate::write_sessions::WriteSession;

/// Two upserts of one new session at once: the server refuses one of them, which finds the session on a second try.
const DUPLICATE_KEY: i32 = 11000;
/// The stored session is no document, so it has no cookie to set (connect-mongo's JSON strings).
const PATH_NOT_VIABLE: i32 = 28;
/// The same, of a session whose lifetime is limited: its update is a pipeline (`$mergeObjects`).
const NO_OBJECT: i32 = 40400;
/// A standalone server got a transaction number.
const ILLEGAL_OPERATION: i32 = 20;
/// The answer to JavaScript when a session was created.
const CREATED: u8 = 1;
/// More races in a row than this are no race.
const MAX_RACES: usize = 5;

/// What is to be done after a command was answered.
#[derive(Debug, Default)]
pub struct Rest {
    /// What is sent again, in some other form.
    pub again: Vec<Job<Reply>>,
    /// The patches that may have been for a session that is gone.
    pub doubtful: Vec<Job<Reply>>,
    /// How long the server asks to be left alone first.
    pub pause: Option<Duration>,
}

/// Writes all jobs and answers each.
///
/// # Errors
/// What kept the server from answering; whoever still waited was answered with it.
pub async fn run(
    store: &Arc<Store>,
    slot: &mut dyn Slot,
    kind: Kind,
    jobs: Vec<Job<Reply>>,
) -> Result<(), Error> {
    match store.pool().write_session().await {
        Ok(session) => {
            let mut writing = Writing { store, slot, kind, session };
            let result = writing.all(jobs).await;
            if let Some(session) = writing.session {
                session.give_back();
            }
            result
        }
        Err(error) => {
            for job in jobs {
                answer(job.replies, Err(error.clone()));
            }
            Err(error)
        }
    }
}

/// One place under way, for as many commands as it takes, one after another.
struct Writing<'a> {
    store: &'a Arc<Store>,
    slot: &'a mut dyn Slot,
    kind: Kind,
    session: Option<Leased<WriteSession>>,
}

impl Writing<'_> {
    async fn all(&mut self, mut jobs: Vec<Job<Reply>>) -> Result<(), Error> {
        let mut result = Ok(());
        let mut races = 0;
        while !jobs.is_empty() {
            let outcome = match self.send(&mut jobs).await {
                Ok(outcome) => outcome,
                Err(Undelivered { error, uncertain: false })
                    if jobs.len() > 1 && may_be_one_statements_fault(&error) =>
                {
                    return self.one_by_one(jobs).await;
                }
                Err(Undelivered { error, uncertain }) => {
                    let sids: Vec<_> = jobs.iter().map(|job| Arc::clone(&job.sid)).collect();
                    together(|| jobs.drain(..).for_each(|job| answer(job.replies, Err(error.clone()))));
                    if uncertain && let Some(session) = &mut self.session {
                        fence(self.store, session, &sids).await;
                    }
                    return Err(error);
                }
            };
            let Rest { again, doubtful, pause } = together(|| settle(jobs, outcome, races < MAX_RACES));
            jobs = again;
            if let Err(error) = self.halves(doubtful).await {
                result = Err(error);
            }
            match pause {
                Some(pause) => self.pause(&mut jobs, pause).await,
                None => races += 1,
            }
        }
        result
    }

    async fn one_by_one(&mut self, jobs: Vec<Job<Reply>>) -> Result<(), Error> {
        let mut result = Ok(());
        for job in jobs {
            result = Box::pin(self.all(vec![job])).await;
        }
        result
    }

    async fn halves(&mut self, mut jobs: Vec<Job<Reply>>) -> Result<(), Error> {
        if jobs.is_empty() {
            return Ok(());
        }
        let second = jobs.split_off(jobs.len().div_ceil(2));
        let first = Box::pin(self.all(jobs)).await;
        if second.is_empty() {
            return first;
        }
        first.and(Box::pin(self.all(second)).await)
    }

    /// Waits as long as the server asked, and drops what nobody waits for any more.
    async fn pause(&mut self, jobs: &mut Vec<Job<Reply>>, pause: Duration) {
        let mut delivery = Delivery::new(self.store, self.slot, self.kind, jobs);
        drop(delivery.patiently(sleep(pause)).await);
        jobs.retain(|job| !job.replies.is_empty());
    }

    async fn send(&mut self, jobs: &mut [Job<Reply>]) -> Result<Outcome, Undelivered> {
        let undelivered = |error| Undelivered { error, uncertain: false };
        loop {
            let mut delivery = Delivery::new(self.store, self.slot, self.kind, jobs);
            if self.store.pool().availability().known().numbered.is_none() {
                let known = server_for(self.store.pool().availability().subscribe(), self.kind);
                delivery.patiently(known).await.and_then(|found| found).map_err(undelivered)?;
            }
            let number =
                self.session.as_mut().filter(|_| is_numbered(self.store)).map(|session| session.advance());
            let delivery = Delivery::new(self.store, self.slot, self.kind, jobs);
            let delivery =
                delivery.known_by(self.session.as_ref().map(|known| known.id().clone()), number.is_some());
            let command = delivery
                .with_jobs(|jobs| compose(self.store, self.kind, jobs, number))
                .map_err(undelivered)?;
            let notes = delivery.with_jobs(|jobs| notes(self.store, jobs));
            let sent = delivery.deliver(|| {
                let (store, session, command) =
                    (Arc::clone(self.store), self.session.clone(), command.clone());
                Box::pin(async move {
                    let reply = match &session {
                        Some(session) => store.run_with(command, session).await?,
                        None => store.run(command).await?,
                    };
                    accepted(reply)
                })
            });
            match sent.await {
                Ok(reply) => {
                    let outcome = read(&reply, jobs.len()).map_err(undelivered)?;
                    // Without callers is a job whose time was over: they have had an error.
                    let failed = |index: usize| {
                        outcome.failures.contains_key(&index) || jobs[index].replies.is_empty()
                    };
                    notes.done(operation_time(&reply), failed);
                    return Ok(outcome);
                }
                Err(Undelivered { error, .. })
                    if number.is_some() && error.code == Some(ILLEGAL_OPERATION) =>
                {
                    self.store.pool().forgo_transaction_numbers();
                }
                Err(Undelivered { error, .. })
                    if self.session.is_some() && error.kind == ErrorKind::Compatibility =>
                {
                    self.store.pool().forgo_sessions();
                    self.session = None;
                }
                Err(_) if self.has_lost_its_servers() && jobs.iter().any(|job| !job.replies.is_empty()) => {
                    self.move_on().await.map_err(undelivered)?;
                }
                Err(undelivered) => return Err(undelivered),
            }
        }
    }

    fn has_lost_its_servers(&self) -> bool {
        self.session.as_ref().is_some_and(Leased::is_gone)
    }

    /// Goes on with a session of the pool's present client; nothing of the former one's runs any more.
    async fn move_on(&mut self) -> Result<(), Error> {
        let pool = self.store.pool();
        if let Some(former) = self.session.take() {
            pool.stop_running(former.id()).await;
        }
        self.session = pool.write_session().await?;
        Ok(())
    }
}

/// What is to be recognised as this process's own where it is watched.
fn notes(store: &Store, jobs: &[Job<Reply>]) -> Notes {
    Notes::take(store.config(), jobs.iter().map(|job| (&job.sid, Effect::of(&job.op, store.config()))))
}

/// Answers what is over; returns what is left to do.
pub fn settle(jobs: Vec<Job<Reply>>, outcome: Outcome, again: bool) -> Rest {
    let mut rest = Rest::default();
    let Outcome { mut failures, unmatched, created } = outcome;
    let alone = jobs.len() == 1;
    for (index, mut job) in jobs.into_iter().enumerate() {
        let failure = failures.remove(&index);
        if let Some(pause) = failure.as_ref().and_then(|error| error.retry_after) {
            rest.pause = rest.pause.max(Some(pause));
            rest.again.push(job);
            continue;
        }
        match (failure.as_ref().map(|error| error.code), fate_of(&job.op, unmatched)) {
            (None, Fate::Doubtful) if alone => {
                store_whole(&mut job.op);
                rest.again.push(job);
            }
            (None, Fate::Doubtful) => rest.doubtful.push(job),
            (None, Fate::Done) if created.contains(&index) => answer_created(job.replies),
            // The stored session is no document any more, or one that these changes do not fit.
            (Some(Some(PATH_NOT_VIABLE | NO_OBJECT)), _) if may_fit_otherwise(&mut job.op) => {
                rest.again.push(job)
            }
            (Some(Some(DUPLICATE_KEY)), _) if again && is_whole_upsert(&job.op) => rest.again.push(job),
            (None | Some(_), Fate::Done | Fate::Doubtful) => {
                answer(job.replies, failure.map_or(Ok(Vec::new()), Err));
            }
        }
    }
    rest
}

/// What is known of a statement without an error.
enum Fate {
    Done,
    /// It may be one of those that found no session, and has to create it then.
    Doubtful,
}

fn fate_of(op: &SessionOp, unmatched: usize) -> Fate {
    match op {
        SessionOp::Write(write) if unmatched > 0 && write.creates => match write.change {
            Change::Patch(_) => Fate::Doubtful,
            Change::Whole(_) => Fate::Done,
        },
        SessionOp::Get | SessionOp::Write(_) | SessionOp::Touch { .. } | SessionOp::Destroy { .. } => {
            Fate::Done
        }
    }
}

fn is_whole_upsert(op: &SessionOp) -> bool {
    match op {
        SessionOp::Write(write) => write.creates && matches!(write.change, Change::Whole(_)),
        SessionOp::Get | SessionOp::Touch { .. } | SessionOp::Destroy { .. } => false,
    }
}

/// Changes an operation that does not fit what is stored to one that does; false if there is none.
fn may_fit_otherwise(op: &mut SessionOp) -> bool {
    match op {
        SessionOp::Write(write) => match write.change {
            Change::Patch(_) => {
                store_whole(op);
                true
            }
            Change::Whole(_) => false,
        },
        SessionOp::Touch { cookie, .. } => {
            let (others, had_cookie) = without_cookie(cookie);
            *cookie = others;
            had_cookie
        }
        SessionOp::Get | SessionOp::Destroy { .. } => false,
    }
}

/// What a touch sets beside the cookie, and whether it sets one.
fn without_cookie(fields: &RawDocument) -> (RawDocumentBuf, bool) {
    let (mut others, mut had_cookie) = (RawDocumentBuf::new(), false);
    for (key, value) in fields.iter().flatten() {
        if key.as_str() == COOKIE_PATH {
            had_cookie = true;
        } else {
            others.append(key, value);
        }
    }
    (others, had_cookie)
}

/// Stores the session that a patch was made of.
fn store_whole(op: &mut SessionOp) {
    if let SessionOp::Write(write) = op
        && let Change::Patch(Patch { whole, .. }) = &mut write.change
    {
        write.change = Change::Whole(std::mem::take(whole));
    }
}

/// Answers those whose write created the session: one byte for the last, whose session is stored; the
/// others were covered by it.
fn answer_created(mut replies: Vec<Reply>) {
    let last = replies.pop();
    answer(replies, Ok(Vec::new()));
    if let Some(last) = last {
        last.complete(Ok(vec![CREATED]));
    }
}
