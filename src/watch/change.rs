//! Reads the events of a change stream: which session was changed, and how.
//!
//! The pipeline has the server leave out what sessions hold: names of fields, ids and dates are all that travels.
//!
//! **Which session.** An event names a document by its `_id`. Where that is the session's id, all is known. Where it is
//! not (`idField`), the id stands in the document: in the inserted one, in the pre-image where the server has one, and
//! in the memory of those.
//!
//! **Destroyed or expired.** An event does not say who deleted a document. A session that was deleted after its date has
//! expired, whoever deleted it; one that was deleted before, or whose date is not known, was destroyed. The date is
//! that of the pre-image, else the last one that this stream has seen: every insert, save and touch of every process
//! names it.

use mongodb::bson::{Bson, Document, RawBson, RawBsonRef, RawDocument, Timestamp, doc};

use super::memory::Memory;
use crate::document::Writer;
use crate::store_config::{ENDS_AT, UPDATED_AT};

/// Sessions whose last date, or id, is remembered: a few megabytes.
const REMEMBERED: usize = 100_000;

/// What happened to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// There was none before.
    Created,
    /// What it holds was changed.
    Updated,
    /// Its expiry was moved, and nothing else.
    Touched,
    /// It was deleted.
    Destroyed,
    /// It was deleted after its date.
    Expired,
}

impl What {
    /// The event that listeners hear of it; none of what they do not hear.
    pub fn event(self) -> Option<&'static str> {
        match self {
            Self::Created => Some("create"),
            Self::Updated => Some("update"),
            Self::Touched => None,
            Self::Destroyed => Some("destroy"),
            Self::Expired => Some("expire"),
        }
    }

    /// Whether the session is gone.
    pub fn deletes(self) -> bool {
        match self {
            Self::Created | Self::Updated | Self::Touched => false,
            Self::Destroyed | Self::Expired => true,
        }
    }
}

/// One change of one session.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What happened.
    pub what: What,
    /// The id that the session is stored under, where it is known.
    pub id: Option<String>,
    /// The document's `_id`.
    pub key: Option<RawBson>,
    /// The expiry that was written, in ms since 1970, where one was.
    pub expires: Option<i64>,
}

impl Change {
    /// Writes what JavaScript is to know.
    pub fn write(&self, writer: &mut Writer) {
        writer.string("event", self.what.event().unwrap_or_default());
        if let Some(id) = &self.id {
            writer.string("id", id);
        }
        match &self.key {
            None => {}
            Some(RawBson::String(key)) => drop(writer.string("key", key)),
            Some(key) => {
                let mut wrapped = mongodb::bson::RawDocumentBuf::new();
                wrapped.append(mongodb::bson::raw::cstr!("key"), key.clone());
                writer.elements(&wrapped);
            }
        }
    }
}

/// What an event is.
#[derive(Debug)]
pub enum Event {
    /// A session was changed, at this time of the cluster.
    Change(Change, Option<Timestamp>),
    /// The collection is gone, and this stream with it.
    Invalidated,
    /// Nothing that is about a session.
    Other,
}

/// Reads events, and remembers what later ones do not say.
#[derive(Debug)]
pub struct Reader {
    id_field: String,
    expires_key: String,
    dates: Memory<i64>,
    ids: Memory<String>,
}

impl Reader {
    /// For documents with the session id in `id_field` and the expiry in `expires_key`.
    pub fn new(id_field: &str, expires_key: &str) -> Self {
        Self {
            id_field: id_field.to_owned(),
            expires_key: expires_key.to_owned(),
            dates: Memory::new(REMEMBERED),
            ids: Memory::new(REMEMBERED),
        }
    }

    /// The stages that leave of each event what is read here.
    pub fn pipeline(&self) -> Vec<Document> {
        let updated = doc! { "$objectToArray": "$updateDescription.updatedFields" };
        let mut wanted = doc! {
            "operationType": 1, "clusterTime": 1, "wallTime": 1, "documentKey": 1,
            "updateDescription.removedFields": 1,
            "updateDescription.truncatedArrays": 1,
            "updated": { "$map": { "input": updated.clone(), "in": "$$this.k" } },
            "dated": { "$filter": {
                "input": updated, "cond": { "$eq": ["$$this.k", { "$literal": &self.expires_key }] },
            } },
        };
        for document in ["fullDocument", "fullDocumentBeforeChange"] {
            for field in self.fields() {
                wanted.insert(format!("{document}.{field}"), 1);
            }
        }
        vec![doc! { "$project": wanted }]
    }

    /// The paths of the id and the date. The server refuses a path and one within it: the outer one has both.
    fn fields(&self) -> Vec<&str> {
        let (id, date) = (self.id_field.as_str(), self.expires_key.as_str());
        if is_within(date, id) {
            vec![id]
        } else if is_within(id, date) {
            vec![date]
        } else {
            vec![id, date]
        }
    }

