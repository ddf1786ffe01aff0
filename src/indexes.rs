//! The indexes a store needs: expiry, and the session id where it is not `_id`.

use mongodb::Database;
use mongodb::bson::{Bson, Document, doc};

use crate::deadline::within;
use crate::document::Writer;
use crate::error::Error;
use crate::namespace::Namespace;
use crate::retry::retrying;

/// An index of the same name or key is there with other options.
const CONFLICTS: [i32; 2] = [85, 86];

/// Makes sure that expired sessions are removed, and that ids are found without a scan.
///
/// An expiry index that differs in `expireAfterSeconds` only is changed in place. The index on a
/// custom id field is unique unless the collection already holds duplicates.
///
/// # Errors
/// What the server says to the index it refused.
pub async fn ensure(namespace: &Namespace, expire_after_seconds: f64) -> Result<Vec<u8>, Error> {
    let limits = namespace.pool().limits();
    within(
        Some(limits.operation),
        retrying(limits.retry, || async {
            let database = namespace.pool().database(&namespace.location().database).await?;
            let indexes = Indexes { namespace, database };
            // NaN: the store removes what has expired, or nobody does.
            if !expire_after_seconds.is_nan() {
                indexes.expiry(seconds(expire_after_seconds)).await?;
            }
            indexes.id().await
        }),
    )
    .await?;
    Ok(Vec::new())
}

/// A whole number travels as the integer that the Node driver would send.
fn seconds(value: f64) -> Bson {
    if value.fract() == 0.0 && value.abs() <= f64::from(i32::MAX) {
        Bson::Int32(value as i32)
    } else {
        Bson::Double(value)
    }
}

struct Indexes<'a> {
    namespace: &'a Namespace,
    database: Database,
}

impl Indexes<'_> {
    async fn run(&self, command: Document) -> Result<Document, Error> {
        let reply = self.database.run_command(command).await;
        reply.map_err(|error| self.namespace.pool().explain(error))
    }

    async fn create(&self, key: &str, options: Document) -> Result<(), Error> {
        let mut index = doc! { "name": format!("{key}_1"), "key": { key: 1 } };
        index.extend(options);
        let mut command = doc! { "createIndexes": &self.namespace.location().collection, "indexes": [index] };
        let mut concern = Writer::with_capacity(64);
        self.namespace.append_write_concern(&mut concern);
        command.extend(Document::try_from(concern.finish()?.as_ref()).unwrap_or_default());
        let reply = self.run(command).await?;
        match reply.get_document("writeConcernError") {
            Ok(entry) => Err(Error::from_write_concern_error(entry, &reply)),
            Err(_) => Ok(()),
        }
    }

    async fn expiry(&self, seconds: Bson) -> Result<(), Error> {
        let key = &self.namespace.location().expires_key;
        let created = self.create(key, doc! { "expireAfterSeconds": seconds.clone() }).await;
        let Err(refusal) = created else { return Ok(()) };
        if !refusal.code.is_some_and(|code| CONFLICTS.contains(&code)) {
            return Err(refusal);
        }
        self.change_expiry(key, seconds).await.map_err(|_| refusal)
    }

    /// Changes `expireAfterSeconds` of the index on `key` if nothing else about it differs.
    async fn change_expiry(&self, key: &str, seconds: Bson) -> Result<(), Error> {
        let other = self.find(key).await?.ok_or_else(|| Error::internal("no such index"))?;
        let known = ["v", "key", "name", "ns", "background", "expireAfterSeconds"];
        if !other.contains_key("expireAfterSeconds")
            || other.keys().any(|name| !known.contains(&name.as_str()))
        {
            return Err(Error::internal("differs in more than its expiry"));
        }
        let name = other.get_str("name").unwrap_or_default();
        let collection = &self.namespace.location().collection;
        self.run(doc! { "collMod": collection, "index": { "name": name, "expireAfterSeconds": seconds } })
            .await
            .map(drop)
    }

    /// The index on exactly this one key.
    async fn find(&self, key: &str) -> Result<Option<Document>, Error> {
        let collection = &self.namespace.location().collection;
        let reply = self.run(doc! { "listIndexes": collection }).await?;
        let batch = reply.get_document("cursor").and_then(|cursor| cursor.get_array("firstBatch"));
        let indexes = batch.map(Vec::as_slice).unwrap_or_default();
        let matches = |index: &&Document| {
            index.get_document("key").is_ok_and(|keys| keys.len() == 1 && keys.contains_key(key))
        };
        Ok(indexes.iter().filter_map(Bson::as_document).find(matches).cloned())
    }

    async fn id(&self) -> Result<(), Error> {
        let key = &self.namespace.location().id_field;
        if key == "_id" {
            return Ok(());
        }
        match self.create(key, doc! { "unique": true }).await {
            Ok(()) => {
                self.namespace.set_unique();
                Ok(())
            }
            Err(error) if error.retryable => Err(error),
            Err(error) if error.code.is_some_and(|code| CONFLICTS.contains(&code)) => {
                let unique =
                    self.find(key).await?.is_some_and(|index| index.get_bool("unique").unwrap_or(false));
                if unique {
                    self.namespace.set_unique();
                }
                Ok(())
            }
            // Duplicates are there already, or this service has no unique indexes (Azure Cosmos on
            // a collection with data): an index that only speeds up is what remains.
            Err(_) => self.create(key, Document::new()).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_seconds_travel_as_integers() {
        assert_eq!(seconds(1_209_600.0), Bson::Int32(1_209_600));
        assert_eq!(seconds(0.5), Bson::Double(0.5));
        assert_eq!(seconds(1e12), Bson::Double(1e12));
    }
}
