//! Cursors: batches of documents as the server sends them, fetched when JavaScript asks.

use futures_util::StreamExt;
use mongodb::Database;
use mongodb::bson::RawDocument;
use mongodb::raw_batch_cursor::RawBatchCursor;
use tokio::sync::Mutex;

use crate::command::Command;
use crate::deadline::{Limit, within};
use crate::error::Error;
use crate::pool::Pool;
use crate::pool::leased::Leased;
use crate::retry::retrying;

/// An open cursor. Dropping it kills the server's.
pub struct Cursor {
    batches: Mutex<RawBatchCursor>,
    /// Keeps the client that the cursor belongs to.
    _database: Leased<Database>,
    limit: Option<Limit>,
}

impl std::fmt::Debug for Cursor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Cursor").finish_non_exhaustive()
    }
}

/// Runs a command that answers with a cursor.
///
/// # Errors
/// The driver's or the server's.
pub async fn open(pool: &Pool, database: &str, request: Command) -> Result<Cursor, Error> {
    let attempt = || async {
        let _place = pool.place().await?;
        let database = pool.database(database).await?;
        let mut command = database.run_raw_cursor_command(request.command.clone());
        if let Some(criteria) = &request.criteria {
            command = command.selection_criteria(criteria.clone());
        }
        if let Some(size) = request.batch_size {
            command = command.batch_size(size);
        }
        let batches =
            database.while_there(async { command.batch().await.map_err(|error| pool.explain(error)) });
        Ok((batches.await?, database))
    };
    let limit = request.limit(pool);
    let (batches, database) = within(limit, retrying(request.retry_limit(pool), attempt)).await?;
    Ok(Cursor { batches: Mutex::new(batches), _database: database, limit })
}

impl Cursor {
    /// The server's next reply with its batch; empty when there is none left.
    ///
    /// # Errors
    /// The driver's or the server's.
    pub async fn next(&self) -> Result<Vec<u8>, Error> {
        let next = async {
            match self.batches.lock().await.next().await {
                Some(Ok(batch)) => Ok(batch.as_raw_document().as_bytes().to_vec()),
                Some(Err(error)) => Err(error.into()),
                None => Ok(Vec::new()),
            }
        };
        within(self.limit, next).await
    }
}

/// Whether a batch's reply says that there is no further one.
pub fn is_last(reply: &[u8]) -> bool {
    let id = RawDocument::from_bytes(reply)
        .ok()
        .and_then(|reply| reply.get_document("cursor").ok()?.get_i64("id").ok());
    id.is_none_or(|id| id == 0)
}

#[cfg(test)]
mod tests {
    use mongodb::bson::{RawDocumentBuf, doc};

    use super::*;

    #[test]
    fn the_last_batch_is_known_by_its_cursor_id() {
        let reply =
            |id: i64| RawDocumentBuf::try_from(&doc! { "cursor": { "id": id } }).expect("valid").into_bytes();
        assert!(is_last(&reply(0)));
        assert!(!is_last(&reply(7)));
        assert!(is_last(b""));
    }
}
