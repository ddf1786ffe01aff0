//! Which changes of a collection are this process's own.
//!
//! **Problem.** A change stream shows everybody's writes and does not say whose they are: the session and the
//! transaction number of a write that is no transaction are not in its event. A change may arrive before the command
//! that made it is answered.
//!
//! **Rule.** Each write of one session takes note of itself before it is sent: its id, whether it saves or deletes, and
//! the expiry that it stores. Its answer adds the time of the cluster, and no write that was answered is later than
//! that. A change is this process's own if there is such a note for its session that it fits: of its kind, with its
//! expiry (where both have one), and not later. A note is for one change, and is thrown away with it, or when the
//! stream has come to later changes.
//!
//! **Why this is enough.** A note can only be taken for another process's change of the same kind of the same session
//! at about the same time, with the same expiry to the millisecond. Then one of two equal events is left out, as it
//! would be with the other one. Two that delete the same session make one change, of which listeners hear once: by
//! `destroy` of this process.
//!
//! **A write that fails** has no effect, as far as its caller knows. If a change was taken for its effect before
//! that, listeners hear of the change then, after all.
//!
//! What is written by a filter (`clear`, `destroyWhere`) names no session and leaves no note: listeners hear of it as of others'.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mongodb::bson::Timestamp;

use super::change::{Change, What};
use crate::session_op::SessionOp;
use crate::store_config::StoreConfig;

/// Notes beyond this many are forgotten, the oldest first: so far behind is a stream that nobody can use.
const MAX_NOTES: usize = 100_000;
/// How long a write is looked for in the stream whose answer has no time, or that another driver sends.
const WITHOUT_TIME: Duration = Duration::from_secs(10);

/// What a write does to its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Stores it, or renews it, with this expiry (ms since 1970); absent where the server chooses it.
    Saves(Option<i64>),
    /// Deletes it.
    Deletes,
}

impl Effect {
    /// That of an operation; none of one that only reads.
    pub fn of(op: &SessionOp, config: &StoreConfig) -> Option<Self> {
        match op {
            SessionOp::Get => None,
            SessionOp::Write(write) => Some(Self::saves(write.expires, config)),
            SessionOp::Touch { expires, .. } => Some(Self::saves(*expires, config)),
            SessionOp::Destroy { .. } => Some(Self::Deletes),
        }
    }

    /// Storing a session with this expiry, or with the end of its lifetime, which may be earlier.
    pub fn saves(expires: i64, config: &StoreConfig) -> Self {
        Self::Saves((!config.limited_lifetime).then_some(expires))
    }

    /// Whether it may have made a change.
    fn fits(self, change: &Change) -> bool {
        match (self, change.what) {
            (Self::Saves(expires), What::Created | What::Updated | What::Touched) => {
                change.expires.zip(expires).is_none_or(|(written, expires)| written == expires)
            }
            (Self::Deletes, What::Destroyed | What::Expired) => true,
            (Self::Saves(_), What::Destroyed | What::Expired)
            | (Self::Deletes, What::Created | What::Updated | What::Touched) => false,
        }
    }
}

/// How long a note is good.
#[derive(Clone, Copy, Debug)]
enum Until {
    /// Its command is under way.
    Answered,
    /// The stream has come to later changes.
    Time(Timestamp),
    /// So late by this process's clock.
    Clock(Instant),
}

impl Until {
    fn is_over(self, time: Option<Timestamp>) -> bool {
        match self {
            Self::Answered => false,
            Self::Time(last) => time.is_some_and(|time| time > last),
            Self::Clock(last) => Instant::now() > last,
        }
    }
}

#[derive(Debug)]
struct Note {
    serial: u64,
    effect: Effect,
    until: Until,
    /// The change that was taken for its effect while its command was under way.
    taken: Option<Change>,
}

