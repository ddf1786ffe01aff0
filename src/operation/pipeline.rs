//! The update of a session whose lifetime is limited.
//!
//! Its end is fixed when the session is created, by whichever process creates it, and no expiry may go beyond. Only the
//! server knows the end that is stored, so the server has to choose the earlier date: that takes an aggregation pipeline
//! in the place of update operators. It has the same effect as [`Update::write`], in stages:
//!
//! 1. `$set`: everything that operators would set, as literals, for a session may hold texts such as `$total`; and the
//!    end, unless one is stored.
//! 2. `$set`: the expiry, which is the earlier of what was asked for and the end.
//! 3. `$unset`: what operators would remove.
//!
//! Keys of a session are merged into what is stored. Where that is no document (the JSON text of connect-mongo), the
//! server refuses to merge as it refuses to set them by operators, and never replaces it.

use mongodb::bson::raw::{CString, cstr};
use mongodb::bson::{DateTime, RawBsonRef, RawDocument, RawDocumentBuf};

use super::update::Update;
use crate::document::{Writer, array_key};
use crate::error::Error;
use crate::session_op::{SESSION, WITHIN_SESSION};
use crate::store_config::{CREATED_AT, ENDS_AT, StoreConfig, UPDATED_AT};

/// The time at which the server runs the command.
const NOW: &str = "$$NOW";

/// Writes an update of a session that ends at `ends` (ms since 1970) if no end is stored.
///
/// # Errors
/// When the elements are not BSON.
pub fn write(writer: &mut Writer, config: &StoreConfig, update: &Update<'_>, ends: i64) -> Result<(), Error> {
    writer.array("u").document("0").document("$set");
    let within = write_elements(writer, update.elements)?;
    if !within.is_empty() {
        writer.document(SESSION).array("$mergeObjects").string("0", "$session");
        writer.document("1").raw("$literal", &within).end().end().end();
    }
    // Set here too, so that a new document has its fields in the usual order.
    writer.date(&config.expires_key, update.expires);
    if let Some(beside) = update.beside {
        write_elements(writer, &beside.set)?;
        for path in keys(&beside.dated) {
            writer.string(path?, NOW);
        }
    }
    write_end(writer, ends);
    if config.timestamps {
        if update.creates.is_some() {
            write_creation(writer);
        }
        writer.string(UPDATED_AT, NOW);
    }
    writer.end().end().document("1").document("$set").document(&config.expires_key).array("$min");
    writer.date("0", update.expires).string("1", &reference(ENDS_AT)).end().end().end().end();
    if update.removed().next().is_some() {
        writer.document("2").array("$unset");
        for (index, path) in update.removed().flat_map(keys).enumerate() {
            writer.string(&array_key(index), path?);
        }
        writer.end().end();
    }
    writer.end();
    Ok(())
}

/// Writes elements as literals; gives those of the session's keys, which are to be merged into it.
fn write_elements(writer: &mut Writer, elements: &RawDocument) -> Result<RawDocumentBuf, Error> {
    let mut within = RawDocumentBuf::new();
    for element in elements {
        let (path, value) = element.map_err(|_| malformed())?;
        match path.as_str().strip_prefix(WITHIN_SESSION) {
            Some(key) => within.append(CString::try_from(key).map_err(|_| malformed())?, value),
            None => write_literal(writer, path.as_str(), value),
        }
    }
    Ok(within)
}

fn write_literal(writer: &mut Writer, path: &str, value: RawBsonRef<'_>) {
    let mut literal = RawDocumentBuf::new();
    literal.append(cstr!("$literal"), value);
    writer.raw(path, &literal);
}

/// Keeps the end that is stored; whatever is no date there is none.
fn write_end(writer: &mut Writer, ends: i64) {
    writer.document(ENDS_AT).array("$cond");
    write_is_of_type(writer, ENDS_AT, "date");
    writer.string("1", &reference(ENDS_AT)).date("2", ends).end().end();
}

