//! Reads the records that JavaScript posts.
//!
//! One record, little endian:
//! ```text
//! u32 length of the record   u32 request   u8 operation   u8 flags   u16 zero   u32 target
//! f64 expiry in ms since 1970, NaN for none   u32 length of the name   name (UTF-8)   payload
//! ```
//! The name is a session id or a database; the payload BSON, or empty.

use crate::error::Error;

/// Everything JavaScript can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Operation {
    /// A store's document by session id.
    Get = 1,
    /// Creates or replaces a session.
    Set = 2,
    /// Moves a session's expiry and cookie.
    Touch = 3,
    /// Deletes a session; with an expiry, only while it still has that one.
    Destroy = 4,
    /// Deletes a store's documents.
    Clear = 5,
    /// Opens a cursor over a store's live documents.
    All = 6,
    /// Counts a store's live documents.
    Length = 7,
    /// Makes sure a store's indexes are there.
    EnsureIndexes = 8,
    /// Replaces a session that is there; creates none.
    Replace = 12,
    /// Changes some keys of a session; creates it whole if it is gone.
    Patch = 13,
    /// Changes some keys of a session that is there; creates none.
    PatchExisting = 14,
    /// Waits until a client's servers answer.
    Connect = 16,
    /// Gives up a client.
    Close = 17,
    /// Runs one raw command on a client.
    Command = 18,
    /// Runs a command that answers with a cursor.
    OpenCursor = 19,
    /// Fetches a cursor's next batch.
    NextBatch = 20,
    /// Waits for a store's next commands to end, and tells of them.
    Commands = 15,
    /// Kills a cursor.
    CloseCursor = 21,
    /// Waits until a client's servers are away, or are back.
    Watch = 22,
}

impl Operation {
    fn from_code(code: u8) -> Option<Self> {
        use Operation::{
            All, Clear, Close, CloseCursor, Command, Commands, Connect, Destroy, EnsureIndexes, Get, Length,
            NextBatch, OpenCursor, Patch, PatchExisting, Replace, Set, Touch, Watch,
        };
        [
            Get,
            Set,
            Touch,
            Destroy,
            Clear,
            All,
            Length,
            EnsureIndexes,
            Replace,
            Patch,
            PatchExisting,
            Connect,
            Close,
            Command,
            OpenCursor,
            NextBatch,
            Commands,
            CloseCursor,
            Watch,
        ]
        .into_iter()
        .find(|operation| *operation as u8 == code)
    }
}

/// One record.
#[derive(Debug, PartialEq)]
pub struct Record<'a> {
    /// Names the caller in the completion.
    pub request: u32,
    /// What to do.
    pub operation: Operation,
    /// A client's, store's or cursor's handle.
    pub target: u32,
    /// Milliseconds since 1970.
    pub expires: Option<i64>,
    /// A session id or a database's name.
    pub name: &'a str,
    /// What goes with it.
    pub payload: &'a [u8],
}

/// The bytes of a record before its name.
pub const HEADER_BYTES: usize = 28;

/// Reads one record after another; ends at the first that is malformed.
#[derive(Debug)]
pub struct Records<'a> {
    rest: &'a [u8],
}

impl<'a> Records<'a> {
    /// Starts at the first byte of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let record = read(&mut self.rest);
        if record.is_none() {
            self.rest = &[];
        }
        Some(record.ok_or_else(|| Error::internal("malformed submission")))
    }
}

fn read<'a>(rest: &mut &'a [u8]) -> Option<Record<'a>> {
    let length = u32_at(rest, 0)? as usize;
    let bytes = rest.get(..length).filter(|bytes| bytes.len() >= HEADER_BYTES)?;
    let name_end = HEADER_BYTES.checked_add(u32_at(bytes, 24)? as usize)?;
    let expires = f64::from_le_bytes(bytes.get(16..24)?.try_into().ok()?);
    let record = Record {
        request: u32_at(bytes, 4)?,
        operation: Operation::from_code(*bytes.get(8)?)?,
        target: u32_at(bytes, 12)?,
        // `as` saturates, which keeps absurd dates in order.
        expires: (!expires.is_nan()).then_some(expires as i64),
        name: std::str::from_utf8(bytes.get(HEADER_BYTES..name_end)?).ok()?,
        payload: bytes.get(name_end..)?,
    };
    *rest = &rest[length..];
    Some(record)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(operation: u8, expires: f64, name: &str, payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend_from_slice(&((HEADER_BYTES + name.len() + payload.len()) as u32).to_le_bytes());
        bytes.extend_from_slice(&7u32.to_le_bytes());
        bytes.extend_from_slice(&[operation, 0, 0, 0]);
        bytes.extend_from_slice(&9u32.to_le_bytes());
        bytes.extend_from_slice(&expires.to_le_bytes());
        bytes.extend_from_slice(&(name.len() as u32).to_le_bytes());
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(payload);
        bytes
    }

    #[test]
    fn reads_records_one_after_another() {
        let mut bytes = record(2, 1.5e12, "é", b"payload");
        bytes.extend(record(4, f64::NAN, "b", b""));
        let records: Vec<_> = Records::new(&bytes).collect::<Result<_, _>>().expect("well-formed");
        assert_eq!(records[0].operation, Operation::Set);
        assert_eq!((records[0].request, records[0].target), (7, 9));
        assert_eq!((records[0].name, records[0].payload), ("é", &b"payload"[..]));
        assert_eq!(records[0].expires, Some(1_500_000_000_000));
        assert_eq!((records[1].operation, records[1].expires), (Operation::Destroy, None));
    }

    #[test]
    fn every_truncation_and_every_unknown_code_is_an_error_and_ends_the_reading() {
        let whole = record(1, f64::NAN, "sid", b"");
        for length in 1..whole.len() {
            let read: Vec<_> = Records::new(&whole[..length]).collect();
            assert_eq!(read.len(), 1);
            assert!(read[0].is_err(), "at {length}");
        }
        assert!(Records::new(&record(99, 0.0, "", b"")).next().expect("one").is_err());
    }

    #[test]
    fn a_name_that_is_longer_than_its_record_is_an_error() {
        let mut bytes = record(1, 0.0, "sid", b"");
        bytes[24..28].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(Records::new(&bytes).next().expect("one").is_err());
    }
}
