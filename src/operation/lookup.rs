//! `get`: finds stored documents by session id, one or many in one `find`.

use futures_util::StreamExt;
use mongodb::Collection;
use mongodb::bson::{Bson, Document, RawArray, RawDocument, RawDocumentBuf, doc};
use std::collections::HashMap;
use std::sync::Arc;

use super::{answer, may_be_one_statements_fault};
use crate::channel::{Ticket, together};
use crate::deadline::within;
use crate::error::Error;
use crate::namespace::Namespace;
use crate::queue::Job;
use crate::retry::retrying;

/// Answers every job with its document's bytes, or none.
///
/// # Errors
/// What kept the server from answering; every job was answered with it.
pub async fn run(namespace: &Namespace, mut jobs: Vec<Job<Ticket>>) -> Result<(), Error> {
    if jobs.len() > 1 {
        match find_many(namespace, &jobs).await {
            Ok(mut found) => {
                together(|| {
                    for job in jobs {
                        let stored = found.remove(&job.sid).unwrap_or_default();
                        answer(job.tickets, namespace.opened(&job.sid, stored));
                    }
                });
                return Ok(());
            }
            Err(Some(error)) if !may_be_one_statements_fault(&error) => {
                for job in jobs {
                    answer(job.tickets, Err(error.clone()));
                }
                return Err(error);
            }
            // Not to be told apart in one answer, or one of them spoils it for all: one by one.
            Err(_) => {}
        }
    }
    let mut result = Ok(());
    for job in jobs.drain(..) {
        let outcome = find_one(namespace, &job.sid).await;
        if let Err(error) = &outcome {
            result = Err(error.clone());
        }
        answer(job.tickets, outcome.and_then(|stored| namespace.opened(&job.sid, stored)));
    }
    result
}

async fn collection(namespace: &Namespace) -> Result<Collection<RawDocumentBuf>, Error> {
    let location = namespace.location();
    Ok(namespace.pool().database(&location.database).await?.collection(&location.collection))
}

/// Runs a read until it succeeds or its time is over.
async fn reading<T, F, Work>(namespace: &Namespace, attempt: F) -> Result<T, Error>
where
    F: FnMut() -> Work,
    Work: Future<Output = Result<T, Error>>,
{
    let limits = namespace.pool().limits();
    within(Some(limits.operation), retrying(limits.retry_reads, attempt)).await
}

async fn find_one(namespace: &Namespace, sid: &str) -> Result<Vec<u8>, Error> {
    let filter = doc! { &namespace.location().id_field: sid };
    reading(namespace, || async {
        namespace.stats().sent();
        let _place = namespace.pool().place().await?;
        let found = collection(namespace).await?.find_one(filter.clone()).await;
        let found = found.map_err(|error| namespace.pool().explain(error))?;
        let Some(found) = found else { return Ok(Vec::new()) };
        check(&found, &namespace.location().id_field, sid)?;
        namespace.observe_document(found.as_bytes().len());
        Ok(found.into_bytes())
    })
    .await
}

/// Refuses what is not the document that was asked for.
///
/// # Errors
/// When its id is another one, or none; nothing of the document is in it.
pub fn check(document: &RawDocument, id_field: &str, sid: &str) -> Result<(), Error> {
    if id_of(document, id_field) == Some(sid) {
        return Ok(());
    }
    // Who called adds the id that was asked for.
    Err(Error::new("MongoRuntimeError", "the server answered with a document that has another id"))
}

/// `Err(None)` when the documents do not map to the ids asked for.
async fn find_many(
    namespace: &Namespace,
    jobs: &[Job<Ticket>],
) -> Result<HashMap<Arc<str>, Vec<u8>>, Option<Error>> {
    let ids: Vec<Bson> = jobs.iter().map(|job| Bson::from(&*job.sid)).collect();
    let filter = doc! { &namespace.location().id_field: { "$in": ids } };
    let found = reading(namespace, || read_all(namespace, filter.clone(), jobs)).await;
    found.map_err(Some)?.ok_or(None)
}

