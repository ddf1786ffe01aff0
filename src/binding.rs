//! The one module that knows Node: converts, delegates, returns.

use std::sync::Arc;

use napi::bindgen_prelude::{BufferSlice, Error, Function, Result, Status};
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use napi_derive::napi;
use tokio::sync::mpsc::UnboundedSender;

use crate::difference::{Difference, Known};
use crate::dispatch;
use crate::engine::Engine;
use crate::error;
use crate::pool::Pool;
use crate::realm::Realm;
use crate::request;
use crate::store_config::StoreConfig;

/// The way in and out of one JavaScript realm.
#[napi(js_name = "Realm")]
pub struct RealmBinding {
    realm: Arc<Realm>,
    submissions: UnboundedSender<Vec<u8>>,
}

impl Drop for RealmBinding {
    fn drop(&mut self) {
        self.realm.close();
    }
}

fn refused(error: &error::Error) -> Error {
    Error::new(Status::InvalidArg, error.message.clone())
}

fn known<'a>(
    document: &'a [u8],
    later: &'a Option<BufferSlice<'_>>,
    doubtful: &'a Option<BufferSlice<'_>>,
) -> Known<'a> {
    let bytes = |buffer: &'a Option<BufferSlice<'_>>| buffer.as_deref().unwrap_or_default();
    Known { document, later: bytes(later), doubtful: bytes(doubtful) }
}

#[napi]
impl RealmBinding {
    /// `wake` is called when there are completions to drain and nobody is draining.
    #[napi(constructor, catch_unwind)]
    pub fn new(wake: Function<'_, (), ()>) -> Result<Self> {
        // Weak: an idle store does not keep the process alive. JavaScript does while it waits.
        let wake = wake.build_threadsafe_function::<()>().weak::<true>().build()?;
        let realm = Realm::new(move || {
            wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
        });
        let submissions = dispatch::start(&realm).map_err(|error| refused(&error))?;
        Ok(Self { submissions, realm })
    }

    /// Opens a client from settings in JSON; its handle.
    #[napi(catch_unwind)]
    pub fn open_client(&self, settings: String) -> Result<u32> {
        let pool = Pool::shared(&settings).map_err(|error| refused(&error))?;
        Ok(self.realm.add_client(pool))
    }

    /// Opens a store on a client from its config in JSON; its handle.
    #[napi(catch_unwind)]
    pub fn open_store(&self, client: u32, config: String) -> Result<u32> {
        let pool = self.realm.client(client).ok_or_else(|| refused(&error::Error::not_connected()))?;
        let config = StoreConfig::from_json(&config).map_err(|error| refused(&error))?;
        let store = Engine::new(pool, config).map_err(|error| refused(&error))?;
        Ok(self.realm.add_store(client, store))
    }

