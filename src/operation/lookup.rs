//! `get`: finds stored documents by session id, one or many in one `find`.

use futures_util::StreamExt;
use mongodb::Collection;
use mongodb::bson::{Bson, Document, RawDocument, RawDocumentBuf, doc};
use std::collections::HashMap;
use std::sync::Arc;

use super::{answer, may_be_one_statements_fault};
use crate::channel::Ticket;
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
                for job in jobs {
                    let stored = found.remove(&job.sid).unwrap_or_default();
                    answer(job.tickets, namespace.opened(&job.sid, stored));
                }
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
        let bytes = found.map(RawDocumentBuf::into_bytes).unwrap_or_default();
        namespace.observe_document(bytes.len());
        Ok(bytes)
    })
    .await
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
        for document in batch.doc_slices().map_err(explain)? {
            let document = document.ok().and_then(|value| value.as_document());
            let Some((sid, document)) = document.and_then(|document| {
                Some((*wanted.get(id_of(document, &namespace.location().id_field)?)?, document))
            }) else {
                return Ok(None);
            };
            namespace.observe_document(document.as_bytes().len());
            if found.insert(Arc::clone(sid), document.as_bytes().to_vec()).is_some() {
                return Ok(None);
            }
        }
    }
    Ok(Some(found))
}

fn id_of<'a>(document: &'a RawDocument, id_field: &str) -> Option<&'a str> {
    document.get(id_field).ok()??.as_str()
}