/// Notes of this process's writes to one collection.
#[derive(Debug, Default)]
pub struct OwnWrites {
    notes: HashMap<Arc<str>, Vec<Note>>,
    /// Those that only time ends, by the order in which they were answered.
    answered: VecDeque<(Arc<str>, u64)>,
    last: u64,
}

/// Names a note.
#[derive(Clone, Debug)]
pub struct Mark {
    id: Arc<str>,
    serial: u64,
}

impl OwnWrites {
    /// A write is about to be sent.
    pub fn begin(&mut self, id: &Arc<str>, effect: Effect) -> Mark {
        self.note(id, effect, Until::Answered)
    }

    /// A write is about to be sent by somebody who will not say how it ended.
    pub fn expect(&mut self, id: &Arc<str>, effect: Effect) {
        let mark = self.note(id, effect, Until::Clock(Instant::now() + WITHOUT_TIME));
        self.ends_by_itself(&mark);
    }

    fn note(&mut self, id: &Arc<str>, effect: Effect, until: Until) -> Mark {
        self.last += 1;
        let note = Note { serial: self.last, effect, until, taken: None };
        self.notes.entry(Arc::clone(id)).or_default().push(note);
        Mark { id: Arc::clone(id), serial: self.last }
    }

    /// The server has done it, no later than this time of the cluster.
    pub fn done(&mut self, mark: &Mark, time: Option<Timestamp>) {
        let until = time.map_or_else(|| Until::Clock(Instant::now() + WITHOUT_TIME), Until::Time);
        let Some(note) = self.find(mark) else { return };
        note.until = until;
        if note.taken.is_some() {
            drop(self.remove(&mark.id, mark.serial));
        } else {
            self.ends_by_itself(mark);
        }
    }

    /// It failed, or nobody knows: the change that was taken for its effect, if there was one.
    pub fn failed(&mut self, mark: &Mark) -> Option<Change> {
        self.remove(&mark.id, mark.serial).and_then(|note| note.taken)
    }

    /// Whether a change at this time of the cluster is this process's own; it is not for a second one then.
    pub fn is_own(&mut self, change: &Change, time: Option<Timestamp>) -> bool {
        self.forget(time);
        let fits =
            |note: &Note| note.taken.is_none() && !note.until.is_over(time) && note.effect.fits(change);
        let found = match &change.id {
            Some(id) => self.notes.get_key_value(id.as_str()).and_then(|(id, notes)| {
                let note = notes.iter().find(|note| fits(note))?;
                Some((Arc::clone(id), note.serial))
            }),
            // Which session it was is not known: any write will do that fits.
            None => self.notes.iter().find_map(|(id, notes)| {
                let note = notes.iter().find(|note| fits(note))?;
                Some((Arc::clone(id), note.serial))
            }),
        };
        let Some((id, serial)) = found else { return false };
        let mark = Mark { id, serial };
        match self.find(&mark) {
            Some(note) if matches!(note.until, Until::Answered) => note.taken = Some(change.clone()),
            _ => drop(self.remove(&mark.id, mark.serial)),
        }
        true
    }

    fn find(&mut self, mark: &Mark) -> Option<&mut Note> {
        self.notes.get_mut(&mark.id)?.iter_mut().find(|note| note.serial == mark.serial)
    }

    fn remove(&mut self, id: &Arc<str>, serial: u64) -> Option<Note> {
        let notes = self.notes.get_mut(id)?;
        let index = notes.iter().position(|note| note.serial == serial)?;
        let note = notes.remove(index);
        if notes.is_empty() {
            self.notes.remove(id);
        }
        Some(note)
    }

    fn ends_by_itself(&mut self, mark: &Mark) {
        self.answered.push_back((Arc::clone(&mark.id), mark.serial));
        if self.answered.len() > MAX_NOTES
            && let Some((id, serial)) = self.answered.pop_front()
        {
            drop(self.remove(&id, serial));
        }
    }

