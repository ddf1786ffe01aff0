//! What goes out together, and in which order.
//!
//! Every session id has a lane: its jobs leave one at a time, in the order they were called, so
//! that any interleaving ends as the same calls made one by one would. Jobs of different lanes go
//! together in one command where they are of one kind. Waiting jobs of one lane that say the same
//! thing become one.
//!
//! A plain state machine: it reads no clock, takes no lock and knows no network.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use mongodb::bson::RawDocumentBuf;

/// What to do with one session.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Fetch the stored document.
    Get,
    /// Store `session` (its elements are spliced into the document), expiring at `expires`.
    Set {
        /// Milliseconds since 1970.
        expires: i64,
        /// The elements to set.
        session: RawDocumentBuf,
    },
    /// Store `session` where there is one, as `Set` does; creates none.
    Replace {
        /// Milliseconds since 1970.
        expires: i64,
        /// The elements to set.
        session: RawDocumentBuf,
    },
    /// Change some keys of a session.
    Patch(Box<Patch>),
    /// Move the expiry of a session that is there, and set `cookie` (elements, maybe none).
    Touch {
        /// Milliseconds since 1970.
        expires: i64,
        /// The elements to set.
        cookie: RawDocumentBuf,
    },
    /// Delete the session; with an expiry only while it still has that one.
    Destroy {
        /// Milliseconds since 1970.
        expires: Option<i64>,
    },
}

/// Changes to a session.
#[derive(Clone, Debug, PartialEq)]
pub struct Patch {
    /// Milliseconds since 1970.
    pub expires: i64,
    /// The elements to set, by their paths in the stored document.
    pub set: RawDocumentBuf,
    /// The paths of what to remove, as keys.
    pub unset: RawDocumentBuf,
    /// The elements to set in place of those where they cannot be applied.
    pub whole: RawDocumentBuf,
    /// Whether a session that is gone is created, whole.
    pub creates: bool,
}

/// Which command an action travels in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `find`.
    Lookup,
    /// `update`.
    Update,
    /// `delete`.
    Delete,
}

const KINDS: [Kind; 3] = [Kind::Lookup, Kind::Update, Kind::Delete];

impl Action {
    /// Which command this travels in.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Get => Kind::Lookup,
            Self::Set { .. } | Self::Replace { .. } | Self::Patch(_) | Self::Touch { .. } => Kind::Update,
            Self::Destroy { .. } => Kind::Delete,
        }
    }

    /// The bytes it adds to its command, about.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Get | Self::Destroy { .. } => 0,
            Self::Set { session: elements, .. }
            | Self::Replace { session: elements, .. }
            | Self::Touch { cookie: elements, .. } => elements.as_bytes().len(),
            Self::Patch(patch) => patch.set.as_bytes().len() + patch.unset.as_bytes().len(),
        }
    }

    /// The bytes it holds while it waits.
    pub fn held_bytes(&self) -> usize {
        match self {
            Self::Patch(patch) => self.bytes() + patch.whole.as_bytes().len(),
            _ => self.bytes(),
        }
    }

    /// Whether it may leave a session where there was none.
    fn creates(&self) -> bool {
        match self {
            Self::Set { .. } => true,
            Self::Patch(patch) => patch.creates,
            _ => false,
        }
    }

    /// Whether doing `later` alone leaves what doing both would.
    fn is_covered_by(&self, later: &Self) -> bool {
        match (self, later) {
            (Self::Get, Self::Get) => true,
            (before, Self::Set { .. }) => before.kind() == Kind::Update,
            // What creates no session would not repeat that another one did.
            (before, Self::Replace { .. }) => before.kind() == Kind::Update && !before.creates(),
            // A touch without a cookie would not repeat what one with a cookie set.
            (Self::Touch { cookie: before, .. }, Self::Touch { cookie, .. }) => {
                before.is_empty() || !cookie.is_empty()
            }
            (Self::Destroy { expires: before }, Self::Destroy { expires }) => {
                before == expires || expires.is_none()
            }
            _ => false,
        }
    }
}

/// One action and everyone who waits for it.
#[derive(Debug)]
pub struct Job<T> {
    /// The session.
    pub sid: Arc<str>,
    /// What to do.
    pub action: Action,
    /// Who waits.
    pub tickets: Vec<T>,
    /// Since when the first of them does.
    pub since: Instant,
}

#[derive(Debug)]
struct Lane<T> {
    sid: Arc<str>,
    flying: bool,
    waiting: VecDeque<Job<T>>,
}

/// How much may go out at once.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    /// Jobs in one command, at least 1.
    pub jobs: usize,
    /// Payload bytes in one command; the first job always fits.
    pub bytes: usize,
}

