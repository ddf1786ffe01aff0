//! `length`: counts the live sessions of a store.

use mongodb::bson::Document;

use crate::deadline::within;
use crate::error::Error;
use crate::namespace::Namespace;
use crate::retry::retrying;

/// Counts; the answer is a double, little endian, as JavaScript reads it.
///
/// # Errors
/// The driver's or the server's.
pub async fn run(namespace: &Namespace) -> Result<Vec<u8>, Error> {
    let (location, limits) = (namespace.location(), namespace.pool().limits());
    let count = within(
        Some(limits.operation),
        retrying(limits.retry_reads, || async {
            let database = namespace.pool().database(&location.database).await?;
            let collection = database.collection::<Document>(&location.collection);
            let counted = collection.count_documents(namespace.live_filter()).await;
            counted.map_err(|error| namespace.pool().explain(error))
        }),
    )
    .await?;
    Ok((count as f64).to_le_bytes().to_vec())
}
