//! How much goes out at once.
//!
//! **Problem.** MongoDB answers one command at a time on a connection, and a command costs both sides more than an
//! operation in it does. So few commands with many operations each are best while all is well. But everybody in a
//! command waits for it, and everybody behind it for its slot: when one command gets stuck (a lost packet, a locked
//! document, a server that is slow for some), that must concern nobody else.
//!
//! **Rule.** A command holds a slot only while it is on time. On time is learnt: a command is overdue after
//! `OVERDUE_TIMES` what commands of its kind and size usually take, and not before `OVERDUE_FLOOR`. What is overdue
//! holds no slot, so the next waiting operations go out on another connection, up to the pool's size in all. It is late
//! when there is no answer [`LATE_AFTER`] that either. The more of the latest commands were late, the fewer operations
//! share a command, down to one, and the more commands may be under way.
//!
//! **Invariant.** Commands that are on time never hold more than [`Pacing::slots`] slots, and all commands together
//! never more than the pool has connections.
//!
//! **Why this is safe.** With every command overdue each operation has a command and a connection of its own, which is
//! what a store without batching does in any weather. A wrong guess costs little: one more command under way, and
//! smaller ones for the next few dozen commands. The first kind of wrong guess is the cheap one, and made early; for the
//! second the engine waits until it was not only a busy machine, whose threads wait for some slices of 3 ms until they
//! have their turn.
//!
//! **How many slots.** More commands at a time pay while they overlap in the network, and stop paying where they wait for
//! each other. What overlaps is bounded by the product of delay and rate: in the time that the fastest command takes, no
//! more are worked off than one each `TIME_PER_SLOT`, at this end or the other. Below that bound, whether they wait is
//! judged as TCP Vegas does: `k` commands that each take `t`, where one alone takes `t0`, keep about `k (1 - t0 / t)` of
//! themselves waiting. Below `FEW_WAIT` times `log10 k` another slot is worth trying, above `MANY_WAIT` times that there
//! is one too many (the limits of Netflix's concurrency-limits). `t0` is the least that commands of the size took, and is
//! forgotten slowly. Sending a few commands alone now and then, to measure it anew, was tried: it costs a distant server's
//! callers a fifth of their throughput, and the bound does without. As in TCP there is a slow start: while none has waited
//! yet, and the server is `FAR` enough for it to pay, each answer adds a slot, whether or not operations wait for it, since
//! smaller commands are also answered sooner.
//!
//! Steps:
//! 1. [`Pacing::limit`] says how much the next command takes, and [`Pacing::patience`] when it will be overdue.
//! 2. [`Pacing::late`] notes that it is still not answered some time later; [`Pacing::observe`] what it took in the end.
//! 3. The share of late commands is the mean over about the last `MEMORY`. Up to `HARMLESS_SHARE` (single lost
//!    packets: whoever is in such a command waits as long as it would have alone) batches stay nearly as they are.

use std::time::Duration;

use crate::session_op::Kind;

/// A command is overdue after so many times what such commands usually take.
const OVERDUE_TIMES: u32 = 4;
/// No command is overdue before this.
const OVERDUE_FLOOR: Duration = Duration::from_millis(3);
/// An overdue command is late after so much more.
pub const LATE_AFTER: Duration = Duration::from_millis(5);
/// While nothing is known: connections have to be made first.
const FIRST_PATIENCE: Duration = Duration::from_millis(250);
/// One slow command counts as so many times the usual at most, so that it changes little, and many change it.
const OUTLIER_TIMES: u32 = 8;
/// Commands over which the share of late ones is a mean.
const MEMORY: f64 = 16.0;
/// The share of late commands, beyond a single one, at which batches are half of what they would be.
const HARMLESS_SHARE: f64 = 0.08;