    /// Reads one event.
    pub fn read(&mut self, event: &RawDocument) -> Event {
        let Ok(operation) = event.get_str("operationType") else { return Event::Other };
        let time = match event.get("clusterTime") {
            Ok(Some(RawBsonRef::Timestamp(time))) => Some(time),
            _ => None,
        };
        let what = match operation {
            "insert" => What::Created,
            "replace" => What::Updated,
            "update" if self.only_touches(event) => What::Touched,
            "update" => What::Updated,
            "delete" => What::Destroyed,
            "invalidate" => return Event::Invalidated,
            _ => return Event::Other,
        };
        let Ok(document_key) = event.get_document("documentKey") else { return Event::Other };
        let (after, before) =
            (event.get_document("fullDocument").ok(), event.get_document("fullDocumentBeforeChange").ok());
        let key = document_key.get("_id").ok().flatten().map(RawBson::from);
        let known_by = document_key.as_bytes();
        let mut change = Change { what, id: self.id(document_key, after, before), key, expires: None };
        if what.deletes() {
            let expired = before
                .and_then(|before| date(before, &self.expires_key))
                .or_else(|| self.dates.take(known_by));
            let _ = self.dates.take(known_by);
            let _ = self.ids.take(known_by);
            if expired.zip(happened(event, time)).is_some_and(|(expired, happened)| expired <= happened) {
                change.what = What::Expired;
            }
        } else {
            let written = after.and_then(|after| date(after, &self.expires_key)).or_else(|| dated(event));
            change.expires = written;
            if let Some(expires) = written {
                self.dates.put(known_by, expires);
            }
        }
        Event::Change(change, time)
    }

    fn id(
        &mut self,
        key: &RawDocument,
        after: Option<&RawDocument>,
        before: Option<&RawDocument>,
    ) -> Option<String> {
        if self.id_field == "_id" {
            return text(key, "_id");
        }
        let told = [after, before].into_iter().flatten().find_map(|document| text(document, &self.id_field));
        match told {
            Some(id) => {
                self.ids.put(key.as_bytes(), id.clone());
                Some(id)
            }
            None => self.ids.get(key.as_bytes()).cloned(),
        }
    }

    /// Whether an update changed nothing but when the session ends: its date, its cookie, and what stands beside it.
    fn only_touches(&self, event: &RawDocument) -> bool {
        let cut = ["removedFields", "truncatedArrays"].into_iter().any(|list| {
            let description = event.get_document("updateDescription").ok();
            let list = description.and_then(|description| description.get_array(list).ok());
            list.is_some_and(|list| !list.is_empty())
        });
        let Ok(updated) = event.get_array("updated") else { return false };
        let mut names = updated.into_iter().map(|name| name.ok().and_then(|name| name.as_str()));
        !cut && names.all(|name| {
            name.is_some_and(|name| {
                name == self.expires_key
                    || BESIDE.contains(&name)
                    || COOKIES.iter().any(|cookie| is_within(name, cookie))
            })
        })
    }
}

/// Where sessions have their cookie: as a document, and beside an encrypted one.
const COOKIES: [&str; 2] = ["session.cookie", "cookie"];

/// What a touch stores beside a session, where the store's options ask for it.
const BESIDE: [&str; 2] = [UPDATED_AT, ENDS_AT];

/// Whether a path is another one, or leads into it.
fn is_within(path: &str, outer: &str) -> bool {
    path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// When an event happened, in ms since 1970. The cluster's time has seconds only: the end of its second.
fn happened(event: &RawDocument, time: Option<Timestamp>) -> Option<i64> {
    match event.get("wallTime") {
        Ok(Some(RawBsonRef::DateTime(wall))) => Some(wall.timestamp_millis()),
        _ => time.map(|time| i64::from(time.time) * 1000 + 999),
    }
}

/// The expiry among what an update set.
fn dated(event: &RawDocument) -> Option<i64> {
    let first = event.get_array("dated").ok()?.into_iter().next()?.ok()?;
    match first.as_document()?.get("v") {
        Ok(Some(RawBsonRef::DateTime(date))) => Some(date.timestamp_millis()),
        _ => None,
    }
}

fn date(document: &RawDocument, path: &str) -> Option<i64> {
    match at(document, path) {
        Some(RawBsonRef::DateTime(date)) => Some(date.timestamp_millis()),
        _ => None,
    }
}

fn text(document: &RawDocument, path: &str) -> Option<String> {
    at(document, path).and_then(|value| value.as_str()).map(str::to_owned)
}

/// The value at a path such as `expires` or `meta.expires`.
fn at<'a>(document: &'a RawDocument, path: &str) -> Option<RawBsonRef<'a>> {
    if let Ok(Some(value)) = document.get(path) {
        return Some(value);
    }
    let (first, rest) = path.split_once('.')?;
    at(document.get_document(first).ok()?, rest)
}

