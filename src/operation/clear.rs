//! `clear`: deletes every document of a store's collection.

use crate::deadline::within;
use crate::document::Writer;
use crate::error::Error;
use crate::namespace::Namespace;
use crate::operation::write;
use crate::retry::retrying;

/// Deletes everything.
///
/// # Errors
/// The driver's or the server's.
pub async fn run(namespace: &Namespace) -> Result<Vec<u8>, Error> {
    let mut writer = Writer::with_capacity(128);
    writer.string("delete", &namespace.location().collection);
    namespace.append_write_concern(&mut writer);
    writer.array("deletes").document("0").document("q").end().int32("limit", 0).end().end();
    let command = writer.finish()?;
    let limits = namespace.pool().limits();
    let clearing = retrying(limits.retry, || async {
        let reply = namespace.run(command.clone()).await?;
        let failure = write::read(&reply, 1)?.failures.remove(&0);
        failure.map_or(Ok(Vec::new()), Err)
    });
    within(Some(limits.operation), clearing).await
}