/// The jobs of one store.
#[derive(Debug)]
pub struct Queue<T> {
    lanes: HashMap<Arc<str>, Lane<T>>,
    /// Lanes whose first job may go, by kind, with the order in which they became ready.
    ready: [VecDeque<(u64, Arc<str>)>; 3],
    clock: u64,
    waiting: usize,
    waiting_bytes: usize,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self { lanes: HashMap::new(), ready: Default::default(), clock: 0, waiting: 0, waiting_bytes: 0 }
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

    /// Adds a call, made at `now`.
    pub fn push(&mut self, sid: &str, action: Action, ticket: T, now: Instant) {
        self.waiting += 1;
        self.waiting_bytes += action.held_bytes();
        let Some(lane) = self.lanes.get_mut(sid) else {
            let sid: Arc<str> = sid.into();
            let kind = action.kind();
            let job = Job { sid: Arc::clone(&sid), action, tickets: vec![ticket], since: now };
            let lane = Lane { sid: Arc::clone(&sid), flying: false, waiting: VecDeque::from([job]) };
            self.lanes.insert(Arc::clone(&sid), lane);
            self.make_ready(kind, sid);
            return;
        };
        if let Some(last) = lane.waiting.back_mut()
            && last.action.kind() == action.kind()
            && last.action.is_covered_by(&action)
        {
            self.waiting_bytes -= last.action.held_bytes();
            last.action = action;
            last.tickets.push(ticket);
            return;
        }
        let sid = Arc::clone(&lane.sid);
        lane.waiting.push_back(Job { sid, action, tickets: vec![ticket], since: now });
    }

    fn make_ready(&mut self, kind: Kind, sid: Arc<str>) {
        self.clock += 1;
        self.ready[kind as usize].push_back((self.clock, sid));
    }

    /// The kind of the job that has been ready longest.
    pub fn next_kind(&self) -> Option<Kind> {
        KINDS
            .into_iter()
            .filter_map(|kind| self.ready[kind as usize].front().map(|(since, _)| (*since, kind)))
            .min_by_key(|(since, _)| *since)
            .map(|(_, kind)| kind)
    }

    /// Takes the next command's jobs of `kind`, at most `share`. Their lanes stay taken until
    /// [`Queue::finish`].
    pub fn take(&mut self, kind: Kind, share: Share) -> Vec<Job<T>> {
        let mut jobs: Vec<Job<T>> = Vec::new();
        let mut bytes = 0;
        while jobs.len() < share.jobs.max(1) {
            let Some((_, sid)) = self.ready[kind as usize].front() else { break };
            let Some(lane) = self.lanes.get_mut(sid) else { break };
            let size = lane.waiting.front().map_or(0, |job| job.action.bytes());
            if !jobs.is_empty() && bytes + size > share.bytes {
                break;
            }
            bytes += size;
            lane.flying = true;
            jobs.extend(lane.waiting.pop_front());
            self.ready[kind as usize].pop_front();
        }
        self.waiting -= jobs.iter().map(|job| job.tickets.len()).sum::<usize>();
        self.waiting_bytes -= jobs.iter().map(|job| job.action.held_bytes()).sum::<usize>();
        jobs
    }

    /// Takes out every job that has been waiting since `since` or longer.
    pub fn expire(&mut self, since: Instant) -> Vec<Job<T>> {
        let mut expired = Vec::new();
        for lane in self.lanes.values_mut() {
            // In a lane the first has waited longest.
            while lane.waiting.front().is_some_and(|job| job.since <= since) {
                expired.extend(lane.waiting.pop_front());
            }
        }
        if expired.is_empty() {
            return expired;
        }
        self.waiting -= expired.iter().map(|job| job.tickets.len()).sum::<usize>();
        self.waiting_bytes -= expired.iter().map(|job| job.action.held_bytes()).sum::<usize>();
        self.lanes.retain(|_, lane| lane.flying || !lane.waiting.is_empty());
        self.ready.iter_mut().for_each(VecDeque::clear);
        let mut fronts: Vec<_> = self
            .lanes
            .values()
            .filter(|lane| !lane.flying)
            .filter_map(|lane| lane.waiting.front())
            .map(|job| (job.since, job.action.kind(), Arc::clone(&job.sid)))
            .collect();
        fronts.sort_by_key(|(since, ..)| *since);
        for (_, kind, sid) in fronts {
            self.make_ready(kind, sid);
        }
        expired
    }

    /// The command that carried this session's job is over: its lane moves on.
    pub fn finish(&mut self, sid: &Arc<str>) {
        let Some(lane) = self.lanes.get_mut(sid) else { return };
        lane.flying = false;
        match lane.waiting.front().map(|job| job.action.kind()) {
            Some(kind) => self.make_ready(kind, Arc::clone(sid)),
            None => {
                self.lanes.remove(sid);
            }
        }
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
