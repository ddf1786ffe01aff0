//! What one JavaScript realm (the main thread, or a worker) has open, and its way back.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::watch::{Receiver, Sender};

use crate::completion::Completion;
use crate::cursor::Cursor;
use crate::error::Error;
use crate::namespace::Namespace;
use crate::pool::Pool;

type Wake = Box<dyn Fn() + Send + Sync>;

/// A realm's completions, and its clients, stores and cursors by handle.
pub struct Channel {
    wake: Wake,
    completions: Mutex<Completions>,
    handles: Mutex<Handles>,
}

#[derive(Default)]
struct Completions {
    queue: VecDeque<Completion>,
    /// JavaScript was woken and has not emptied the queue yet.
    awake: bool,
    closed: bool,
}

#[derive(Default)]
struct Handles {
    last: u32,
    /// Each with what tells its watchers, by going, that the client is closed.
    pools: HashMap<u32, (Arc<Pool>, Sender<()>)>,
    stores: HashMap<u32, (u32, Arc<Namespace>)>,
    cursors: HashMap<u32, Arc<Cursor>>,
}

impl Handles {
    fn next(&mut self) -> u32 {
        self.last += 1;
        self.last
    }
}

thread_local! {
    /// Who is to be woken at the end of [`together`], while that runs.
    static WOKEN_LATER: RefCell<Option<Vec<Arc<Channel>>>> = const { RefCell::new(None) };
}

/// Answers that are given while `work` runs reach JavaScript together. Woken by the first of them, it
/// might come for each by itself, and its next operations with it.
pub fn together<T>(work: impl FnOnce() -> T) -> T {
    struct Wakening;

    impl Drop for Wakening {
        fn drop(&mut self) {
            for channel in WOKEN_LATER.take().into_iter().flatten() {
                (channel.wake)();
            }
        }
    }

    WOKEN_LATER.set(Some(Vec::new()));
    // Dropped also when `work` panics.
    let _wakening = Wakening;
    work()
}