/// The time of the cluster at which a command was answered.
pub fn operation_time(reply: &Document) -> Option<Timestamp> {
    match reply.get("operationTime") {
        Some(Bson::Timestamp(time)) => Some(*time),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use mongodb::bson::{DateTime, RawDocumentBuf, oid::ObjectId};

    use super::*;

    const NOW: u32 = 1_700_000_000;

    fn event(fields: Document) -> RawDocumentBuf {
        let mut event = doc! { "clusterTime": Timestamp { time: NOW, increment: 1 } };
        event.extend(fields);
        RawDocumentBuf::try_from(&event).expect("valid")
    }

    fn date_at(seconds: i64) -> DateTime {
        DateTime::from_millis((i64::from(NOW) + seconds) * 1000)
    }

    fn read(reader: &mut Reader, fields: Document) -> Change {
        match reader.read(&event(fields)) {
            Event::Change(change, _) => change,
            other => panic!("{other:?}"),
        }
    }

    fn touch(seconds: i64) -> Document {
        let date = date_at(seconds);
        doc! {
            "operationType": "update", "documentKey": { "_id": "a" }, "updateDescription": { "removedFields": [] },
            "updated": ["session.cookie.expires", "expires"], "dated": [{ "k": "expires", "v": date }],
        }
    }

    fn deletion() -> Document {
        doc! { "operationType": "delete", "documentKey": { "_id": "a" } }
    }

    #[test]
    fn a_session_that_is_deleted_after_its_date_has_expired() {
        let mut reader = Reader::new("_id", "expires");
        let mut deleted = |before: Document| {
            let mut fields = deletion();
            fields.insert("fullDocumentBeforeChange", before);
            read(&mut reader, fields).what
        };
        assert_eq!(deleted(doc! { "_id": "a", "expires": date_at(-1) }), What::Expired);
        assert_eq!(deleted(doc! { "_id": "a", "expires": date_at(60) }), What::Destroyed);
        assert_eq!(deleted(doc! { "_id": "a", "expires": "never" }), What::Destroyed);
    }

    #[test]
    fn without_a_pre_image_the_last_date_that_was_seen_counts_once() {
        let mut reader = Reader::new("_id", "expires");
        assert_eq!(read(&mut reader, touch(-1)).what, What::Touched);
        assert_eq!(read(&mut reader, deletion()).what, What::Expired);
        assert_eq!(read(&mut reader, deletion()).what, What::Destroyed, "it is another session now");
        read(&mut reader, touch(-1));
        read(&mut reader, touch(60));
        assert_eq!(read(&mut reader, deletion()).what, What::Destroyed);
    }

    #[test]
    fn an_update_is_a_touch_if_it_changes_nothing_else() {
        let reader = Reader::new("_id", "expires");
        let only_touches = |updated: &[&str], removed: &[&str]| {
            reader.only_touches(&event(doc! {
                "updated": updated, "updateDescription": { "removedFields": removed },
            }))
        };
        assert!(only_touches(&["expires"], &[]));
        assert!(only_touches(&["expires", "session.cookie", "session.cookie.maxAge"], &[]));
        assert!(only_touches(&["cookie", "expires"], &[]), "of an encrypted one");
        assert!(only_touches(&["expires", "updatedAt"], &[]), "with `timestamps`");
        assert!(!only_touches(&["expires", "session.user"], &[]));
        assert!(!only_touches(&["expires", "session.cookies"], &[]));
        assert!(!only_touches(&["expires"], &["session.user"]));
        assert!(!only_touches(&["session", "expires"], &[]), "what servers before 5.0 say");
    }

    #[test]
    fn an_id_beside_the_documents_own_is_known_from_the_document_or_from_an_earlier_event() {
        let mut reader = Reader::new("meta.sid", "expires");
        let key = ObjectId::new();
        let deletion = doc! { "operationType": "delete", "documentKey": { "_id": key } };
        assert_eq!(read(&mut reader, deletion.clone()).id, None);
        let document = doc! { "meta": { "sid": "a" }, "expires": date_at(60) };
        let insert =
            doc! { "operationType": "insert", "documentKey": { "_id": key }, "fullDocument": &document };
        assert_eq!(read(&mut reader, insert).id.as_deref(), Some("a"));
        assert_eq!(read(&mut reader, deletion.clone()).id.as_deref(), Some("a"));
        assert_eq!(read(&mut reader, deletion.clone()).id, None);
        let mut with_image = deletion;
        with_image.insert("fullDocumentBeforeChange", document);
        assert_eq!(read(&mut reader, with_image).id.as_deref(), Some("a"));
    }

    #[test]
    fn paths_within_each_other_are_asked_for_once() {
        assert_eq!(Reader::new("_id", "expires").fields(), ["_id", "expires"]);
        assert_eq!(Reader::new("meta", "meta.expires").fields(), ["meta"]);
        assert_eq!(Reader::new("meta.sid", "meta").fields(), ["meta"]);
        assert_eq!(Reader::new("meta", "metadata").fields(), ["meta", "metadata"]);
    }

    #[test]
    fn what_is_about_no_session_is_left_alone() {
        let mut reader = Reader::new("_id", "expires");
        for fields in [doc! {}, doc! { "operationType": "drop" }, doc! { "operationType": "delete" }] {
            assert!(matches!(reader.read(&event(fields)), Event::Other));
        }
        assert!(matches!(reader.read(&event(doc! { "operationType": "invalidate" })), Event::Invalidated));
    }
}
