//! `length`: counts the live sessions of a store.

use mongodb::bson::Document;

use crate::error::Error;
use crate::retry::retrying;
use crate::store::Store;

/// Counts what is live at `now` (ms since 1970); the answer is a double, little endian, as JavaScript reads it.
///
/// # Errors
/// The driver's or the server's.
pub async fn run(store: &Store, now: Option<i64>) -> Result<Vec<u8>, Error> {
    let limits = store.pool().limits();
    let counting = retrying(limits.retry_reads, || async {
        let collection = store.collection::<Document>().await?;
        let counted = collection.count_documents(store.live_filter(now)).await;
        counted.map_err(|error| store.pool().explain(error))
    });
    let count = store.within(counting).await?;
    Ok((count as f64).to_le_bytes().to_vec())
}
