//! The indexes a store needs: expiry, the session id where it is not `_id`, and the user where sessions have one.

use mongodb::Database;
use mongodb::bson::{Bson, Document, RawDocumentBuf, doc};

use crate::availability;
use crate::document::Writer;
use crate::error::{Error, whole};
use crate::pool::leased::Leased;
use crate::retry::retrying;
use crate::session_op::Kind;
use crate::store::Store;

/// An index of the same name or key is there with other options.
const CONFLICTS: [i32; 2] = [85, 86];
/// There is no such index (any more).
const INDEX_NOT_FOUND: i32 = 27;

/// Makes sure that expired sessions are removed, and that ids are found without a scan.
///
/// An index on the expiry that differs in `expireAfterSeconds` only, or has none, is made one that expires.
/// The index on a custom id field is unique unless the collection already holds duplicates.
///
/// # Errors
/// What the server says to the index it refused.
pub async fn ensure(store: &Store, expire_after_seconds: f64) -> Result<Vec<u8>, Error> {
    let limits = store.pool().limits();
    store
        .within(retrying(limits.retry, || async {
            let database = store.pool().database(&store.config().database).await?;
            let indexes = Indexes { store, database };
            // NaN: the store removes what has expired, or nobody does.
            if !expire_after_seconds.is_nan() {
                indexes.expiry(seconds(expire_after_seconds)).await?;
            }
            indexes.id().await?;
            indexes.user().await
        }))
        .await?;
    Ok(Vec::new())
}

/// Between tries while servers come and go.
const AGAIN: std::time::Duration = std::time::Duration::from_millis(500);

/// The same once a server is there: none was when the store was opened.
///
/// # Errors
/// What the server says to the index it refused; or that the client was closed.
pub async fn ensure_later(store: &Store, expire_after_seconds: f64) -> Result<Vec<u8>, Error> {
    loop {
        availability::server_for(store.pool().availability().subscribe(), Kind::Update).await?;
        match ensure(store, expire_after_seconds).await {
            // The server is gone again.
            Err(error) if error.is_absence() => tokio::time::sleep(AGAIN).await,
            result => return result,
        }
    }
}

/// A whole number travels as the integer that the Node driver would send.
fn seconds(value: f64) -> Bson {
    if value.fract() == 0.0 && value.abs() <= f64::from(i32::MAX) {
        Bson::Int32(value as i32)
    } else {
        Bson::Double(value)
    }
}

/// What the Node driver names an index on this key.
fn index_name(key: &str) -> String {
    format!("{key}_1")
}

/// Whether an index is on exactly this one key, ascending.
fn is_on(index: &Document, key: &str) -> bool {
    index.get_document("key").is_ok_and(|keys| keys.len() == 1 && whole(keys, key) == Some(1))
}

/// Whether an index is on this key and has no other properties than these.
fn has_only(index: &Document, key: &str, known: &[&str]) -> bool {
    is_on(index, key) && index.keys().all(|name| known.contains(&name.as_str()))
}

/// Whether an index would remove the same sessions as the one that this store makes: a sparse one would, because
/// documents without a date never expire; one that leaves out documents by a filter would not.
fn expires_alike(index: &Document, key: &str) -> bool {
    has_only(index, key, &["v", "key", "name", "ns", "background", "expireAfterSeconds", "sparse"])
}

/// Whether an index is the one that this store makes, by name and definition, but for its expiry.
fn is_ours_without_expiry(index: &Document, key: &str) -> bool {
    has_only(index, key, &["v", "key", "name", "ns", "background"])
        && index.get_str("name").is_ok_and(|name| name == index_name(key))
}

/// The server's refusal, with what to do by hand about the index that is in the way.
fn with_advice(refusal: Error, collection: &str, key: &str, index: &Document, seconds: &Bson) -> Error {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let name = quoted(index.get_str("name").unwrap_or_default());
    let sessions = format!("db.getCollection({})", quoted(collection));
    let message = format!(
        "{}. The index {name} is in the way of the one that removes expired sessions. Run in mongosh: \
         {sessions}.dropIndex({name}); {sessions}.createIndex({{ {}: 1 }}, {{ expireAfterSeconds: {seconds} }}) \
         (or give the store the option autoRemove: 'interval')",
        refusal.message.trim_end_matches('.'),
        quoted(key),
    );
    let reply = refusal.reply.as_ref().and_then(|raw| Document::try_from(raw.as_ref()).ok());
    let reply = reply.and_then(|mut reply| {
        reply.insert("errmsg", &message);
        RawDocumentBuf::try_from(&reply).ok()
    });
    Error { message, reply, ..refusal }
}

