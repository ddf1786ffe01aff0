//! What goes out together, and in which order.
//!
//! **Problem.** Operations of many sessions are to share commands, and yet every session must end up as if its own
//! operations had been made one by one, in the order they were called.
//!
//! **Rule.** Every session id has a lane. A lane sends one job at a time: the next one becomes ready when the command
//! with the one before is over. Jobs of different lanes go together in one command where they are of one kind. The
//! last waiting job of a lane takes in the next call if doing the later one leaves what doing both would
//! ([`SessionOp::is_covered_by`]).
//!
//! **Invariant.** A lane is in `ready`, once, exactly if it has a waiting job and none under way.
//!
//! **Why this is safe.** Jobs of one lane are never in the same command nor in two at a time, so neither the server's
//! freedom to reorder an unordered command nor a race of two connections can swap them. Taking in a call changes the
//! outcome of no other: only the last job of a lane does, with nothing between the two.
//!
//! Steps:
//! 1. [`Queue::push`] adds a call to its lane, and makes the lane ready if nothing is under way in it.
//! 2. [`Queue::take`] takes the first jobs of the lanes that have been ready longest, of one kind.
//! 3. [`Queue::finish`] gives the lane back; it becomes ready again if it has another job.
//! 4. Writes of a lane under suspicion (its session was in a command that got stuck: another client holds a lock on the
//!    document, say) go alone from then on, so that nobody gets stuck with it again.
//! 5. [`Queue::expire`] takes out the callers whose time is over.
//!
//! A plain state machine: it reads no clock, takes no lock and knows no network.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::pacing::BatchLimit;
use crate::session_op::{Kind, SessionOp};

/// Sessions that are kept under suspicion; beyond that all are trusted again.
const MAX_SUSPECTS: usize = 10_000;
/// Writes that a session under suspicion makes alone and on time until it is trusted again: what was locked once may be
/// locked again soon.
const PROBATION: u32 = 10_000;

/// Somebody who waits for an operation to end.
pub trait Caller {
    /// When the operation was called.
    fn called(&self) -> Instant;
    /// The process stood still for so long: that does not count as waiting.
    fn forgive(&mut self, still: Duration);
}

/// One operation and everyone who waits for it.
#[derive(Debug)]
pub struct Job<T> {
    /// The session.
    pub sid: Arc<str>,
    /// What to do.
    pub op: SessionOp,
    /// Who waits, in the order they called.
    pub replies: Vec<T>,
}

#[derive(Debug)]
struct Lane<T> {
    under_way: bool,
    waiting: Waiting<T>,
}

/// The waiting jobs of a lane. Mostly there is one, which needs no memory of its own; there are `more` only behind a
/// `first`.
#[derive(Debug)]
struct Waiting<T> {
    first: Option<Job<T>>,
    more: VecDeque<Job<T>>,
}

impl<T> Waiting<T> {
    fn new(job: Job<T>) -> Self {
        Self { first: Some(job), more: VecDeque::new() }
    }

    fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    fn first(&self) -> Option<&Job<T>> {
        self.first.as_ref()
    }

    fn last_mut(&mut self) -> Option<&mut Job<T>> {
        self.more.back_mut().or(self.first.as_mut())
    }

    fn push(&mut self, job: Job<T>) {
        match self.first {
            Some(_) => self.more.push_back(job),
            None => self.first = Some(job),
        }
    }

    fn pop(&mut self) -> Option<Job<T>> {
        std::mem::replace(&mut self.first, self.more.pop_front())
    }

    fn iter_mut(&mut self) -> impl Iterator<Item = &mut Job<T>> {
        self.first.iter_mut().chain(&mut self.more)
    }

    fn retain(&mut self, mut keeps: impl FnMut(&mut Job<T>) -> bool) {
        self.first.take_if(|job| !keeps(job));
        self.more.retain_mut(keeps);
        if self.first.is_none() {
            self.first = self.more.pop_front();
        }
    }
}

/// The jobs of one store.
#[derive(Debug)]
pub struct Queue<T> {
    lanes: HashMap<Arc<str>, Lane<T>>,
    /// Lanes whose first job may go, by kind, with the order in which they became ready.
    ready: [VecDeque<(u64, Arc<str>)>; 3],
    /// With the writes that each has to make until it is trusted.
    suspects: HashMap<Arc<str>, u32>,
    clock: u64,
    waiting: usize,
    waiting_bytes: usize,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self {
            lanes: HashMap::new(),
            ready: Default::default(),
            suspects: HashMap::new(),
            clock: 0,
            waiting: 0,
            waiting_bytes: 0,
        }
    }
}

impl<T> Queue<T> {
    /// Callers whose job has not gone out yet.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// Payload bytes of jobs that have not gone out yet.
    pub fn waiting_bytes(&self) -> usize {
        self.waiting_bytes
    }

    /// Jobs that could go out now in a command of this kind.
    pub fn ready(&self, kind: Kind) -> usize {
        self.ready[kind as usize].len()
    }