    /// Throws away what is over; what has been taken is gone already.
    fn forget(&mut self, time: Option<Timestamp>) {
        while let Some((id, serial)) = self.answered.front().cloned() {
            let over =
                self.find(&Mark { id: Arc::clone(&id), serial }).is_none_or(|note| note.until.is_over(time));
            if !over {
                return;
            }
            self.answered.pop_front();
            drop(self.remove(&id, serial));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(time: u32) -> Option<Timestamp> {
        Some(Timestamp { time, increment: 1 })
    }

    fn change(what: What, id: Option<&str>, expires: Option<i64>) -> Change {
        Change { what, id: id.map(str::to_owned), key: None, expires }
    }

    fn id(text: &str) -> Arc<str> {
        Arc::from(text)
    }

    #[test]
    fn a_note_is_for_one_change_before_and_after_the_answer() {
        let mut own = OwnWrites::default();
        let deleted = change(What::Destroyed, Some("a"), None);
        let mark = own.begin(&id("a"), Effect::Deletes);
        assert!(own.is_own(&deleted, time(1)), "told before the answer");
        assert!(!own.is_own(&deleted, time(1)), "once");
        own.done(&mark, time(2));
        assert!(!own.is_own(&deleted, time(2)));
        let mark = own.begin(&id("a"), Effect::Deletes);
        own.done(&mark, time(4));
        assert!(own.is_own(&deleted, time(3)), "told after the answer");
        assert!(own.notes.is_empty());
    }

    #[test]
    fn what_does_not_fit_is_others() {
        let mut own = OwnWrites::default();
        let mark = own.begin(&id("a"), Effect::Saves(Some(1000)));
        own.done(&mark, time(5));
        assert!(!own.is_own(&change(What::Destroyed, Some("a"), None), time(5)), "another kind");
        assert!(!own.is_own(&change(What::Updated, Some("b"), Some(1000)), time(5)), "another session");
        assert!(!own.is_own(&change(What::Updated, Some("a"), Some(1001)), time(5)), "another expiry");
        assert!(own.is_own(&change(What::Touched, Some("a"), Some(1000)), time(5)));
        let mark = own.begin(&id("a"), Effect::Saves(Some(1000)));
        own.done(&mark, time(5));
        assert!(!own.is_own(&change(What::Updated, Some("a"), Some(1000)), time(6)), "later than the answer");
        assert!(own.notes.is_empty() && own.answered.is_empty());
    }

    #[test]
    fn a_change_that_was_taken_for_a_write_that_failed_is_told() {
        let mut own = OwnWrites::default();
        let deleted = change(What::Destroyed, Some("a"), None);
        let mark = own.begin(&id("a"), Effect::Deletes);
        assert!(own.is_own(&deleted, time(1)));
        assert_eq!(own.failed(&mark), Some(deleted));
        let mark = own.begin(&id("a"), Effect::Deletes);
        assert_eq!(own.failed(&mark), None);
        assert!(own.notes.is_empty());
    }

    #[test]
    fn a_change_of_a_session_that_is_not_known_may_be_of_any_write_that_fits() {
        let mut own = OwnWrites::default();
        let mark = own.begin(&id("a"), Effect::Deletes);
        own.done(&mark, time(2));
        assert!(own.is_own(&change(What::Expired, None, None), time(1)));
        assert!(!own.is_own(&change(What::Expired, None, None), time(1)));
    }

    #[test]
    fn no_more_notes_are_kept_than_there_is_room_for() {
        let mut own = OwnWrites::default();
        for number in 0..MAX_NOTES + 10 {
            let mark = own.begin(&id(&number.to_string()), Effect::Deletes);
            own.done(&mark, time(1));
        }
        assert_eq!((own.notes.len(), own.answered.len()), (MAX_NOTES, MAX_NOTES));
        assert!(!own.is_own(&change(What::Destroyed, Some("9"), None), time(1)));
        assert!(own.is_own(&change(What::Destroyed, Some("10"), None), time(1)));
    }
}