struct Indexes<'a> {
    store: &'a Store,
    database: Leased<Database>,
}

impl Indexes<'_> {
    async fn run(&self, command: Document) -> Result<Document, Error> {
        let reply = self.database.run_command(command).await;
        reply.map_err(|error| self.store.pool().explain(error))
    }

    async fn create(&self, key: &str, options: Document) -> Result<(), Error> {
        let mut index = doc! { "name": index_name(key), "key": { key: 1 } };
        index.extend(options);
        let mut command = doc! { "createIndexes": &self.store.config().collection, "indexes": [index] };
        let mut concern = Writer::with_capacity(64);
        self.store.append_write_concern(&mut concern);
        command.extend(Document::try_from(concern.finish()?.as_ref()).unwrap_or_default());
        let reply = self.run(command).await?;
        match reply.get_document("writeConcernError") {
            Ok(entry) => Err(Error::from_write_concern_error(entry, &reply)),
            Err(_) => Ok(()),
        }
    }

    async fn expiry(&self, seconds: Bson) -> Result<(), Error> {
        let key = &self.store.config().expires_key;
        let created = self.create(key, doc! { "expireAfterSeconds": seconds.clone() }).await;
        let Err(refusal) = created else { return Ok(()) };
        if !refusal.code.is_some_and(|code| CONFLICTS.contains(&code)) {
            return Err(refusal);
        }
        let Some(other) = self.in_the_way(key).await? else { return Err(refusal) };
        match self.make_expire(key, &other, &seconds).await {
            Err(error) if error.retryable => Err(error),
            Err(_) => Err(with_advice(refusal, &self.store.config().collection, key, &other, &seconds)),
            Ok(()) => Ok(()),
        }
    }

    /// Makes the index that is in the way one that removes sessions after `seconds`: changed in place where
    /// the server can (an index without `expireAfterSeconds` from 5.1 on), else made anew, but only if it is
    /// the index that this store would make, without its expiry.
    async fn make_expire(&self, key: &str, other: &Document, seconds: &Bson) -> Result<(), Error> {
        if !expires_alike(other, key) {
            return Err(Error::internal("differs in more than its expiry"));
        }
        let name = other.get_str("name").unwrap_or_default();
        let collection = &self.store.config().collection;
        let index = doc! { "name": name, "expireAfterSeconds": seconds.clone() };
        let Err(refusal) = self.run(doc! { "collMod": collection, "index": index }).await else {
            return Ok(());
        };
        if refusal.retryable || !is_ours_without_expiry(other, key) {
            return Err(refusal);
        }
        match self.run(doc! { "dropIndexes": collection, "index": name }).await {
            // Another server of the fleet does the same at this moment.
            Err(error) if error.code == Some(INDEX_NOT_FOUND) => {}
            other => drop(other?),
        }
        self.create(key, doc! { "expireAfterSeconds": seconds.clone() }).await
    }

    /// The index because of which the expiry index is refused: one on this key alone, or one of its name.
    async fn in_the_way(&self, key: &str) -> Result<Option<Document>, Error> {
        let indexes = self.list().await?;
        let on_key = indexes.iter().find(|index| is_on(index, key));
        let named =
            indexes.iter().find(|index| index.get_str("name").is_ok_and(|name| name == index_name(key)));
        Ok(on_key.or(named).cloned())
    }

    /// The indexes of the collection: a server has at most 64, which fit into a first batch.
    async fn list(&self) -> Result<Vec<Document>, Error> {
        let collection = &self.store.config().collection;
        let reply = self.run(doc! { "listIndexes": collection }).await?;
        let batch = reply.get_document("cursor").and_then(|cursor| cursor.get_array("firstBatch"));
        let indexes = batch.map(Vec::as_slice).unwrap_or_default();
        Ok(indexes.iter().filter_map(Bson::as_document).cloned().collect())
    }

    async fn id(&self) -> Result<(), Error> {
        let key = &self.store.config().id_field;
        if key == "_id" {
            return Ok(());
        }
        match self.create(key, doc! { "unique": true }).await {
            Ok(()) => {
                self.store.set_unique();
                Ok(())
            }
            Err(error) if error.retryable => Err(error),
            Err(error) if error.code.is_some_and(|code| CONFLICTS.contains(&code)) => {
                let unique =
                    |index: &Document| is_on(index, key) && index.get_bool("unique").unwrap_or(false);
                if self.list().await?.iter().any(unique) {
                    self.store.set_unique();
                }
                Ok(())
            }
            // Duplicates are there already, or this service has no unique indexes (Azure Cosmos on
            // a collection with data): an index that only speeds up is what remains.
            Err(_) => self.create(key, Document::new()).await,
        }
    }

    /// Sparse: sessions of nobody, which are most where there are many, take no room in it.
    async fn user(&self) -> Result<(), Error> {
        let Some(key) = &self.store.config().user_field else { return Ok(()) };
        match self.create(key, doc! { "sparse": true }).await {
            // Any index on the user finds the user's sessions.
            Err(refusal) if refusal.code.is_some_and(|code| CONFLICTS.contains(&code)) => {
                if self.list().await?.iter().any(|index| is_on(index, key)) { Ok(()) } else { Err(refusal) }
            }
            result => result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn whole_seconds_travel_as_integers() {
        assert_eq!(seconds(1_209_600.0), Bson::Int32(1_209_600));
        assert_eq!(seconds(0.5), Bson::Double(0.5));
        assert_eq!(seconds(1e12), Bson::Double(1e12));
    }

    fn index(more: Document) -> Document {
        let mut index = doc! { "v": 2, "key": { "expires": 1 }, "name": "by_hand" };
        index.extend(more);
        index
    }

    #[test]
    fn an_index_that_leaves_no_session_out_expires_alike() {
        let alike = |more| expires_alike(&index(more), "expires");
        assert!(alike(doc! {}));
        assert!(alike(doc! { "key": { "expires": 1.0 }, "sparse": true, "expireAfterSeconds": 60 }));
        assert!(!alike(doc! { "partialFilterExpression": { "session": { "$exists": true } } }));
        assert!(!alike(doc! { "unique": true }));
        assert!(!alike(doc! { "key": { "expires": -1 } }));
        assert!(!alike(doc! { "key": { "expires": 1, "_id": 1 } }));
        assert!(!alike(doc! { "key": { "other": 1 } }));
    }

    #[test]
    fn only_the_index_that_this_store_makes_is_dropped() {
        let ours = |more| is_ours_without_expiry(&index(more), "expires");
        assert!(ours(doc! { "name": "expires_1" }));
        assert!(!ours(doc! {}));
        assert!(!ours(doc! { "name": "expires_1", "sparse": true }));
        assert!(!ours(doc! { "name": "expires_1", "expireAfterSeconds": 60 }));
        assert!(!ours(doc! { "name": "expires_1", "key": { "other": 1 } }));
    }

    #[test]
    fn a_refusal_keeps_its_code_and_names_the_commands_to_run() {
        let mut refusal = Error::new(ErrorKind::Server, "An equivalent index already exists.");
        refusal.code = Some(85);
        refusal.reply =
            RawDocumentBuf::try_from(&doc! { "ok": 0, "code": 85, "errmsg": "An equivalent" }).ok();
        let named = doc! { "name": "by \"hand\"" };
        let error = with_advice(refusal, "my.sessions", "expires", &named, &Bson::Int32(0));
        assert_eq!(error.code, Some(85));
        assert!(
            error.message.starts_with("An equivalent index already exists. The index"),
            "{}",
            error.message
        );
        let commands = r#"db.getCollection("my.sessions").dropIndex("by \"hand\""); db.getCollection("my.sessions").createIndex({ "expires": 1 }, { expireAfterSeconds: 0 })"#;
        assert!(error.message.contains(commands), "{}", error.message);
        let reply = Document::try_from(error.reply.expect("there").as_ref()).expect("valid");
        assert_eq!(reply.get_str("errmsg").expect("there"), error.message);
    }
}
