//! One session's statement in an `update` or `delete` command.

use mongodb::bson::RawDocument;

use super::pipeline;
use super::update::Update;
use crate::document::Writer;
use crate::error::Error;
use crate::session_op::{Change, SessionOp, Write};
use crate::store_config::StoreConfig;

/// Writes the statement of one operation as the array element `key`.
///
/// A save that creates is the original's `updateOne({id}, {$set: {id, session, expires}}, {upsert: true})`.
///
/// Every statement finds its session by the id alone, for which the server has a path of its own; any further condition
/// doubles what it costs. So a touch renews an expired session that MongoDB has not removed yet: middlewares
/// touch what they have just read alive.
///
/// # Errors
/// When the elements of an operation are not BSON, where they have to be looked at.
pub fn write(
    writer: &mut Writer,
    key: &str,
    config: &StoreConfig,
    sid: &str,
    op: &SessionOp,
) -> Result<(), Error> {
    writer.document(key).document("q").string(&config.id_field, sid);
    match op {
        SessionOp::Get => {
            writer.end();
        }
        SessionOp::Write(write) => {
            writer.end();
            let update = update_of(write, sid);
            write_update(writer, config, &update, write.ends())?;
            if update.creates.is_some() {
                writer.boolean("upsert", true);
            }
        }
        SessionOp::Touch { expires, cookie, ends } => {
            writer.end();
            let update =
                Update { creates: None, elements: cookie, unset: None, expires: *expires, beside: None };
            write_update(writer, config, &update, *ends)?;
        }
        SessionOp::Destroy { only_if_expires } => {
            if let Some(expires) = only_if_expires {
                writer.date(&config.expires_key, *expires);
            }
            writer.end().int32("limit", 1);
        }
    }
    writer.end();
    Ok(())
}

/// A patch creates nothing by itself: it is replaced by a save of the whole session where there is none.
fn update_of<'a>(write: &'a Write, sid: &'a str) -> Update<'a> {
    let (elements, unset, creates): (&RawDocument, Option<&RawDocument>, bool) = match &write.change {
        Change::Whole(session) => (session, None, write.creates),
        Change::Patch(patch) => (&patch.set, Some(&patch.unset), false),
    };
    let creates = creates.then_some(sid);
    Update { creates, elements, unset, expires: write.expires, beside: write.beside.as_deref() }
}

fn write_update(
    writer: &mut Writer,
    config: &StoreConfig,
    update: &Update<'_>,
    ends: Option<i64>,
) -> Result<(), Error> {
    match ends {
        Some(ends) => pipeline::write(writer, config, update, ends),
        None => {
            update.write(writer, config);
            Ok(())
        }
    }
}

/// Writes a statement that changes nothing, for the session that `sid` names.
pub fn write_idle(writer: &mut Writer, key: &str, config: &StoreConfig, sid: &str) {
    writer.document(key).document("q").string(&config.id_field, sid).end();
    writer.document("u").document("$unset").string(UNUSED_FIELD, "").end().end().end();
}

/// No session store writes such a field.
const UNUSED_FIELD: &str = "connect-mongodb-session unused";

#[cfg(test)]
mod tests {
    use mongodb::bson::{Bson, DateTime, Document, RawDocumentBuf, doc};

    use super::*;
    use crate::session_op::{Patch, Write};

    fn written(write: impl Fn(&mut Writer, &StoreConfig)) -> Document {
        written_with(&StoreConfig::default(), write)
    }

    fn written_with(config: &StoreConfig, write: impl Fn(&mut Writer, &StoreConfig)) -> Document {
        let mut writer = Writer::with_capacity(64);
        write(&mut writer, config);
        let raw = writer.finish().expect("fits");
        let document = Document::try_from(raw.as_ref()).expect("valid");
        document.get_document("0").expect("written").clone()
    }

    fn statement(op: &SessionOp) -> Document {
        written(|writer, config| write(writer, "0", config, "sid", op).expect("valid elements"))
    }

    fn elements(document: &Document) -> RawDocumentBuf {
        RawDocumentBuf::try_from(document).expect("valid")
    }

