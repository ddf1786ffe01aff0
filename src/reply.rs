//! Answers on their way to one JavaScript realm.
//!
//! **Problem.** Waking JavaScript costs more than an operation does, so it must happen once for many answers; but no
//! answer may lie in the queue while JavaScript sleeps.
//!
//! **Rule.** An answer wakes JavaScript unless it is awake. JavaScript counts as awake from the moment it is woken until
//! it has asked for more and found nothing.
//!
//! **Invariant.** While the queue holds an answer, JavaScript is awake, or [`together`] is about to wake it.
//!
//! **Why this is safe.** Both sides look at the queue and at `awake` under one lock. If JavaScript finds the queue empty
//! before an answer is added, `awake` is false by then and the answer wakes it; if after, it takes that answer along.
//!
//! Steps:
//! 1. [`Reply::complete`] adds the answer and, if JavaScript is not awake, notes that it is and wakes it.
//! 2. Answers of one command are given within [`together`]: it wakes JavaScript once, when all are there. Woken by
//!    the first, JavaScript might come for each by itself, and its next operations with it.
//! 3. JavaScript calls [`Outbox::drain`] until it returns 0; only that ends being awake.
//! 4. [`Reply`] answers when it is dropped, so that nobody waits for work that panicked.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use crate::completion::Completion;
use crate::error::Error;
use crate::queue::Caller;

type Wake = Box<dyn Fn() + Send + Sync>;

/// A realm's queue of completions.
pub struct Outbox {
    wake: Wake,
    completions: Mutex<Completions>,
}

#[derive(Default)]
struct Completions {
    queue: VecDeque<Completion>,
    /// JavaScript was woken and has not emptied the queue yet.
    awake: bool,
    closed: bool,
}

thread_local! {
    /// Who is to be woken at the end of [`together`], while that runs.
    static WOKEN_LATER: RefCell<Option<Vec<Arc<Outbox>>>> = const { RefCell::new(None) };
}

/// Answers that are given while `work` runs reach JavaScript together.
pub fn together<T>(work: impl FnOnce() -> T) -> T {
    struct Wakening;

    impl Drop for Wakening {
        fn drop(&mut self) {
            for outbox in WOKEN_LATER.take().into_iter().flatten() {
                (outbox.wake)();
            }
        }
    }

    WOKEN_LATER.set(Some(Vec::new()));
    // Dropped also when `work` panics.
    let _wakening = Wakening;
    work()
}

impl std::fmt::Debug for Outbox {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Outbox").finish_non_exhaustive()
    }
}

impl Outbox {
    /// An outbox that calls `wake` when there is something to drain and nobody is draining.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { wake: Box::new(wake), completions: Mutex::default() })
    }

    fn completions(&self) -> MutexGuard<'_, Completions> {
        self.completions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The realm is gone: nothing is delivered any more.
    pub fn close(&self) {
        let mut completions = self.completions();
        completions.closed = true;
        completions.queue.clear();
    }

    fn push(self: &Arc<Self>, completion: Completion) {
        let wake = {
            let mut completions = self.completions();
            if completions.closed {
                return;
            }
            completions.queue.push_back(completion);
            !std::mem::replace(&mut completions.awake, true)
        };
        if wake && !self.is_woken_later() {
            (self.wake)();
        }
    }

    fn is_woken_later(self: &Arc<Self>) -> bool {
        WOKEN_LATER.with_borrow_mut(|later| later.as_mut().map(|list| list.push(Arc::clone(self))).is_some())
    }

    /// Moves completions into `buffer`: the bytes written; 0 when there is nothing left (whoever
    /// drains is woken for the next); minus the bytes needed when the first one does not fit.
    pub fn drain(&self, buffer: &mut [u8]) -> i64 {
        let mut completions = self.completions();
        let mut written = 0;
        while let Some(next) = completions.queue.front() {
            let length = next.len();
            if written + length > buffer.len() {
                return if written == 0 { -(length as i64) } else { written as i64 };
            }
            next.write(&mut buffer[written..]);
            written += length;
            completions.queue.pop_front();
        }
        if written == 0 {
            completions.awake = false;
        }
        written as i64
    }
}

/// The promise that one request is answered, exactly once, whatever happens to who holds it.
#[derive(Debug)]
pub struct Reply {
    outbox: Weak<Outbox>,
    request: u32,
    called: Instant,
    open: bool,
}

