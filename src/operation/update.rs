//! What the statement of a save or a touch changes of its document.

use mongodb::bson::{DateTime, RawDocument};

use crate::document::Writer;
use crate::session_op::Beside;
use crate::store_config::{CREATED_AT, StoreConfig, UPDATED_AT};

/// An update of one document. Most are written as operators; one with an end is a pipeline (`pipeline.rs`).
#[derive(Clone, Copy, Debug)]
pub struct Update<'a> {
    /// The session's id, if it is to be created where there is none.
    pub creates: Option<&'a str>,
    /// What is set, by its paths.
    pub elements: &'a RawDocument,
    /// What is removed of the session: paths, as keys.
    pub unset: Option<&'a RawDocument>,
    /// When the session expires, in milliseconds since 1970.
    pub expires: i64,
    /// What else is set, removed and dated.
    pub beside: Option<&'a Beside>,
}

impl Update<'_> {
    /// The paths of what is removed, as keys. Without one there must be no operator: servers before 5.0 refuse it.
    pub fn removed(&self) -> impl Iterator<Item = &RawDocument> {
        let beside = self.beside.map(|beside| &*beside.unset);
        [self.unset, beside].into_iter().flatten().filter(|paths| !paths.is_empty())
    }

    /// Writes it as operators.
    pub fn write(&self, writer: &mut Writer, config: &StoreConfig) {
        writer.document("u").document("$set");
        // The field order is the original's, because the server stores new fields by it.
        if let Some(sid) = self.creates {
            writer.string(&config.id_field, sid);
        }
        writer.elements(self.elements).date(&config.expires_key, self.expires);
        if let Some(beside) = self.beside {
            writer.elements(&beside.set);
        }
        writer.end();
        if self.removed().next().is_some() {
            writer.document("$unset");
            for paths in self.removed() {
                writer.elements(paths);
            }
            writer.end();
        }
        self.write_times(writer, config);
        writer.end();
    }

    /// The dates of the option `timestamps`, as connect-mongo 6 stores them, and other ones by the server's clock. A
    /// document that is there already is not given the time of its creation, which nobody knows.
    fn write_times(&self, writer: &mut Writer, config: &StoreConfig) {
        let dated = self.beside.map(|beside| &*beside.dated).filter(|paths| !paths.is_empty());
        if config.timestamps && self.creates.is_some() {
            writer.document("$setOnInsert").date(CREATED_AT, DateTime::now().timestamp_millis()).end();
        }
        if !config.timestamps && dated.is_none() {
            return;
        }
        writer.document("$currentDate");
        if let Some(paths) = dated {
            writer.elements(paths);
        }
        if config.timestamps {
            writer.boolean(UPDATED_AT, true);
        }
        writer.end();
    }
}