/// Sets the time of creation of a document that has no session yet; in others it stays, or stays away.
fn write_creation(writer: &mut Writer) {
    writer.document(CREATED_AT).array("$cond");
    write_is_of_type(writer, SESSION, "missing");
    writer.date("1", DateTime::now().timestamp_millis()).string("2", &reference(CREATED_AT)).end().end();
}

/// The condition of a `$cond`.
fn write_is_of_type(writer: &mut Writer, field: &str, kind: &str) {
    writer.document("0").array("$eq").document("0").string("$type", &reference(field)).end();
    writer.string("1", kind).end().end();
}

fn reference(field: &str) -> String {
    format!("${field}")
}

fn keys(document: &RawDocument) -> impl Iterator<Item = Result<&str, Error>> {
    document.iter().map(|element| element.map(|(key, _)| key.as_str()).map_err(|_| malformed()))
}

fn malformed() -> Error {
    Error::internal("malformed session")
}

#[cfg(test)]
mod tests {
    use mongodb::bson::{Bson, Document, doc};

    use super::*;
    use crate::session_op::Beside;

    fn raw(document: &Document) -> RawDocumentBuf {
        RawDocumentBuf::try_from(document).expect("valid")
    }

    fn written(config: &StoreConfig, update: &Update<'_>) -> Vec<Bson> {
        let mut writer = Writer::with_capacity(64);
        write(&mut writer, config, update, 9).expect("valid elements");
        let raw = writer.finish().expect("fits");
        Document::try_from(raw.as_ref()).expect("valid").get_array("u").expect("a pipeline").clone()
    }

    fn date(ms: i64) -> Bson {
        Bson::DateTime(DateTime::from_millis(ms))
    }

    #[test]
    fn the_server_keeps_the_end_that_is_stored_and_takes_the_earlier_date() {
        let elements = raw(&doc! { "session": { "a": "$b" } });
        let update =
            Update { creates: Some("sid"), elements: &elements, unset: None, expires: 5, beside: None };
        let end = doc! { "$cond": [{ "$eq": [{ "$type": "$endsAt" }, "date"] }, "$endsAt", date(9)] };
        let set = doc! { "session": { "$literal": { "a": "$b" } }, "expires": date(5), "endsAt": end };
        let earlier = doc! { "expires": { "$min": [date(5), "$endsAt"] } };
        assert_eq!(
            written(&StoreConfig::default(), &update),
            [doc! { "$set": set }.into(), doc! { "$set": earlier }.into()]
        );
    }

    #[test]
    fn keys_of_a_session_are_merged_into_it_and_the_rest_is_set_removed_and_dated() {
        let elements = raw(&doc! { "session.n": 1, "session.m": "$m" });
        let unset = raw(&doc! { "session.old": "" });
        let beside = Beside {
            set: raw(&doc! { "meta.user": "$u" }),
            unset: raw(&doc! { "other": "" }),
            dated: raw(&doc! { "userSince": true }),
            ends: None,
        };
        let update = Update {
            creates: None,
            elements: &elements,
            unset: Some(&unset),
            expires: 5,
            beside: Some(&beside),
        };
        let config = StoreConfig { timestamps: true, ..StoreConfig::default() };
        let pipeline = written(&config, &update);
        let set = pipeline[0].as_document().and_then(|stage| stage.get_document("$set").ok()).expect("first");
        let merged = doc! { "$mergeObjects": ["$session", { "$literal": { "n": 1, "m": "$m" } }] };
        assert_eq!(set.get_document("session").expect("merged"), &merged);
        assert_eq!(set.get_document("meta.user").expect("set"), &doc! { "$literal": "$u" });
        assert!(
            ["userSince", "updatedAt"].iter().all(|path| set.get_str(path).is_ok_and(|time| time == NOW))
        );
        assert!(!set.contains_key("createdAt"));
        assert_eq!(pipeline[2], doc! { "$unset": ["session.old", "other"] }.into());
    }
}