impl Reply {
    /// The promise to answer `request`, which is called now.
    pub fn new(outbox: &Arc<Outbox>, request: u32) -> Self {
        Self { outbox: Arc::downgrade(outbox), request, called: Instant::now(), open: true }
    }

    /// Answers.
    pub fn complete(mut self, outcome: Result<Vec<u8>, Error>) {
        self.send(outcome);
    }

    fn send(&mut self, outcome: Result<Vec<u8>, Error>) {
        self.open = false;
        if let Some(outbox) = self.outbox.upgrade() {
            outbox.push(Completion::new(self.request, outcome));
        }
    }
}

impl Caller for Reply {
    fn called(&self) -> Instant {
        self.called
    }

    fn forgive(&mut self, still: Duration) {
        self.called += still;
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if self.open {
            // Only a panic in the work that held it leads here; its caller must not wait for ever.
            self.send(Err(Error::internal("the operation was abandoned by an internal error")));
        }
    }
}

/// Gives the same answer to everyone who waits for a job.
pub fn answer(replies: Vec<Reply>, outcome: Result<Vec<u8>, Error>) {
    let mut replies = replies.into_iter();
    let Some(first) = replies.next() else { return };
    for reply in replies {
        reply.complete(outcome.clone());
    }
    first.complete(outcome);
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn counted() -> (Arc<Outbox>, Arc<AtomicUsize>) {
        let wakes = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&wakes);
        (
            Outbox::new(move || {
                counter.fetch_add(1, Ordering::SeqCst);
            }),
            wakes,
        )
    }

    #[test]
    fn wakes_once_until_drained_to_the_end() {
        let (outbox, wakes) = counted();
        Reply::new(&outbox, 1).complete(Ok(vec![]));
        Reply::new(&outbox, 2).complete(Ok(vec![]));
        assert_eq!(wakes.load(Ordering::SeqCst), 1);
        let mut buffer = [0; 64];
        assert_eq!(outbox.drain(&mut buffer), 24);
        Reply::new(&outbox, 3).complete(Ok(vec![]));
        assert_eq!(wakes.load(Ordering::SeqCst), 1);
        assert_eq!(outbox.drain(&mut buffer), 12);
        assert_eq!(outbox.drain(&mut buffer), 0);
        Reply::new(&outbox, 4).complete(Ok(vec![]));
        assert_eq!(wakes.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn answers_that_are_given_together_wake_once_when_all_are_there() {
        let (outbox, wakes) = counted();
        together(|| {
            Reply::new(&outbox, 1).complete(Ok(vec![]));
            Reply::new(&outbox, 2).complete(Ok(vec![]));
            assert_eq!(wakes.load(Ordering::SeqCst), 0);
        });
        assert_eq!(wakes.load(Ordering::SeqCst), 1);
        assert_eq!(outbox.drain(&mut [0; 64]), 24);
        assert_eq!(outbox.drain(&mut [0; 64]), 0);
        Reply::new(&outbox, 3).complete(Ok(vec![]));
        assert_eq!(wakes.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn a_panic_among_answers_given_together_wakes_for_those_before_it() {
        let (outbox, wakes) = counted();
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            together(|| {
                Reply::new(&outbox, 1).complete(Ok(vec![]));
                panic!("in the middle");
            })
        }));
        assert!(panicked.is_err());
        assert_eq!(wakes.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn says_how_much_room_a_large_completion_needs() {
        let (outbox, _) = counted();
        Reply::new(&outbox, 1).complete(Ok(vec![0; 100]));
        assert_eq!(outbox.drain(&mut [0; 64]), -112);
        assert_eq!(outbox.drain(&mut [0; 112]), 112);
    }

    #[test]
    fn an_abandoned_request_is_answered_with_an_error() {
        let (outbox, _) = counted();
        drop(Reply::new(&outbox, 9));
        let mut buffer = [0; 256];
        assert!(outbox.drain(&mut buffer) > 0);
        assert_eq!((buffer[4], buffer[8]), (9, 1));
    }

    #[test]
    fn nothing_is_delivered_to_a_realm_that_is_gone() {
        let (outbox, wakes) = counted();
        outbox.close();
        Reply::new(&outbox, 1).complete(Ok(vec![]));
        assert_eq!(wakes.load(Ordering::SeqCst), 0);
        assert_eq!(outbox.drain(&mut [0; 64]), 0);
    }
}