    fn date(ms: i64) -> Bson {
        Bson::DateTime(DateTime::from_millis(ms))
    }

    #[test]
    fn a_save_that_creates_is_the_originals_upsert() {
        let session = elements(&doc! { "session": { "n": 1 } });
        assert_eq!(
            statement(&SessionOp::whole(5, session, true)),
            doc! { "q": { "_id": "sid" },
            "u": { "$set": { "_id": "sid", "session": { "n": 1 }, "expires": date(5) } }, "upsert": true }
        );
    }

    #[test]
    fn a_save_of_what_is_there_creates_no_session() {
        let session = elements(&doc! { "session": { "n": 1 } });
        assert_eq!(
            statement(&SessionOp::whole(5, session, false)),
            doc! { "q": { "_id": "sid" }, "u": { "$set": { "session": { "n": 1 }, "expires": date(5) } } }
        );
    }

    #[test]
    fn a_patch_changes_what_it_names() {
        let patch = |unset: Document| {
            let patch = Patch {
                set: elements(&doc! { "session.n": 1 }),
                unset: elements(&unset),
                whole: elements(&doc! { "session": { "n": 1 } }),
            };
            SessionOp::Write(Box::new(Write {
                expires: 5,
                change: Change::Patch(patch),
                creates: true,
                beside: None,
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
    fn a_touch_finds_its_session_by_id_alone_and_creates_nothing() {
        let cookie = elements(&doc! { "session.cookie": { "path": "/" } });
        assert_eq!(
            statement(&SessionOp::Touch { expires: 5, cookie, ends: None }),
            doc! { "q": { "_id": "sid" },
            "u": { "$set": { "session.cookie": { "path": "/" }, "expires": date(5) } } }
        );
    }

    #[test]
    fn a_stale_session_is_deleted_only_while_it_is_still_the_stale_one() {
        assert_eq!(
            statement(&SessionOp::Destroy { only_if_expires: Some(5) }),
            doc! { "q": { "_id": "sid", "expires": date(5) }, "limit": 1 }
        );
        assert_eq!(
            statement(&SessionOp::Destroy { only_if_expires: None }),
            doc! { "q": { "_id": "sid" }, "limit": 1 }
        );
    }

    #[test]
    fn with_timestamps_every_change_is_dated_and_only_a_new_session_is_given_a_creation() {
        let config = StoreConfig { timestamps: true, ..StoreConfig::default() };
        let operators = |op: &SessionOp| {
            let update = written_with(&config, |writer, config| {
                write(writer, "0", config, "sid", op).expect("valid elements");
            });
            let update = update.get_document("u").expect("an update").clone();
            if update.contains_key("$setOnInsert") {
                let created = update.get_document("$setOnInsert").expect("there").get_datetime("createdAt");
                let age = DateTime::now().timestamp_millis() - created.expect("dated").timestamp_millis();
                assert!((0..60_000).contains(&age), "{age}");
            }
            assert_eq!(update.get_document("$currentDate").expect("there"), &doc! { "updatedAt": true });
            update.keys().cloned().collect::<Vec<_>>()
        };
        let session = elements(&doc! { "session": { "n": 1 } });
        let created = operators(&SessionOp::whole(5, session.clone(), true));
        assert_eq!(created, ["$set", "$setOnInsert", "$currentDate"]);
        assert_eq!(operators(&SessionOp::whole(5, session, false)), ["$set", "$currentDate"]);
        let touch = SessionOp::Touch { expires: 5, cookie: RawDocumentBuf::new(), ends: None };
        assert_eq!(operators(&touch), ["$set", "$currentDate"]);
    }

    #[test]
    fn an_idle_statement_is_for_one_session_and_sets_nothing() {
        let statement = written(|writer, config| write_idle(writer, "0", config, "sid"));
        assert_eq!(statement.get_document("q").expect("written"), &doc! { "_id": "sid" });
        assert_eq!(statement.get_document("u").expect("written").keys().collect::<Vec<_>>(), ["$unset"]);
    }
}
