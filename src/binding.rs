//! The one module that knows Node: converts, delegates, returns.

use std::sync::Arc;

use napi::bindgen_prelude::{BufferSlice, Error, Function, Result, Status};
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use napi_derive::napi;
use tokio::sync::mpsc::UnboundedSender;

use crate::channel::Channel;
use crate::dispatch;
use crate::location::Location;
use crate::namespace::Namespace;
use crate::pool::Pool;

/// The way in and out of one JavaScript realm.
#[napi]
pub struct Realm {
    channel: Arc<Channel>,
    submissions: UnboundedSender<Vec<u8>>,
}

impl Drop for Realm {
    fn drop(&mut self) {
        self.channel.close();
    }
}

fn refused(error: &crate::error::Error) -> Error {
    Error::new(Status::InvalidArg, error.message.clone())
}

#[napi]
impl Realm {
    /// `wake` is called when there are completions to drain and nobody is draining.
    #[napi(constructor, catch_unwind)]
    pub fn new(wake: Function<'_, (), ()>) -> Result<Self> {
        // Weak: an idle store does not keep the process alive. JavaScript does while it waits.
        let wake = wake.build_threadsafe_function::<()>().weak::<true>().build()?;
        let channel = Channel::new(move || {
            wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
        });
        Ok(Self { submissions: dispatch::start(&channel), channel })
    }

    /// What this addon was built with, beyond the usual: features of `Cargo.toml`.
    #[napi]
    pub fn features() -> Vec<String> {
        if cfg!(feature = "aws-auth") { vec!["aws-auth".to_owned()] } else { Vec::new() }
    }

    /// Opens a client from settings in JSON; its handle.
    #[napi(catch_unwind)]
    pub fn open_client(&self, settings: String) -> Result<u32> {
        let pool = Pool::shared(&settings).map_err(|error| refused(&error))?;
        Ok(self.channel.add_pool(pool))
    }

    /// Opens a store on a client from its location in JSON; its handle.
    #[napi(catch_unwind)]
    pub fn open_store(&self, client: u32, location: String) -> Result<u32> {
        let pool = self.channel.pool(client).ok_or_else(|| refused(&crate::error::Error::not_connected()))?;
        let location = Location::from_json(&location).map_err(|error| refused(&error))?;
        let store = Namespace::new(pool, location).map_err(|error| refused(&error))?;
        Ok(self.channel.add_store(client, store))
    }

    /// What a store's commands and its pool come to, in JSON; nothing for one that is closed.
    #[napi(catch_unwind)]
    pub fn stats(&self, store: u32) -> Option<String> {
        let store = self.channel.store(store)?;
        serde_json::to_string(&store.snapshot()).ok()
    }

    /// Hands over the first `length` bytes of `records`: operations, one after another.
    #[napi(catch_unwind)]
    pub fn submit(&self, records: BufferSlice<'_>, length: u32) -> Result<()> {
        let records = records.get(..length as usize).unwrap_or(&records).to_vec();
        self.submissions
            .send(records)
            .map_err(|_| Error::new(Status::GenericFailure, "the background thread has ended"))
    }

    /// Moves completions into `buffer`: the bytes written; 0 when there are none; minus the bytes
    /// needed when the next one does not fit.
    #[napi(catch_unwind)]
    pub fn drain(&self, mut buffer: BufferSlice<'_>) -> i64 {
        self.channel.drain(&mut buffer)
    }
}