async fn read_all(
    namespace: &Namespace,
    filter: Document,
    jobs: &[Job<Ticket>],
) -> Result<Option<HashMap<Arc<str>, Vec<u8>>>, Error> {
    namespace.stats().sent();
    let explain = |error| namespace.pool().explain(error);
    // One more than there can be, so that the server closes the cursor in the same answer.
    let size = u32::try_from(jobs.len() + 1).unwrap_or(u32::MAX);
    let _place = namespace.pool().place().await?;
    let collection = collection(namespace).await?;
    let mut batches = collection.find(filter).batch_size(size).batch().await.map_err(explain)?;
    let wanted: HashMap<&str, &Arc<str>> = jobs.iter().map(|job| (&*job.sid, &job.sid)).collect();
    let mut found = HashMap::with_capacity(jobs.len());
    while let Some(batch) = batches.next().await {
        let batch = batch.map_err(explain)?;
        let documents = batch.doc_slices().map_err(explain)?;
        if take(documents, &namespace.location().id_field, &wanted, &mut found).is_none() {
            return Ok(None);
        }
    }
    for document in found.values() {
        namespace.observe_document(document.len());
    }
    Ok(Some(found))
}

/// Adds a batch's documents to what was found; none when one has an id that was not asked for, or that
/// another one has.
pub fn take(
    documents: &RawArray,
    id_field: &str,
    wanted: &HashMap<&str, &Arc<str>>,
    found: &mut HashMap<Arc<str>, Vec<u8>>,
) -> Option<()> {
    for document in documents {
        let document = document.ok()?.as_document()?;
        let sid = *wanted.get(id_of(document, id_field)?)?;
        if found.insert(Arc::clone(sid), document.as_bytes().to_vec()).is_some() {
            return None;
        }
    }
    Some(())
}

/// The id in a stored document; `id_field` may be a path, as the server takes it.
fn id_of<'a>(mut document: &'a RawDocument, id_field: &str) -> Option<&'a str> {
    let mut name = id_field;
    while let Some((outer, inner)) = name.split_once('.') {
        document = document.get(outer).ok()??.as_document()?;
        name = inner;
    }
    document.get(name).ok()??.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(document: &Document) -> RawDocumentBuf {
        RawDocumentBuf::try_from(document).expect("valid")
    }

    #[test]
    fn a_document_is_its_ids_and_nobody_elses() {
        let document = raw(&doc! { "_id": "ada", "sid": "x", "session": { "secret": "of ada" } });
        assert!(check(&document, "_id", "ada").is_ok());
        assert!(check(&document, "sid", "x").is_ok());
        for (id_field, sid) in
            [("_id", "Ada"), ("_id", ""), ("sid", "ada"), ("none", "ada"), ("session", "ada")]
        {
            let error = check(&document, id_field, sid).expect_err(sid);
            assert_eq!(error.message, "the server answered with a document that has another id");
            assert!(!error.retryable);
        }
    }

    #[test]
    fn an_id_that_is_no_string_is_nobodys() {
        let ids = [Bson::Null, 1.into(), Bson::Array(vec!["1".into()]), doc! { "$eq": "1" }.into()];
        for id in ids {
            assert!(check(&raw(&doc! { "_id": id.clone() }), "_id", "1").is_err(), "{id}");
        }
    }

    #[test]
    fn an_id_may_be_in_a_document_within() {
        let document = raw(&doc! { "key": { "sid": "ada", "more": [1] } });
        assert!(check(&document, "key.sid", "ada").is_ok());
        for id_field in ["key", "key.sid.x", "key.", ".sid", "key.more.0"] {
            assert!(check(&document, id_field, "ada").is_err(), "{id_field}");
        }
    }

    #[test]
    fn a_batch_is_taken_only_if_every_document_was_asked_for_once() {
        let names: [Arc<str>; 2] = ["ada".into(), "bob".into()];
        let wanted: HashMap<&str, &Arc<str>> = names.iter().map(|name| (&**name, name)).collect();
        let taken = |ids: &[&str]| {
            let batch: Vec<Bson> = ids.iter().map(|id| doc! { "_id": *id, "n": 1 }.into()).collect();
            let reply = raw(&doc! { "batch": batch });
            let mut found = HashMap::new();
            take(reply.get_array("batch").expect("there"), "_id", &wanted, &mut found)?;
            Some(found.len())
        };
        assert_eq!(taken(&[]), Some(0));
        assert_eq!(taken(&["bob", "ada"]), Some(2));
        assert_eq!(taken(&["bob", "eve"]), None);
        assert_eq!(taken(&["bob", "bob"]), None);
    }
}