const MIN_SLOTS: f64 = 2.0;
const MAX_SLOTS: f64 = 16.0;
/// One more command under way for each of these that the fastest command takes.
const TIME_PER_SLOT: Duration = Duration::from_micros(150);
/// The slots that the bound allows where the slow start is made.
const FAR: f64 = 4.0;
/// The share of the difference by which the fastest time rises with each command that took longer.
const FORGETTING_FASTEST: u32 = 64;
/// Commands that wait for each other, by the logarithm of their number: from here down there may be more commands, from
/// there up fewer.
const FEW_WAIT: f64 = 3.0;
const MANY_WAIT: f64 = 6.0;
/// The share of the difference by which the least time rises with each command that took longer: quickly with those
/// that were alone, slowly with those that may have waited for others.
const FORGETTING_ALONE: u32 = 8;
const FORGETTING: u32 = 8192;
/// The most while commands are late.
const MAX_SLOTS_LATE: f64 = 16.0;
/// Waiting jobs that go into one command even if another slot is free.
const MIN_LOOKUPS: usize = 16;
const MIN_WRITES: usize = 8;
/// More would make every caller of a command wait for its largest sessions.
const MAX_LOOKUP_BYTES: usize = 128 * 1024;
/// Writes cost the server so much more that what they are sent with pays until here.
const MAX_WRITE_BYTES: usize = 512 * 1024;
/// The server's own limit is 100,000.
const MAX_JOBS: usize = 1_000;
/// How much may go into one command.
#[derive(Clone, Copy, Debug)]
pub struct BatchLimit {
    /// Jobs, at least 1.
    pub jobs: usize,
    /// Payload bytes; the first job always fits.
    pub bytes: usize,
}

/// How large a command is: what decides how long such commands take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(usize);

impl Size {
    const CLASSES: usize = 16;

    /// The class of a command with so many jobs, which carry so many bytes.
    pub fn of(jobs: usize, bytes: usize) -> Self {
        let weight = jobs.max(1) + bytes / 1024;
        Self((weight.ilog2() as usize).min(Self::CLASSES - 1))
    }
}

/// What was learnt of the commands of one kind.
#[derive(Clone, Copy, Debug, Default)]
struct Learnt {
    usual: [Option<Duration>; Size::CLASSES],
    least: [Option<Duration>; Size::CLASSES],
    late: f64,
}

/// How one command went.
#[derive(Clone, Copy, Debug)]
pub struct Observation {
    /// Its kind.
    pub kind: Kind,
    /// How large it was.
    pub size: Size,
    /// From sending it to its answer.
    pub took: Duration,
    /// Commands that held a slot when it was sent, itself included.
    pub beside: usize,
    /// Whether operations were left waiting when it was sent: for want of a slot.
    pub crowded: bool,
}

/// What was learnt of the server and the sessions.
#[derive(Clone, Copy, Debug)]
pub struct Pacing {
    kinds: [Learnt; 3],
    /// As many as pay, as far as is learnt; [`Pacing::bound`] is the most.
    slots: f64,
    /// No command has waited for another yet.
    starting: bool,
    fastest: Option<Duration>,
    document_bytes: usize,
}

impl Default for Pacing {
    fn default() -> Self {
        Self { kinds: Default::default(), slots: MIN_SLOTS, starting: true, fastest: None, document_bytes: 0 }
    }
}

impl Pacing {
    /// A command was answered.
    pub fn observe(&mut self, observation: Observation) {
        let Observation { kind, size, took, beside, crowded } = observation;
        let Learnt { usual, least, .. } = &mut self.kinds[kind as usize];
        let known = nearest(usual, size);
        usual[size.0] = Some(match (usual[size.0], known) {
            (Some(usual), _) => (usual * 7 + took.min(usual * OUTLIER_TIMES)) / 8,
            // The first of its size may be the one that gets stuck.
            (None, Some(known)) => took.min(known * OVERDUE_TIMES),
            (None, None) => took.min(FIRST_PATIENCE),
        });
        let alone = beside as f64 <= MIN_SLOTS;
        let least = least[size.0].get_or_insert(took);
        let forgetting = if alone { FORGETTING_ALONE } else { FORGETTING };
        *least = if took > *least {
            *least + (took.min(*least * OUTLIER_TIMES) - *least) / forgetting
        } else {
            took
        };
        self.fastest = Some(match self.fastest {
            Some(fastest) if took > fastest => fastest + (took - fastest) / FORGETTING_FASTEST,
            _ => took,
        });
        let waiting = beside as f64 * (1.0 - least.as_secs_f64() / took.as_secs_f64().max(f64::MIN_POSITIVE));
        let scale = self.slots.log10();
        let all_taken = beside as f64 > self.slots - 1.0;
        self.starting &= waiting <= FEW_WAIT * scale;
        if self.starting && all_taken && self.bound() >= FAR {
            self.slots += 1.0;
        } else if waiting > MANY_WAIT * scale {
            self.slots -= 1.0 / self.slots;
        } else if crowded && waiting < FEW_WAIT * scale && all_taken {
            self.slots += 1.0 / self.slots;
        }
        self.slots = self.slots.clamp(MIN_SLOTS, self.bound());
    }

    /// A command was not late.
    pub fn on_time(&mut self, kind: Kind) {
        let late = &mut self.kinds[kind as usize].late;
        *late -= *late / MEMORY;
    }

