//! How much goes out at once.
//!
//! MongoDB's protocol answers one command at a time on a connection, so concurrency costs
//! connections and server time, and batches are cheaper. A near server is served best by two
//! commands at a time with whatever waits in each; a distant one needs more under way.

use std::time::Duration;

use crate::queue::{Kind, Share};

/// One more command under way for each of these that the fastest command takes.
const LATENCY_PER_SLOT: Duration = Duration::from_micros(150);
const MIN_SLOTS: u32 = 2;
const MAX_SLOTS: u32 = 16;
/// Waiting jobs that go into one command even if another slot is free.
const MIN_LOOKUPS: usize = 16;
const MIN_WRITES: usize = 8;
/// More would make every caller of a command wait for its largest sessions.
const MAX_LOOKUP_BYTES: usize = 128 * 1024;
/// Writes cost the server so much more that what they are sent with pays until here.
const MAX_WRITE_BYTES: usize = 512 * 1024;
/// The server's own limit is 100,000.
const MAX_JOBS: usize = 1_000;
/// The share of the past that a new observation replaces.
const DECAY: u32 = 64;

/// What was learnt of the server and the sessions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    fastest: Option<Duration>,
    document_bytes: usize,
}

impl Pace {
    /// A command took this long.
    pub fn observe(&mut self, took: Duration) {
        self.fastest = Some(match self.fastest {
            // Rises slowly, so that one slow command changes nothing, and falls at once.
            Some(fastest) if took > fastest => fastest + (took - fastest) / DECAY,
            _ => took,
        });
    }

    /// A lookup found a document of this size.
    pub fn observe_document(&mut self, bytes: usize) {
        self.document_bytes = (self.document_bytes * 7 + bytes) / 8;
    }

    /// How many commands may be under way.
    pub fn slots(&self) -> usize {
        let fastest = self.fastest.unwrap_or_default().as_nanos() / LATENCY_PER_SLOT.as_nanos();
        u32::try_from(fastest).unwrap_or(MAX_SLOTS).clamp(MIN_SLOTS, MAX_SLOTS) as usize
    }

    /// What the next command of `kind` takes while `ready` jobs wait and `free` slots are free.
    pub fn share(&self, kind: Kind, ready: usize, free: usize) -> Share {
        let least = if kind == Kind::Lookup { MIN_LOOKUPS } else { MIN_WRITES };
        let fair = ready.div_ceil(free.max(1));
        let mut jobs = fair.max(least).min(MAX_JOBS);
        if kind == Kind::Lookup && self.document_bytes > 0 {
            jobs = jobs.min((MAX_LOOKUP_BYTES / self.document_bytes).max(1));
        }
        Share { jobs, bytes: MAX_WRITE_BYTES }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(micros: u64) -> Pace {
        let mut pace = Pace::default();
        pace.observe(Duration::from_micros(micros));
        pace
    }

    #[test]
    fn a_distant_server_gets_more_commands_at_once() {
        assert_eq!(after(100).slots(), 2);
        assert_eq!(after(1_200).slots(), 8);
        assert_eq!(after(90_000).slots(), 16);
    }

    #[test]
    fn one_slow_command_changes_little_and_many_change_it() {
        let mut pace = after(150);
        pace.observe(Duration::from_millis(5));
        assert_eq!(pace.slots(), 2);
        (0..300).for_each(|_| pace.observe(Duration::from_millis(5)));
        assert_eq!(pace.slots(), 16);
    }

    #[test]
    fn waiting_jobs_are_shared_fairly_among_free_slots() {
        assert_eq!(after(1).share(Kind::Lookup, 64, 2).jobs, 32);
        assert_eq!(after(1).share(Kind::Lookup, 4, 2).jobs, 16);
        assert_eq!(after(1).share(Kind::Update, 4, 2).jobs, 8);
        assert_eq!(after(1).share(Kind::Update, 1_000_000, 1).jobs, MAX_JOBS);
    }

    #[test]
    fn lookups_of_large_sessions_stay_small() {
        let mut pace = after(1);
        (0..50).for_each(|_| pace.observe_document(64 * 1024));
        assert!(pace.share(Kind::Lookup, 64, 1).jobs <= 3);
        (0..50).for_each(|_| pace.observe_document(64 * 1024 * 1024));
        assert_eq!(pace.share(Kind::Lookup, 64, 1).jobs, 1);
    }
}