impl std::fmt::Debug for Channel {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Channel").finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Channel {
    /// A channel that calls `wake` when there is something to drain and nobody is at it.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { wake: Box::new(wake), completions: Mutex::default(), handles: Mutex::default() })
    }

    /// The realm is gone: nothing is delivered any more, and what it had open is given up.
    pub fn close(&self) {
        let completions = {
            let mut completions = lock(&self.completions);
            completions.closed = true;
            std::mem::take(&mut completions.queue)
        };
        let handles = std::mem::take(&mut *lock(&self.handles));
        // Dropped outside the locks: dropping a pool runs the driver's own clean-up.
        drop((completions, handles));
    }

    fn push(self: &Arc<Self>, completion: Completion) {
        let wake = {
            let mut completions = lock(&self.completions);
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
        let mut completions = lock(&self.completions);
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

    /// Opens a client: its handle.
    pub fn add_pool(&self, pool: Arc<Pool>) -> u32 {
        let mut handles = lock(&self.handles);
        let handle = handles.next();
        handles.pools.insert(handle, (pool, Sender::new(())));
        handle
    }

    /// The client with this handle.
    pub fn pool(&self, handle: u32) -> Option<Arc<Pool>> {
        lock(&self.handles).pools.get(&handle).map(|(pool, _)| Arc::clone(pool))
    }

    /// For waiting until the client with this handle is closed: then this has no sender any more.
    pub fn closing(&self, handle: u32) -> Option<Receiver<()>> {
        lock(&self.handles).pools.get(&handle).map(|(_, open)| open.subscribe())
    }

    /// Closes a client and the stores opened on it.
    pub fn remove_pool(&self, handle: u32) -> Option<Arc<Pool>> {
        let mut handles = lock(&self.handles);
        handles.stores.retain(|_, (pool, _)| *pool != handle);
        handles.pools.remove(&handle).map(|(pool, _)| pool)
    }

    /// Opens a store on a client: its handle.
    pub fn add_store(&self, pool: u32, store: Arc<Namespace>) -> u32 {
        let mut handles = lock(&self.handles);
        let handle = handles.next();
        handles.stores.insert(handle, (pool, store));
        handle
    }

    /// The store with this handle.
    pub fn store(&self, handle: u32) -> Option<Arc<Namespace>> {
        lock(&self.handles).stores.get(&handle).map(|(_, store)| Arc::clone(store))
    }

    /// Keeps a cursor: its handle.
    pub fn add_cursor(&self, cursor: Arc<Cursor>) -> u32 {
        let mut handles = lock(&self.handles);
        let handle = handles.next();
        handles.cursors.insert(handle, cursor);
        handle
    }

    /// The cursor with this handle.
    pub fn cursor(&self, handle: u32) -> Option<Arc<Cursor>> {
        lock(&self.handles).cursors.get(&handle).cloned()
    }

    /// Gives up a cursor; the server's is killed once nobody uses it.
    pub fn remove_cursor(&self, handle: u32) -> Option<Arc<Cursor>> {
        lock(&self.handles).cursors.remove(&handle)
    }
}

/// The promise that one request is answered, exactly once, whatever happens to who holds it.
#[derive(Debug)]
pub struct Ticket {
    channel: Weak<Channel>,
    request: u32,
    open: bool,
}

impl Ticket {
    /// A ticket for `request` of `channel`.
    pub fn new(channel: &Arc<Channel>, request: u32) -> Self {
        Self { channel: Arc::downgrade(channel), request, open: true }
    }

    /// Answers.
    pub fn complete(mut self, outcome: Result<Vec<u8>, Error>) {
        self.send(outcome);
    }

    fn send(&mut self, outcome: Result<Vec<u8>, Error>) {
        self.open = false;
        if let Some(channel) = self.channel.upgrade() {
            channel.push(Completion::new(self.request, outcome));
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.open {
            // Only a panic in the work that held it leads here; its caller must not wait for ever.
            self.send(Err(Error::internal("the operation was abandoned by an internal error")));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn counted() -> (Arc<Channel>, Arc<AtomicUsize>) {
        let wakes = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&wakes);
        (
            Channel::new(move || {
                counter.fetch_add(1, Ordering::SeqCst);
            }),
            wakes,
        )
    }

    #[test]
    fn wakes_once_until_drained_to_the_end() {
        let (channel, wakes) = counted();
        Ticket::new(&channel, 1).complete(Ok(vec![]));
        Ticket::new(&channel, 2).complete(Ok(vec![]));
        assert_eq!(wakes.load(Ordering::SeqCst), 1);
        let mut buffer = [0; 64];
        assert_eq!(channel.drain(&mut buffer), 24);
        Ticket::new(&channel, 3).complete(Ok(vec![]));
        assert_eq!(wakes.load(Ordering::SeqCst), 1);
        assert_eq!(channel.drain(&mut buffer), 12);
        assert_eq!(channel.drain(&mut buffer), 0);
        Ticket::new(&channel, 4).complete(Ok(vec![]));
        assert_eq!(wakes.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn answers_that_are_given_together_wake_once_when_all_are_there() {
        let (channel, wakes) = counted();
        together(|| {
            Ticket::new(&channel, 1).complete(Ok(vec![]));
            Ticket::new(&channel, 2).complete(Ok(vec![]));
            assert_eq!(wakes.load(Ordering::SeqCst), 0);
        });
        assert_eq!(wakes.load(Ordering::SeqCst), 1);
        assert_eq!(channel.drain(&mut [0; 64]), 24);
        assert_eq!(channel.drain(&mut [0; 64]), 0);
        Ticket::new(&channel, 3).complete(Ok(vec![]));
        assert_eq!(wakes.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn a_panic_among_answers_given_together_wakes_for_those_before_it() {
        let (channel, wakes) = counted();
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            together(|| {
                Ticket::new(&channel, 1).complete(Ok(vec![]));
                panic!("in the middle");
            })
        }));
        assert!(panicked.is_err());
        assert_eq!(wakes.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn says_how_much_room_a_large_completion_needs() {
        let (channel, _) = counted();
        Ticket::new(&channel, 1).complete(Ok(vec![0; 100]));
        assert_eq!(channel.drain(&mut [0; 64]), -112);
        assert_eq!(channel.drain(&mut [0; 112]), 112);
    }

    #[test]
    fn an_abandoned_request_is_answered_with_an_error() {
        let (channel, _) = counted();
        drop(Ticket::new(&channel, 9));
        let mut buffer = [0; 256];
        assert!(channel.drain(&mut buffer) > 0);
        assert_eq!((buffer[4], buffer[8]), (9, 1));
    }

    #[test]
    fn nothing_is_delivered_to_a_realm_that_is_gone() {
        let (channel, wakes) = counted();
        channel.close();
        Ticket::new(&channel, 1).complete(Ok(vec![]));
        assert_eq!(wakes.load(Ordering::SeqCst), 0);
        assert_eq!(channel.drain(&mut [0; 64]), 0);
    }
}
