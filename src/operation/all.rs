//! `all`: the documents of a store's live sessions, in batches.

use mongodb::bson::{RawDocumentBuf, doc};

use crate::command::Command;
use crate::cursor::{self, Cursor};
use crate::error::Error;
use crate::store::Store;

/// Opens a cursor over those that are live at `now` (ms since 1970).
///
/// # Errors
/// The driver's or the server's.
pub async fn run(store: &Store, now: Option<i64>) -> Result<Cursor, Error> {
    let config = store.config();
    let command = doc! { "find": &config.collection, "filter": store.live_filter(now) };
    let settings = store.pool().settings();
    let criteria = store.read_criteria()?;
    let command = RawDocumentBuf::try_from(&command).map_err(|error| Error::internal(error.to_string()))?;
    let idempotent = settings.retry_reads != Some(false);
    let timeout = Some(store.pool().limits().operation_running);
    let command = Command { command, criteria, idempotent, timeout, batch_size: None };
    cursor::open(store.pool(), &config.database, command).await
}