    /// A command is late.
    pub fn late(&mut self, kind: Kind) {
        let late = &mut self.kinds[kind as usize].late;
        *late += (1.0 - *late) / MEMORY;
    }

    /// A lookup found a document of this size.
    pub fn observe_document(&mut self, bytes: usize) {
        self.document_bytes = (self.document_bytes * 7 + bytes) / 8;
    }

    /// How long a command may take before it is overdue.
    pub fn patience(&self, kind: Kind, size: Size) -> Duration {
        let known = nearest(&self.kinds[kind as usize].usual, size);
        known.map_or(FIRST_PATIENCE, |usual| (usual * OVERDUE_TIMES).max(OVERDUE_FLOOR))
    }

    /// By how much commands are smaller, and more numerous, than in good weather.
    fn caution(&self, kind: Kind) -> f64 {
        // A single one among the latest says nothing yet.
        let share = (self.kinds[kind as usize].late - 1.0 / MEMORY).max(0.0) / HARMLESS_SHARE;
        1.0 + share * share
    }

    /// How many commands may overlap at most.
    fn bound(&self) -> f64 {
        let overlapping = self.fastest.unwrap_or_default().as_secs_f64() / TIME_PER_SLOT.as_secs_f64();
        overlapping.clamp(MIN_SLOTS, MAX_SLOTS)
    }

    /// How many commands that are on time may be under way when one of `kind` is to go.
    pub fn slots(&self, kind: Kind) -> usize {
        (self.slots.min(self.bound()) * self.caution(kind)).min(MAX_SLOTS_LATE) as usize
    }

    /// What the next command of `kind` takes while `ready` jobs wait and `free` slots are free.
    pub fn limit(&self, kind: Kind, ready: usize, free: usize) -> BatchLimit {
        let least = if kind.reads() { MIN_LOOKUPS } else { MIN_WRITES };
        let fair = ready.div_ceil(free.max(1));
        let mut jobs = fair.max(least).min(MAX_JOBS);
        if kind.reads() && self.document_bytes > 0 {
            jobs = jobs.min((MAX_LOOKUP_BYTES / self.document_bytes).max(1));
        }
        let jobs = ((jobs as f64 / self.caution(kind)) as usize).max(1);
        BatchLimit { jobs, bytes: MAX_WRITE_BYTES }
    }
}

