//! Writes results into the buffer that JavaScript drains.
//!
//! One record, little endian:
//! ```text
//! u32 length of the record   u32 request   u8 status (0 done, 1 failed)   u8[3] zero   payload
//! ```
//! A failed one's payload is the error as a BSON document.

use mongodb::bson::RawDocumentBuf;

use crate::error::Error;

/// The bytes of a record before its payload.
pub const HEADER_BYTES: usize = 12;

const DONE: u8 = 0;
const FAILED: u8 = 1;

/// How one request ended.
#[derive(Debug)]
pub struct Completion {
    request: u32,
    status: u8,
    payload: Vec<u8>,
}

impl Completion {
    /// The end of `request`.
    pub fn new(request: u32, outcome: Result<Vec<u8>, Error>) -> Self {
        match outcome {
            Ok(payload) => Self { request, status: DONE, payload },
            Err(error) => Self { request, status: FAILED, payload: encode(&error) },
        }
    }

    /// The bytes it takes in the buffer.
    pub fn len(&self) -> usize {
        HEADER_BYTES + self.payload.len()
    }

    /// Never: every record has a header.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Writes itself at the start of `buffer`, which has room for [`Completion::len`] bytes.
    pub fn write(&self, buffer: &mut [u8]) {
        buffer[0..4].copy_from_slice(&(self.len() as u32).to_le_bytes());
        buffer[4..8].copy_from_slice(&self.request.to_le_bytes());
        buffer[8..HEADER_BYTES].copy_from_slice(&[self.status, 0, 0, 0]);
        buffer[HEADER_BYTES..self.len()].copy_from_slice(&self.payload);
    }
}

fn encode(error: &Error) -> Vec<u8> {
    RawDocumentBuf::try_from(&error.to_document()).unwrap_or_else(|_| RawDocumentBuf::new()).into_bytes()
}

#[cfg(test)]
mod tests {
    use crate::error::ErrorKind;
    use mongodb::bson::{RawDocument, doc};

    use super::*;

    #[test]
    fn a_result_is_written_behind_its_header() {
        let completion = Completion::new(5, Ok(b"abc".to_vec()));
        let mut buffer = [0xff; 20];
        completion.write(&mut buffer);
        assert_eq!(buffer[..15], [15, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, b'a', b'b', b'c']);
        assert_eq!(buffer[15], 0xff);
    }

    #[test]
    fn an_error_is_written_as_a_document() {
        let completion = Completion::new(1, Err(Error::new(ErrorKind::Server, "no")));
        let mut buffer = vec![0; completion.len()];
        completion.write(&mut buffer);
        assert_eq!(buffer[8], FAILED);
        let document = RawDocument::from_bytes(&buffer[HEADER_BYTES..]).expect("valid");
        let expected = RawDocumentBuf::try_from(&doc! { "name": "MongoServerError", "message": "no" });
        assert_eq!(document.to_owned(), expected.expect("valid"));
    }
}