    /// What a store's commands and its pool come to, in JSON; nothing for one that is closed.
    #[napi(catch_unwind)]
    pub fn stats(&self, store: u32) -> Option<String> {
        let store = self.realm.store(store)?;
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

    /// Takes the difference between what is known of a stored session and the session in the document from `start` to
    /// `end` of `buffer`, and writes it there behind `end`, as a patch, if there is room: how many bytes that takes,
    /// negative if MongoDB cannot change each of the keys alone; 0 if there is no difference to be taken, and the whole
    /// session is to be stored.
    ///
    /// Known is a document with the session in it, `later` the patches that were stored since, `doubtful` those that may
    /// have been.
    #[napi(catch_unwind)]
    pub fn difference(
        document: BufferSlice<'_>,
        later: Option<BufferSlice<'_>>,
        doubtful: Option<BufferSlice<'_>>,
        mut buffer: BufferSlice<'_>,
        start: u32,
        end: u32,
    ) -> i64 {
        let known = known(&document, &later, &doubtful);
        let (written, room) = buffer.split_at_mut_checked(end as usize).unwrap_or_default();
        let session = written.get(start as usize..).unwrap_or_default();
        let Some(difference) = Difference::take(known, session) else { return 0 };
        difference.write(room);
        let bytes = difference.bytes() as i64;
        if difference.is_addressable() { bytes } else { -bytes }
    }

    /// Whether the session in a document is certainly stored as it is, but for its keys in `except`. Known is the same
    /// as for `difference`.
    #[napi(catch_unwind)]
    pub fn is_stored(
        document: BufferSlice<'_>,
        later: Option<BufferSlice<'_>>,
        doubtful: Option<BufferSlice<'_>>,
        session: BufferSlice<'_>,
        except: Vec<String>,
    ) -> bool {
        Difference::take(known(&document, &later, &doubtful), &session)
            .is_some_and(|difference| difference.keys().all(|key| except.iter().any(|one| one == key)))
    }

    /// Moves completions into `buffer`: the bytes written; 0 when there are none; minus the bytes
    /// needed when the next one does not fit.
    #[napi(catch_unwind)]
    pub fn drain(&self, mut buffer: BufferSlice<'_>) -> i64 {
        self.realm.outbox().drain(&mut buffer)
    }
}

/// The codes of the records that JavaScript submits.
#[napi]
#[derive(Debug)]
#[allow(missing_docs, reason = "as `request::Opcode`")]
pub enum Opcode {
    Get = 1,
    Set = 2,
    Touch = 3,
    Destroy = 4,
    Clear = 5,
    All = 6,
    Length = 7,
    EnsureIndexes = 8,
    EnsureIndexesLater = 9,
    Replace = 12,
    Patch = 13,
    PatchExisting = 14,
    Commands = 15,
    Connect = 16,
    Close = 17,
    Command = 18,
    OpenCursor = 19,
    NextBatch = 20,
    CloseCursor = 21,
    Watch = 22,
    NextLoginQuestion = 23,
    AnswerLogin = 24,
    Changes = 25,
    WritesItself = 26,
    NameQuestion = 27,
    NameAnswer = 28,
}

impl From<request::Opcode> for Opcode {
    /// Exists so that a code that is added there is missed here by the compiler.
    fn from(opcode: request::Opcode) -> Self {
        match opcode {
            request::Opcode::Get => Self::Get,
            request::Opcode::Set => Self::Set,
            request::Opcode::Touch => Self::Touch,
            request::Opcode::Destroy => Self::Destroy,
            request::Opcode::Clear => Self::Clear,
            request::Opcode::All => Self::All,
            request::Opcode::Length => Self::Length,
            request::Opcode::EnsureIndexes => Self::EnsureIndexes,
            request::Opcode::EnsureIndexesLater => Self::EnsureIndexesLater,
            request::Opcode::Replace => Self::Replace,
            request::Opcode::Patch => Self::Patch,
            request::Opcode::PatchExisting => Self::PatchExisting,
            request::Opcode::Commands => Self::Commands,
            request::Opcode::Connect => Self::Connect,
            request::Opcode::Close => Self::Close,
            request::Opcode::Command => Self::Command,
            request::Opcode::OpenCursor => Self::OpenCursor,
            request::Opcode::NextBatch => Self::NextBatch,
            request::Opcode::CloseCursor => Self::CloseCursor,
            request::Opcode::Watch => Self::Watch,
            request::Opcode::NextLoginQuestion => Self::NextLoginQuestion,
            request::Opcode::AnswerLogin => Self::AnswerLogin,
            request::Opcode::Changes => Self::Changes,
            request::Opcode::WritesItself => Self::WritesItself,
            request::Opcode::NameQuestion => Self::NameQuestion,
            request::Opcode::NameAnswer => Self::NameAnswer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn javascript_has_the_codes_that_are_read_here() {
        for opcode in request::Opcode::ALL {
            assert_eq!(Opcode::from(opcode) as u8, opcode as u8, "{opcode:?}");
        }
    }
}