/// What commands of the nearest size that is known usually take.
fn nearest(usual: &[Option<Duration>; Size::CLASSES], size: Size) -> Option<Duration> {
    let known =
        usual.iter().enumerate().filter_map(|(class, usual)| Some((class.abs_diff(size.0), (*usual)?)));
    known.min_by_key(|(distance, _)| *distance).map(|(_, usual)| usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Size = Size(0);

    fn observe(pacing: &mut Pacing, kind: Kind, size: Size, took: Duration) {
        pacing.observe(Observation { kind, size, took, beside: 1, crowded: false });
    }

    fn after(micros: u64) -> Pacing {
        let mut pacing = Pacing::default();
        observe(&mut pacing, Kind::Lookup, ONE, Duration::from_micros(micros));
        pacing
    }

    /// Works for a while against a server that is `away` and needs `busy` of its own time for each command.
    fn working(pacing: &mut Pacing, away: Duration, busy: Duration) -> usize {
        for _ in 0..4000 {
            let beside = pacing.slots(Kind::Lookup);
            // Those before it in the server are worked off first, two at a time; the way overlaps.
            let took = (away + busy).max(busy * beside as u32 / 2);
            pacing.observe(Observation { kind: Kind::Lookup, size: ONE, took, beside, crowded: true });
        }
        pacing.slots(Kind::Lookup)
    }

    #[test]
    fn a_distant_server_gets_more_commands_at_once_and_a_near_one_few() {
        let (near, distant) = (Duration::from_micros(20), Duration::from_millis(5));
        let busy = Duration::from_micros(300);
        let mut pacing = Pacing::default();
        assert_eq!(working(&mut pacing, near, busy), 2);
        assert_eq!(working(&mut pacing, distant, busy), 16);
        // Between two bursts a command is alone.
        observe(&mut pacing, Kind::Lookup, ONE, near + busy);
        assert_eq!(working(&mut pacing, near, busy), 2);
    }

    #[test]
    fn a_distant_server_gets_more_commands_before_any_operation_waits_for_one() {
        let slots_after_ten = |took| {
            let mut pacing = Pacing::default();
            for _ in 0..10 {
                let beside = pacing.slots(Kind::Update);
                pacing.observe(Observation { kind: Kind::Update, size: ONE, took, beside, crowded: false });
            }
            pacing.slots(Kind::Update)
        };
        assert_eq!(slots_after_ten(Duration::from_millis(5)), 12);
        assert_eq!(slots_after_ten(Duration::from_micros(300)), 2, "a near one does not");
    }

    #[test]
    fn what_waits_for_others_ends_the_slow_start() {
        let mut pacing = Pacing::default();
        let (alone, many) = (Duration::from_millis(5), Duration::from_millis(20));
        for took in [alone, alone, many, alone, alone] {
            let beside = pacing.slots(Kind::Update);
            pacing.observe(Observation { kind: Kind::Update, size: ONE, took, beside, crowded: false });
        }
        assert_eq!(pacing.slots(Kind::Update), 4);
    }

    #[test]
    fn a_distant_server_in_which_commands_wait_for_each_other_gets_fewer() {
        let slots = working(&mut Pacing::default(), Duration::from_millis(3), Duration::from_millis(3));
        assert!((4..=10).contains(&slots), "{slots}");
    }

    #[test]
    fn one_slow_command_changes_little_and_many_change_it() {
        let mut pacing = after(150);
        let slow = Duration::from_millis(20);
        observe(&mut pacing, Kind::Lookup, ONE, slow);
        assert_eq!(pacing.slots(Kind::Lookup), 2);
        assert!(pacing.patience(Kind::Lookup, ONE) < slow);
        (0..300).for_each(|_| observe(&mut pacing, Kind::Lookup, ONE, slow));
        assert!(pacing.patience(Kind::Lookup, ONE) > slow);
    }

    #[test]
    fn waiting_jobs_are_shared_fairly_among_free_slots() {
        assert_eq!(after(1).limit(Kind::Lookup, 64, 2).jobs, 32);
        assert_eq!(after(1).limit(Kind::Lookup, 4, 2).jobs, 16);
        assert_eq!(after(1).limit(Kind::Update, 4, 2).jobs, 8);
        assert_eq!(after(1).limit(Kind::Update, 1_000_000, 1).jobs, MAX_JOBS);
    }

    #[test]
    fn lookups_of_large_sessions_stay_small() {
        let mut pacing = after(1);
        (0..50).for_each(|_| pacing.observe_document(64 * 1024));
        assert!(pacing.limit(Kind::Lookup, 64, 1).jobs <= 3);
        (0..50).for_each(|_| pacing.observe_document(64 * 1024 * 1024));
        assert_eq!(pacing.limit(Kind::Lookup, 64, 1).jobs, 1);
    }

    #[test]
    fn large_commands_may_take_longer_than_small_ones() {
        let mut pacing = Pacing::default();
        observe(&mut pacing, Kind::Update, Size::of(1, 300), Duration::from_millis(1));
        (0..50).for_each(|_| {
            observe(&mut pacing, Kind::Update, Size::of(64, 64 * 1024), Duration::from_millis(9))
        });
        assert_eq!(pacing.patience(Kind::Update, Size::of(1, 300)), Duration::from_millis(4));
        assert!(pacing.patience(Kind::Update, Size::of(64, 64 * 1024)) > Duration::from_millis(35));
        assert_eq!(pacing.patience(Kind::Delete, Size::of(1, 0)), FIRST_PATIENCE);
    }

    #[test]
    fn a_command_that_got_stuck_is_not_what_is_usual_for_its_size() {
        let mut pacing = after(500);
        observe(&mut pacing, Kind::Lookup, Size::of(8, 0), Duration::from_secs(3));
        assert!(pacing.patience(Kind::Lookup, Size::of(8, 0)) <= Duration::from_millis(10));
    }

    #[test]
    fn the_more_commands_are_late_the_fewer_share_one_and_back_again() {
        let mut pacing = after(100);
        let jobs = |pacing: &Pacing| pacing.limit(Kind::Update, 256, 2).jobs;
        pacing.late(Kind::Update);
        assert_eq!(jobs(&pacing), 128, "one alone says nothing");
        pacing.late(Kind::Update);
        let after_two = jobs(&pacing);
        assert!((20..128).contains(&after_two), "{after_two}");
        (0..90).for_each(|_| pacing.late(Kind::Update));
        assert_eq!(jobs(&pacing), 1);
        assert_eq!(pacing.slots(Kind::Update), 16);
        assert_eq!(pacing.limit(Kind::Lookup, 256, 2).jobs, 128, "other kinds are on time");
        (0..200).for_each(|_| pacing.on_time(Kind::Update));
        assert!(jobs(&pacing) > 120);
        assert_eq!(pacing.slots(Kind::Update), 2);
    }
}
