//! Writes BSON documents straight into a byte buffer.
//!
//! The `bson` crate's raw builder cannot splice elements that are already encoded, which is what a
//! session on its way from JavaScript to an `update` command is.

use mongodb::bson::{RawDocument, RawDocumentBuf};

use crate::error::Error;

/// The largest document a MongoDB server stores, in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 16 * 1024 * 1024;

const DOUBLE: u8 = 0x01;
const STRING: u8 = 0x02;
const DOCUMENT: u8 = 0x03;
const ARRAY: u8 = 0x04;
const BOOLEAN: u8 = 0x08;
const DATE: u8 = 0x09;
const INT32: u8 = 0x10;
const INT64: u8 = 0x12;

/// A document being written. Open nested ones with [`Writer::document`] and close them in turn.
#[derive(Debug)]
pub struct Writer {
    bytes: Vec<u8>,
    open: Vec<usize>,
}

impl Writer {
    /// Starts a document and reserves `capacity` bytes for it.
    pub fn with_capacity(capacity: usize) -> Self {
        let mut writer = Self { bytes: Vec::with_capacity(capacity), open: Vec::with_capacity(6) };
        writer.begin();
        writer
    }

    fn begin(&mut self) {
        self.open.push(self.bytes.len());
        self.bytes.extend_from_slice(&[0; 4]);
    }

    fn key(&mut self, kind: u8, key: &str) {
        // A NUL would end the key early and turn the rest of it into other fields.
        debug_assert!(!key.contains('\0'));
        self.bytes.push(kind);
        self.bytes.extend_from_slice(key.as_bytes());
        self.bytes.push(0);
    }

    /// Opens a nested document.
    pub fn document(&mut self, key: &str) -> &mut Self {
        self.key(DOCUMENT, key);
        self.begin();
        self
    }

    /// Opens a nested array; its elements are keyed `"0"`, `"1"`, ….
    pub fn array(&mut self, key: &str) -> &mut Self {
        self.key(ARRAY, key);
        self.begin();
        self
    }

    /// Closes the innermost open document or array.
    pub fn end(&mut self) -> &mut Self {
        if let Some(start) = self.open.pop() {
            self.bytes.push(0);
            let length = (self.bytes.len() - start) as u32;
            self.bytes[start..start + 4].copy_from_slice(&length.to_le_bytes());
        }
        self
    }

    /// Appends a string.
    pub fn string(&mut self, key: &str, value: &str) -> &mut Self {
        self.key(STRING, key);
        self.bytes.extend_from_slice(&(value.len() as u32 + 1).to_le_bytes());
        self.bytes.extend_from_slice(value.as_bytes());
        self.bytes.push(0);
        self
    }

    /// Appends a boolean.
    pub fn boolean(&mut self, key: &str, value: bool) -> &mut Self {
        self.key(BOOLEAN, key);
        self.bytes.push(u8::from(value));
        self
    }

    /// Appends a 32-bit integer.
    pub fn int32(&mut self, key: &str, value: i32) -> &mut Self {
        self.key(INT32, key);
        self.bytes.extend_from_slice(&value.to_le_bytes());
        self
    }

    /// Appends a 64-bit integer.
    pub fn int64(&mut self, key: &str, value: i64) -> &mut Self {
        self.key(INT64, key);
        self.bytes.extend_from_slice(&value.to_le_bytes());
        self
    }

    /// Appends a double.
    pub fn double(&mut self, key: &str, value: f64) -> &mut Self {
        self.key(DOUBLE, key);
        self.bytes.extend_from_slice(&value.to_le_bytes());
        self
    }

    /// Appends a date, in milliseconds since 1970.
    pub fn date(&mut self, key: &str, milliseconds: i64) -> &mut Self {
        self.key(DATE, key);
        self.bytes.extend_from_slice(&milliseconds.to_le_bytes());
        self
    }

    /// Appends a document that is already encoded.
    pub fn raw(&mut self, key: &str, value: &RawDocument) -> &mut Self {
        self.key(DOCUMENT, key);
        self.bytes.extend_from_slice(value.as_bytes());
        self
    }

    /// Splices in all elements of an encoded document, as they are.
    pub fn elements(&mut self, document: &RawDocument) -> &mut Self {
        let bytes = document.as_bytes();
        self.bytes.extend_from_slice(&bytes[4..bytes.len() - 1]);
        self
    }

    /// Closes whatever is open and gives the finished document.
    ///
    /// # Errors
    /// When the document outgrew what a BSON length can say (2 GB).
    pub fn finish(mut self) -> Result<RawDocumentBuf, Error> {
        while !self.open.is_empty() {
            self.end();
        }
        RawDocumentBuf::from_bytes(self.bytes).map_err(|error| Error::internal(error.to_string()))
    }
}

/// The name of an array's element at `index`.
pub fn array_key(index: usize) -> String {
    index.to_string()
}

#[cfg(test)]
mod tests {
    use mongodb::bson::{Bson, DateTime, Document, doc};

    use super::*;

    fn parse(raw: &RawDocumentBuf) -> Document {
        Document::try_from(raw.as_ref()).expect("valid BSON")
    }

    #[test]
    fn writes_what_the_bson_crate_reads() {
        let mut writer = Writer::with_capacity(64);
        writer.string("s", "é\0x").boolean("b", true).int32("i", -1).int64("l", i64::MIN);
        writer.double("d", -0.5).date("t", -1);
        writer.array("a").document("0").int32("x", 1).end().end();
        let raw = writer.finish().expect("fits");
        assert_eq!(
            parse(&raw),
            doc! { "s": "é\0x", "b": true, "i": -1, "l": i64::MIN, "d": -0.5,
            "t": Bson::DateTime(DateTime::from_millis(-1)), "a": [{ "x": 1 }] }
        );
    }

    #[test]
    fn splices_elements_without_looking_at_them() {
        let inner = RawDocumentBuf::try_from(&doc! { "session": { "n": 1 }, "x": "y" }).expect("valid");
        let mut writer = Writer::with_capacity(64);
        writer.string("_id", "a").elements(&inner).raw("again", &inner);
        let raw = writer.finish().expect("fits");
        assert_eq!(
            parse(&raw),
            doc! { "_id": "a", "session": { "n": 1 }, "x": "y", "again": { "session": { "n": 1 }, "x": "y" } }
        );
    }

    #[test]
    fn an_empty_document_splices_to_nothing() {
        let mut writer = Writer::with_capacity(8);
        writer.elements(&RawDocumentBuf::new());
        assert_eq!(writer.finish().expect("fits"), RawDocumentBuf::new());
    }
}
