//! `get`: finds stored documents by session id, one or many in one `find`.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::StreamExt;
use mongodb::bson::{Bson, RawArray, RawDocument, RawDocumentBuf, doc};

use super::may_be_one_statements_fault;
use crate::delivery::{Delivery, Slot};
use crate::error::{Error, ErrorKind};
use crate::queue::Job;
use crate::reply::{Reply, answer, together};
use crate::session_op::Kind;
use crate::store::Store;

/// A document for each of the ids that were asked for, in their order; empty where there is none.
type Found = Vec<Vec<u8>>;

/// Answers every job with its document's bytes, or none.
///
/// # Errors
/// What kept the server from answering; whoever still waited was answered with it.
pub async fn run(store: &Arc<Store>, slot: &mut dyn Slot, mut jobs: Vec<Job<Reply>>) -> Result<(), Error> {
    if jobs.len() > 1 {
        match find_many(store, slot, &mut jobs).await {
            Ok(Some(found)) => {
                together(|| {
                    for (job, stored) in jobs.into_iter().zip(found) {
                        answer(job.replies, store.opened(&job.sid, stored));
                    }
                });
                return Ok(());
            }
            Err(error) if !may_be_one_statements_fault(&error) => {
                for job in jobs {
                    answer(job.replies, Err(error.clone()));
                }
                return Err(error);
            }
            // The documents do not map to the ids, or the server refuses one of them: each is asked for alone, so
            // that only that session's callers get an error.
            Ok(None) | Err(_) => {}
        }
    }
    let mut result = Ok(());
    for mut job in jobs {
        let outcome = find_one(store, slot, &mut job).await;
        if let Err(error) = &outcome {
            result = Err(error.clone());
        }
        answer(job.replies, outcome.and_then(|stored| store.opened(&job.sid, stored)));
    }
    result
}

async fn find_one(store: &Arc<Store>, slot: &mut dyn Slot, job: &mut Job<Reply>) -> Result<Vec<u8>, Error> {
    let sid = Arc::clone(&job.sid);
    let delivery = Delivery::new(store, slot, Kind::Lookup, std::slice::from_mut(job));
    let sent = delivery.deliver(|| {
        let (store, sid) = (Arc::clone(store), Arc::clone(&sid));
        Box::pin(async move {
            let filter = doc! { &store.config().id_field: &*sid };
            let _place = store.pool().place().await?;
            let collection = store.collection::<RawDocumentBuf>().await?;
            let finding =
                async { collection.find_one(filter).await.map_err(|error| store.pool().explain(error)) };
            let found = collection.while_there(finding).await?;
            let Some(found) = found else { return Ok(Vec::new()) };
            check(&found, &store.config().id_field, &sid)?;
            store.observe_document(found.as_bytes().len());
            Ok(found.into_bytes())
        })
    });
    sent.await.map_err(|undelivered| undelivered.error)
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
    Err(Error::new(ErrorKind::Runtime, "the server answered with a document that has another id"))
}

/// None when the documents do not map to the ids that were asked for.
async fn find_many(
    store: &Arc<Store>,
    slot: &mut dyn Slot,
    jobs: &mut [Job<Reply>],
) -> Result<Option<Found>, Error> {
    let sids: Arc<[Arc<str>]> = jobs.iter().map(|job| Arc::clone(&job.sid)).collect();
    let delivery = Delivery::new(store, slot, Kind::Lookup, jobs);
    let sent = delivery.deliver(|| {
        let (store, sids) = (Arc::clone(store), Arc::clone(&sids));
        Box::pin(async move { read_all(&store, &sids).await })
    });
    sent.await.map_err(|undelivered| undelivered.error)
}

async fn read_all(store: &Store, sids: &[Arc<str>]) -> Result<Option<Found>, Error> {
    let explain = |error| store.pool().explain(error);
    let ids: Vec<Bson> = sids.iter().map(|sid| Bson::from(&**sid)).collect();
    let filter = doc! { &store.config().id_field: { "$in": ids } };
    // One more than there can be, so that the server closes the cursor in the same answer.
    let size = u32::try_from(sids.len() + 1).unwrap_or(u32::MAX);
    let _place = store.pool().place().await?;
    let collection = store.collection::<RawDocumentBuf>().await?;
    let finding = async { collection.find(filter).batch_size(size).batch().await.map_err(explain) };
    let mut batches = collection.while_there(finding).await?;
    let places = places_of(sids);
    let mut found = vec![Vec::new(); sids.len()];
    while let Some(batch) = batches.next().await {
        let batch = batch.map_err(explain)?;
        let documents = batch.doc_slices().map_err(explain)?;
        if take(documents, &store.config().id_field, &places, &mut found).is_none() {
            return Ok(None);
        }
    }
    for document in found.iter().filter(|document| !document.is_empty()) {
        store.observe_document(document.len());
    }
    Ok(Some(found))
}

/// Where each id stands in the list.
pub fn places_of(sids: &[Arc<str>]) -> HashMap<&str, usize> {
    sids.iter().enumerate().map(|(place, sid)| (&**sid, place)).collect()
}

/// Adds a batch's documents to what was found, each at its id's place; none when one has an id that was not asked for,
/// or that another one has.
pub fn take(
    documents: &RawArray,
    id_field: &str,
    places: &HashMap<&str, usize>,
    found: &mut [Vec<u8>],
) -> Option<()> {
    for document in documents {
        let document = document.ok()?.as_document()?;
        let at = found.get_mut(*places.get(id_of(document, id_field)?)?)?;
        if !at.is_empty() {
            return None;
        }
        *at = document.as_bytes().to_vec();
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
    use mongodb::bson::Document;

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
        let places = places_of(&names);
        let taken = |ids: &[&str]| {
            let batch: Vec<Bson> = ids.iter().map(|id| doc! { "_id": *id, "n": 1 }.into()).collect();
            let reply = raw(&doc! { "batch": batch });
            let mut found = vec![Vec::new(); names.len()];
            take(reply.get_array("batch").expect("there"), "_id", &places, &mut found)?;
            Some(found.iter().map(|one| !one.is_empty()).collect::<Vec<_>>())
        };
        assert_eq!(taken(&[]), Some(vec![false, false]));
        assert_eq!(taken(&["bob"]), Some(vec![false, true]));
        assert_eq!(taken(&["bob", "ada"]), Some(vec![true, true]));
        assert_eq!(taken(&["bob", "eve"]), None);
        assert_eq!(taken(&["bob", "bob"]), None);
    }
}
