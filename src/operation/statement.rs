//! One session's statement in an `update` or `delete` command.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::document::Writer;
use crate::location::Location;
use crate::queue::Action;

/// Writes the statement of one action as the array element `key`.
///
/// `set` is the original's `updateOne({id}, {$set: {id, session, expires}}, {upsert: true})`; the
/// field order is its too, because the server stores new fields by it.
///
/// `hint` names the index on `_id` for a touch: its second condition would make the server try the
/// expiry index as well, each time, at several times the cost.
pub fn write(writer: &mut Writer, key: &str, location: &Location, sid: &str, action: &Action, hint: bool) {
    let Location { id_field, expires_key, .. } = location;
    writer.document(key).document("q").string(id_field, sid);
    match action {
        Action::Get => {
            writer.end();
        }
        Action::Set { expires, session } => {
            writer.end().document("u").document("$set");
            writer.string(id_field, sid).elements(session).date(expires_key, *expires);
            writer.end().end().boolean("upsert", true);
        }
        Action::Replace { expires, session } => {
            writer.end().document("u").document("$set").elements(session).date(expires_key, *expires);
            writer.end().end();
        }
        Action::Patch(patch) => {
            writer.end().document("u").document("$set").elements(&patch.set).date(expires_key, patch.expires);
            writer.end();
            // Servers before 5.0 refuse an operator without fields.
            if !patch.unset.is_empty() {
                writer.document("$unset").elements(&patch.unset).end();
            }
            writer.end();
        }
        Action::Touch { expires, cookie } => {
            // A session whose time is over is gone, even while its document waits for removal.
            writer.document(expires_key).document("$not").date("$lte", now()).end().end();
            writer.end().document("u").document("$set").elements(cookie).date(expires_key, *expires);
            writer.end().end();
            if hint {
                writer.document("hint").int32("_id", 1).end();
            }
        }
        Action::Destroy { expires } => {
            if let Some(expires) = expires {
                writer.date(expires_key, *expires);
            }
            writer.end().int32("limit", 1);
        }
    }
    writer.end();
}

/// Milliseconds since 1970.
fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use mongodb::bson::{Bson, DateTime, Document, RawDocumentBuf, doc};

    use super::*;
    use crate::queue::Patch;

    fn statement(action: &Action) -> Document {
        let location = Location {
            database: "db".into(),
            collection: "sessions".into(),
            id_field: "_id".into(),
            expires_key: "expires".into(),
            batching: true,
            crypto: None,
        };
        let mut writer = Writer::with_capacity(64);
        write(&mut writer, "0", &location, "sid", action, true);
        let raw = writer.finish().expect("fits");
        let document = Document::try_from(raw.as_ref()).expect("valid");
        document.get_document("0").expect("written").clone()
    }

    fn elements(document: &Document) -> RawDocumentBuf {
        RawDocumentBuf::try_from(document).expect("valid")
    }

    fn date(ms: i64) -> Bson {
        Bson::DateTime(DateTime::from_millis(ms))
    }

    #[test]
    fn set_is_the_originals_upsert() {
        let session = elements(&doc! { "session": { "n": 1 } });
        assert_eq!(
            statement(&Action::Set { expires: 5, session }),
            doc! { "q": { "_id": "sid" },
            "u": { "$set": { "_id": "sid", "session": { "n": 1 }, "expires": date(5) } }, "upsert": true }
        );
    }

    #[test]
    fn replace_creates_no_session() {
        let session = elements(&doc! { "session": { "n": 1 } });
        assert_eq!(
            statement(&Action::Replace { expires: 5, session }),
            doc! { "q": { "_id": "sid" }, "u": { "$set": { "session": { "n": 1 }, "expires": date(5) } } }
        );
    }

    #[test]
    fn patch_changes_what_it_names() {
        let patch = |unset: Document| {
            Action::Patch(Box::new(Patch {
                expires: 5,
                set: elements(&doc! { "session.n": 1 }),
                unset: elements(&unset),
                whole: elements(&doc! { "session": { "n": 1 } }),
                creates: true,
            }))
        };
        assert_eq!(
            statement(&patch(doc! { "session.m": "" })),
            doc! { "q": { "_id": "sid" },
            "u": { "$set": { "session.n": 1, "expires": date(5) }, "$unset": { "session.m": "" } } }
        );
        let update = doc! { "$set": { "session.n": 1, "expires": date(5) } };
        assert_eq!(statement(&patch(doc! {})).get_document("u").expect("there"), &update);
    }

    #[test]
    fn touch_moves_expiry_and_cookie_of_a_live_session_only_and_creates_nothing() {
        let cookie = elements(&doc! { "session.cookie": { "path": "/" } });
        let statement = statement(&Action::Touch { expires: 5, cookie });
        assert_eq!(
            statement.get_document("u").expect("there"),
            &doc! { "$set": { "session.cookie": { "path": "/" }, "expires": date(5) } }
        );
        let query = statement.get_document("q").expect("there");
        assert!(query.get_document("expires").is_ok_and(|expires| expires.contains_key("$not")));
        assert!(!statement.contains_key("upsert"));
        assert_eq!(statement.get_document("hint").expect("there"), &doc! { "_id": 1 });
    }

    #[test]
    fn a_stale_session_is_deleted_only_while_it_is_still_the_stale_one() {
        assert_eq!(
            statement(&Action::Destroy { expires: Some(5) }),
            doc! { "q": { "_id": "sid", "expires": date(5) }, "limit": 1 }
        );
        assert_eq!(statement(&Action::Destroy { expires: None }), doc! { "q": { "_id": "sid" }, "limit": 1 });
    }
}
