//! Short time limits, kept by a thread of their own.
//!
//! **Problem.** Every command has a limit of a few milliseconds, after which it is overdue, and hardly any reaches it. As a
//! timer of the runtime it costs the background thread some 12 us for each command, more than writing the command does:
//! tokio wakes the thread to take note of a timer that ends before all others, and each wait for the network ends
//! before the kernel's next tick, so the kernel sets the processor's timer for it, which in a virtual machine is the
//! host's to do.
//!
//! **Rule.** Limits stand in a list. A thread looks through it every `TICK`, ends what is over and takes out what was
//! done in time. It sleeps when there was nothing to look at for a whole tick.
//!
//! **Invariant.** While the list has a limit, the thread is not asleep for longer than a tick.
//!
//! **Why this is safe.** A limit never ends early, and a tick late at most, or as late as a busy machine lets any thread
//! run. Whoever adds a limit to the list sees under the list's lock whether the thread is asleep, and wakes it. Where the
//! thread cannot be started, the runtime's timers keep the limits.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use std::{io, mem};

use once_cell::sync::OnceCell;
use tokio::sync::oneshot;

/// How late a limit may end.
const TICK: Duration = Duration::from_millis(4);

#[derive(Debug, Default)]
struct Clock {
    limits: Mutex<Limits>,
    added: Condvar,
}

#[derive(Debug, Default)]
struct Limits {
    list: Vec<Limit>,
    /// One was added since the thread looked last.
    added: bool,
    /// The thread waits to be woken.
    asleep: bool,
}

#[derive(Debug)]
struct Limit {
    ends: Instant,
    /// Closed when the work was done in time.
    over: oneshot::Sender<()>,
}

static CLOCK: OnceCell<&Clock> = OnceCell::new();

/// Waits for `work`, for `time` at most; none when the time is over.
pub async fn timeout<F: Future>(time: Duration, work: F) -> Option<F::Output> {
    let Ok(clock) = CLOCK.get_or_try_init(start) else { return tokio::time::timeout(time, work).await.ok() };
    let over = clock.after(time);
    tokio::select! {
        biased;
        value = work => Some(value),
        _ = over => None,
    }
}

fn start() -> io::Result<&'static Clock> {
    let clock: &Clock = Box::leak(Box::default());
    thread::Builder::new().name("session-limits".to_owned()).spawn(|| clock.run())?;
    Ok(clock)
}

impl Clock {
    fn limits(&self) -> MutexGuard<'_, Limits> {
        self.limits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends when `time` is over.
    fn after(&self, time: Duration) -> oneshot::Receiver<()> {
        let (over, ended) = oneshot::channel();
        let mut limits = self.limits();
        limits.list.push(Limit { ends: Instant::now() + time, over });
        limits.added = true;
        let asleep = mem::take(&mut limits.asleep);
        drop(limits);
        if asleep {
            self.added.notify_one();
        }
        ended
    }

    fn run(&self) {
        let mut limits = self.limits();
        loop {
            limits = if mem::take(&mut limits.added) || !limits.list.is_empty() {
                self.added.wait_timeout(limits, TICK).unwrap_or_else(PoisonError::into_inner).0
            } else {
                limits.asleep = true;
                self.added.wait(limits).unwrap_or_else(PoisonError::into_inner)
            };
            let now = Instant::now();
            let over = limits.list.extract_if(.., |limit| limit.over.is_closed() || limit.ends <= now);
            let over: Vec<Limit> = over.collect();
            drop(limits);
            for limit in over {
                // Nobody hears of it where the work was done in time.
                limit.over.send(()).unwrap_or_default();
            }
            limits = self.limits();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::runtime::Builder;

    use super::*;

    const LONG: Duration = Duration::from_secs(10);
    /// Longer than a test waits for anything.
    const NEVER: Duration = Duration::from_secs(60);
    const COMMANDS: u64 = 20;

    async fn fell_asleep(clock: &Clock) {
        let falling = async {
            while !clock.limits().asleep {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(LONG, falling).await.expect("nothing is left to look at");
    }

    #[tokio::test]
    async fn what_hangs_is_ended_when_its_time_is_over_and_not_before() {
        let started = Instant::now();
        let both = tokio::join!(
            timeout(Duration::from_millis(30), pending::<()>()),
            timeout(Duration::from_millis(5), pending::<()>()),
        );
        assert_eq!(both, (None, None));
        assert!(started.elapsed() >= Duration::from_millis(30));
        assert_eq!(timeout(LONG, async { 7 }).await, Some(7));
    }

    #[tokio::test]
    async fn a_limit_that_is_added_while_the_thread_sleeps_wakes_it() {
        let clock = start().expect("a thread");
        for _ in 0..3 {
            fell_asleep(clock).await;
            let over = tokio::time::timeout(LONG, clock.after(Duration::from_millis(1))).await;
            over.expect("woken").expect("its time is over");
        }
    }

    #[tokio::test]
    async fn limits_of_what_is_done_are_not_kept() {
        let clock = start().expect("a thread");
        (0..100).for_each(|_| drop(clock.after(NEVER)));
        fell_asleep(clock).await;
        assert!(clock.limits().list.is_empty());
    }

    #[test]
    fn the_runtimes_thread_waits_once_for_a_command_and_once_for_its_answer() {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let waits = || runtime.metrics().worker_park_unpark_count(0);
        let wait_until_it_waits = || loop {
            let before = waits();
            thread::sleep(Duration::from_millis(2));
            // Odd while the thread waits.
            if before % 2 == 1 && before == waits() {
                break;
            }
        };
        wait_until_it_waits();
        let before = runtime.metrics().worker_park_count(0);
        for _ in 0..COMMANDS {
            let (answer, answered) = oneshot::channel();
            let command = runtime.spawn(timeout(NEVER, answered));
            wait_until_it_waits();
            answer.send(()).expect("it waits for the answer");
            runtime.block_on(command).expect("no panic").expect("in time").expect("answered");
            wait_until_it_waits();
        }
        let waits = runtime.metrics().worker_park_count(0) - before;
        // A timer of the runtime makes it three.
        assert!(waits < COMMANDS * 5 / 2, "{waits} waits for {COMMANDS} commands");
    }
}
