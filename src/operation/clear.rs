//! `clear`: deletes every document of a store's collection.

use crate::deadline::within;
use crate::document::Writer;
use crate::error::Error;
use crate::namespace::Namespace;
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
        if let Some(entry) = reply.get_array("writeErrors").ok().and_then(|list| list.first()?.as_document())
        {
            return Err(Error::from_write_error(entry));
        }
        match reply.get_document("writeConcernError") {
            Ok(entry) => Err(Error::from_write_concern_error(entry, &reply)),
            Err(_) => Ok(Vec::new()),
        }
    });
    within(Some(limits.operation), clearing).await
}
