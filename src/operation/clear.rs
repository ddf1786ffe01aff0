//! `clear`: deletes every document of a store's collection.

use crate::document::Writer;
use crate::error::Error;
use crate::operation::write_reply;
use crate::retry::retrying;
use crate::store::Store;

/// Deletes everything.
///
/// # Errors
/// The driver's or the server's.
pub async fn run(store: &Store) -> Result<Vec<u8>, Error> {
    let mut writer = Writer::with_capacity(128);
    writer.string("delete", &store.config().collection);
    store.append_write_concern(&mut writer);
    writer.array("deletes").document("0").document("q").end().int32("limit", 0).end().end();
    let command = writer.finish()?;
    let limits = store.pool().limits();
    let clearing = retrying(limits.retry, || async {
        let reply = store.run(command.clone()).await?;
        let failure = write_reply::read(&reply, 1)?.failures.remove(&0);
        failure.map_or(Ok(Vec::new()), Err)
    });
    store.within(clearing).await
}