    /// Adds a call.
    pub fn push(&mut self, sid: &str, op: SessionOp, reply: T) {
        self.waiting += 1;
        self.waiting_bytes += op.held_bytes();
        let mut lane = match self.lanes.entry(sid.into()) {
            Entry::Occupied(lane) => lane,
            Entry::Vacant(lane) => {
                let (sid, kind) = (Arc::clone(lane.key()), op.kind());
                let job = Job { sid: Arc::clone(&sid), op, replies: vec![reply] };
                lane.insert(Lane { under_way: false, waiting: Waiting::new(job) });
                self.make_ready(kind, sid);
                return;
            }
        };
        if let Some(last) = lane.get_mut().waiting.last_mut()
            && last.op.is_covered_by(&op)
        {
            self.waiting_bytes -= last.op.held_bytes();
            last.op = op;
            last.replies.push(reply);
            return;
        }
        let sid = Arc::clone(lane.key());
        lane.get_mut().waiting.push(Job { sid, op, replies: vec![reply] });
    }

    /// Holds the invariant: only for a lane with a waiting job and none under way.
    fn make_ready(&mut self, kind: Kind, sid: Arc<str>) {
        self.clock += 1;
        self.ready[kind as usize].push_back((self.clock, sid));
    }

    /// The kind of the job that has been ready longest, among the kinds that `may_go`.
    pub fn next_kind(&self, may_go: impl Fn(Kind) -> bool) -> Option<Kind> {
        Kind::ALL
            .into_iter()
            .filter(|&kind| may_go(kind))
            .filter_map(|kind| self.ready[kind as usize].front().map(|(since, _)| (*since, kind)))
            .min_by_key(|(since, _)| *since)
            .map(|(_, kind)| kind)
    }

    /// Takes the next command's jobs of `kind`, at most `limit`. Their lanes stay taken until
    /// [`Queue::finish`].
    pub fn take(&mut self, kind: Kind, limit: BatchLimit) -> Vec<Job<T>> {
        let mut jobs: Vec<Job<T>> = Vec::new();
        let mut bytes = 0;
        while jobs.len() < limit.jobs.max(1) {
            let Some((_, sid)) = self.ready[kind as usize].front() else { break };
            let alone = !kind.reads() && self.suspects.contains_key(sid);
            if alone && !jobs.is_empty() {
                break;
            }
            let Some(lane) = self.lanes.get_mut(sid) else { break };
            let size = lane.waiting.first().map_or(0, |job| job.op.bytes());
            if !jobs.is_empty() && bytes + size > limit.bytes {
                break;
            }
            bytes += size;
            lane.under_way = true;
            jobs.extend(lane.waiting.pop());
            self.ready[kind as usize].pop_front();
            if alone {
                break;
            }
        }
        self.waiting -= jobs.iter().map(|job| job.replies.len()).sum::<usize>();
        self.waiting_bytes -= jobs.iter().map(|job| job.op.held_bytes()).sum::<usize>();
        jobs
    }

    /// Takes out every waiting caller whose time `is_over`; a job that nobody waits for any more is not sent.
    pub fn expire(&mut self, is_over: impl Fn(&T) -> bool) -> Vec<T> {
        let mut expired = Vec::new();
        let mut lanes_changed = false;
        for lane in self.lanes.values_mut() {
            lane.waiting.retain(|job| {
                let before = expired.len();
                expired.extend(job.replies.extract_if(.., |reply| is_over(reply)));
                let over = job.replies.is_empty();
                if over {
                    self.waiting_bytes -= job.op.held_bytes();
                    lanes_changed = true;
                }
                self.waiting -= expired.len() - before;
                !over
            });
        }
        if lanes_changed {
            self.lanes.retain(|_, lane| lane.under_way || !lane.waiting.is_empty());
            self.restore_ready();
        }
        expired
    }

    /// Restores the invariant after jobs were taken out: what was ready and still may go keeps its turn.
    fn restore_ready(&mut self) {
        let mut turns: Vec<(u64, Arc<str>)> =
            self.ready.iter_mut().flat_map(|ready| ready.drain(..)).collect();
        turns.sort_unstable_by_key(|(turn, _)| *turn);
        for (turn, sid) in turns {
            let first = self.lanes.get(&sid).and_then(|lane| lane.waiting.first());
            if let Some(kind) = first.map(|job| job.op.kind()) {
                self.ready[kind as usize].push_back((turn, sid));
            }
        }
    }

    /// The command that carried this session's job is over: its lane moves on.
    pub fn finish(&mut self, sid: &Arc<str>) {
        let Entry::Occupied(mut lane) = self.lanes.entry(Arc::clone(sid)) else { return };
        lane.get_mut().under_way = false;
        match lane.get().waiting.first().map(|job| job.op.kind()) {
            Some(kind) => self.make_ready(kind, Arc::clone(sid)),
            None => drop(lane.remove()),
        }
    }

    /// The session was in a command that got stuck: it goes alone until it is trusted again.
    pub fn suspect(&mut self, sid: &Arc<str>) {
        if self.suspects.len() >= MAX_SUSPECTS {
            self.suspects.clear();
        }
        self.suspects.insert(Arc::clone(sid), PROBATION);
    }

    /// A write of the session went alone and was on time.
    pub fn trust(&mut self, sid: &str) {
        let Some(left) = self.suspects.get_mut(sid) else { return };
        *left -= 1;
        if *left == 0 {
            self.suspects.remove(sid);
        }
    }
}

impl<T: Caller> Queue<T> {
    /// The process stood still for so long, which does not count as waiting.
    pub fn forgive(&mut self, still: Duration) {
        let jobs = self.lanes.values_mut().flat_map(|lane| lane.waiting.iter_mut());
        jobs.flat_map(|job| &mut job.replies).for_each(|reply| reply.forgive(still));
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
