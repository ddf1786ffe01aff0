//! What one JavaScript realm (the main thread, or a worker) has open, by handle.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch::{Receiver, Sender};

use crate::cursor::Cursor;
use crate::engine::Engine;
use crate::pool::Pool;
use crate::reply::Outbox;

/// A realm's clients, stores and cursors, and its way back.
#[derive(Debug)]
pub struct Realm {
    outbox: Arc<Outbox>,
    handles: Mutex<Handles>,
}

#[derive(Debug, Default)]
struct Handles {
    last: u32,
    /// Each with a sender: when it is dropped, those who watch the client see that it is closed.
    clients: HashMap<u32, (Arc<Pool>, Sender<()>)>,
    stores: HashMap<u32, (u32, Arc<Engine>)>,
    cursors: HashMap<u32, Arc<Cursor>>,
}

impl Handles {
    fn next(&mut self) -> u32 {
        self.last += 1;
        self.last
    }
}

impl Realm {
    /// A realm whose `wake` is called when there is something to drain and nobody is draining.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { outbox: Outbox::new(wake), handles: Mutex::default() })
    }

    fn handles(&self) -> MutexGuard<'_, Handles> {
        self.handles.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its way back.
    pub fn outbox(&self) -> &Arc<Outbox> {
        &self.outbox
    }

    /// The realm is gone: nothing is delivered any more, and what it had open is given up.
    pub fn close(&self) {
        self.outbox.close();
        let handles = std::mem::take(&mut *self.handles());
        // Dropped outside the lock: dropping a pool runs the driver's own clean-up.
        drop(handles);
    }

    /// Opens a client: its handle.
    pub fn add_client(&self, pool: Arc<Pool>) -> u32 {
        let mut handles = self.handles();
        let handle = handles.next();
        handles.clients.insert(handle, (pool, Sender::new(())));
        handle
    }

    /// The pool of the client with this handle.
    pub fn client(&self, handle: u32) -> Option<Arc<Pool>> {
        self.handles().clients.get(&handle).map(|(pool, _)| Arc::clone(pool))
    }

    /// For waiting until the client with this handle is closed: then this has no sender any more.
    pub fn closing(&self, handle: u32) -> Option<Receiver<()>> {
        self.handles().clients.get(&handle).map(|(_, open)| open.subscribe())
    }

    /// Closes a client and the stores opened on it.
    pub fn remove_client(&self, handle: u32) -> Option<Arc<Pool>> {
        let mut handles = self.handles();
        handles.stores.retain(|_, (client, _)| *client != handle);
        handles.clients.remove(&handle).map(|(pool, _)| pool)
    }

    /// Opens a store on a client: its handle.
    pub fn add_store(&self, client: u32, store: Arc<Engine>) -> u32 {
        let mut handles = self.handles();
        let handle = handles.next();
        handles.stores.insert(handle, (client, store));
        handle
    }

    /// The store with this handle.
    pub fn store(&self, handle: u32) -> Option<Arc<Engine>> {
        self.handles().stores.get(&handle).map(|(_, store)| Arc::clone(store))
    }

    /// For waiting until the client of the store with this handle is closed.
    pub fn closing_of_store(&self, handle: u32) -> Option<Receiver<()>> {
        let client = self.handles().stores.get(&handle).map(|(client, _)| *client)?;
        self.closing(client)
    }

    /// Keeps a cursor: its handle.
    pub fn add_cursor(&self, cursor: Arc<Cursor>) -> u32 {
        let mut handles = self.handles();
        let handle = handles.next();
        handles.cursors.insert(handle, cursor);
        handle
    }

    /// The cursor with this handle.
    pub fn cursor(&self, handle: u32) -> Option<Arc<Cursor>> {
        self.handles().cursors.get(&handle).cloned()
    }

    /// Gives up a cursor; the server's is killed once nobody uses it.
    pub fn remove_cursor(&self, handle: u32) -> Option<Arc<Cursor>> {
        self.handles().cursors.remove(&handle)
    }
}
