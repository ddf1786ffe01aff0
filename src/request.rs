//! What JavaScript asks, as it posts it.
//!
//! One record, little endian:
//! ```text
//! u32 length of the record   u32 id   u8 opcode   u8 flags   u16 zero   u32 target
//! f64 expiry, or the time by which to judge what has expired, in ms since 1970, NaN for none   u32 length of the name   name (UTF-8)   payload
//! ```
//! The id names the caller in the completion; the name is a session id or a database; the payload BSON; or a number
//! and, for an answer of DNS, JSON; or empty.
//! Behind a save's or a touch's own documents there may be one more, of what is stored beside the session:
//! `{ set?: document, unset?: document, dated?: document, ends?: date }` ([`Beside`]).

use mongodb::bson::RawDocumentBuf;

use crate::command::Command;
use crate::error::Error;
use crate::login_questions::Answer;
use crate::session_op::{Beside, Change, Patch, SessionOp, Write};

/// Everything JavaScript can ask for.
#[derive(Debug)]
pub enum Request {
    /// An operation on one session of a store.
    Session {
        /// The store's handle.
        store: u32,
        /// The session.
        sid: String,
        /// What to do.
        op: SessionOp,
    },
    /// What is about a store as a whole.
    Store(u32, StoreRequest),
    /// What is about a client.
    Client(u32, ClientRequest),
    /// What is about a cursor.
    Cursor(u32, CursorRequest),
}

/// What can be asked of a store as a whole.
#[derive(Debug)]
pub enum StoreRequest {
    /// Deletes its documents.
    Clear,
    /// Opens a cursor over the documents that are live at this time (ms since 1970; the process's clock if absent).
    All(Option<i64>),
    /// Counts the documents that are live at this time.
    Length(Option<i64>),
    /// Makes sure that its indexes are there; expired sessions are removed after so many seconds, NaN for not by an index.
    EnsureIndexes(f64),
    /// The same once there is a server.
    EnsureIndexesLater(f64),
    /// Waits until commands of it have ended, and gives how they went.
    Commands,
    /// Waits for changes that others make, and gives them.
    Changes,
    /// The application's own collection is about to write this session, with this expiry, or to delete it.
    WritesItself(String, Option<i64>),
}

/// What can be asked of a client.
#[derive(Debug)]
pub enum ClientRequest {
    /// Waits until its servers answer.
    Connect,
    /// Gives it up.
    Close,
    /// Runs one raw command on a database.
    Command(String, Command),
    /// Runs a command that answers with a cursor.
    OpenCursor(String, Command),
    /// Waits until its servers are away, or are back, other than JavaScript knows.
    Watch {
        /// Whether they are there, as far as JavaScript knows.
        available: bool,
    },
    /// Waits until a login asks for something.
    NextLoginQuestion,
    /// Answers one that did.
    AnswerLogin(Answer),
    /// Waits for a question about its `mongodb+srv` name that is not this one.
    NameQuestion(u32),
    /// What DNS says, in JSON: the answer to this question.
    NameAnswer(u32, Vec<u8>),
}

/// What can be asked of a cursor.
#[derive(Debug)]
pub enum CursorRequest {
    /// Fetches its next batch.
    Next,
    /// Kills it.
    Close,
}

/// The codes of the records. JavaScript gets them from the binding, which has the same list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs, reason = "the requests of the same names")]
pub enum Opcode {
    Get = 1,
    Set = 2,
    Touch = 3,
    Destroy = 4,
    Clear = 5,
    All = 6,
    Length = 7,
    EnsureIndexes = 8,
    EnsureIndexesLater = 9,
    Replace = 12,
    Patch = 13,
    PatchExisting = 14,
    Commands = 15,
    Connect = 16,
    Close = 17,
    Command = 18,
    OpenCursor = 19,
    NextBatch = 20,
    CloseCursor = 21,
    Watch = 22,
    NextLoginQuestion = 23,
    AnswerLogin = 24,
    Changes = 25,
    WritesItself = 26,
    NameQuestion = 27,
    NameAnswer = 28,
}

impl Opcode {
    /// All of them.
    pub const ALL: [Self; 26] = [
        Self::Get,
        Self::Set,
        Self::Touch,
        Self::Destroy,
        Self::Clear,
        Self::All,
        Self::Length,
        Self::EnsureIndexes,
        Self::EnsureIndexesLater,
        Self::Replace,
        Self::Patch,
        Self::PatchExisting,
        Self::Commands,
        Self::Connect,
        Self::Close,
        Self::Command,
        Self::OpenCursor,
        Self::NextBatch,
        Self::CloseCursor,
        Self::Watch,
        Self::NextLoginQuestion,
        Self::AnswerLogin,
        Self::Changes,
        Self::WritesItself,
        Self::NameQuestion,
        Self::NameAnswer,
    ];

    fn of(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|opcode| *opcode as u8 == code)
    }
}

/// A request and who made it.
#[derive(Debug)]
pub struct Record {
    /// Names the caller in the completion.
    pub id: u32,
    /// What is asked; an error when the record does not say what such a one says.
    pub request: Result<Request, Error>,
}

/// The bytes of a record before its name.
pub const HEADER_BYTES: usize = 28;

/// In the place of a patch, for one that cannot be: no document has this length.
const NO_PATCH: &[u8] = &[0; 4];

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

impl Iterator for Records<'_> {
    type Item = Result<Record, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let fields = Fields::read(&mut self.rest);
        if fields.is_none() {
            self.rest = &[];
        }
        let fields = fields.ok_or_else(|| Error::internal("malformed submission"));
        Some(fields.map(|fields| Record { id: fields.id, request: fields.request() }))
    }
}

/// A record's fields as they stand in it.
struct Fields<'a> {
    id: u32,
    opcode: Opcode,
    target: u32,
    expires: Option<i64>,
    name: &'a str,
    payload: &'a [u8],
}

impl<'a> Fields<'a> {
    fn read(rest: &mut &'a [u8]) -> Option<Self> {
        let length = u32_at(rest, 0)? as usize;
        let bytes = rest.get(..length).filter(|bytes| bytes.len() >= HEADER_BYTES)?;
        let name_end = HEADER_BYTES.checked_add(u32_at(bytes, 24)? as usize)?;
        let expires = f64::from_le_bytes(bytes.get(16..24)?.try_into().ok()?);
        let fields = Self {
            id: u32_at(bytes, 4)?,
            opcode: Opcode::of(*bytes.get(8)?)?,
            target: u32_at(bytes, 12)?,
            // `as` saturates, which keeps absurd dates in order.
            expires: (!expires.is_nan()).then_some(expires as i64),
            name: std::str::from_utf8(bytes.get(HEADER_BYTES..name_end)?).ok()?,
            payload: bytes.get(name_end..)?,
        };
        *rest = &rest[length..];
        Some(fields)
    }

    fn request(&self) -> Result<Request, Error> {
        Ok(match self.opcode {
            Opcode::Get => self.session(SessionOp::Get),
            Opcode::Set => self.session(self.whole(true)?),
            Opcode::Replace => self.session(self.whole(false)?),
            Opcode::Patch => self.session(self.patch(true)?),
            Opcode::PatchExisting => self.session(self.patch(false)?),
            Opcode::Touch => self.session(self.touch()?),
            Opcode::Destroy => self.session(SessionOp::Destroy { only_if_expires: self.expires }),
            Opcode::Clear => Request::Store(self.target, StoreRequest::Clear),
            Opcode::All => Request::Store(self.target, StoreRequest::All(self.expires)),
            Opcode::Length => Request::Store(self.target, StoreRequest::Length(self.expires)),
            Opcode::EnsureIndexes => Request::Store(self.target, StoreRequest::EnsureIndexes(self.number())),
            Opcode::EnsureIndexesLater => {
                Request::Store(self.target, StoreRequest::EnsureIndexesLater(self.number()))
            }
            Opcode::Commands => Request::Store(self.target, StoreRequest::Commands),
            Opcode::Changes => Request::Store(self.target, StoreRequest::Changes),
            Opcode::WritesItself => {
                Request::Store(self.target, StoreRequest::WritesItself(self.name.to_owned(), self.expires))
            }
            Opcode::Connect => Request::Client(self.target, ClientRequest::Connect),
            Opcode::Close => Request::Client(self.target, ClientRequest::Close),
            Opcode::Command => {
                let command = Command::read(self.payload)?;
                Request::Client(self.target, ClientRequest::Command(self.name.to_owned(), command))
            }
            Opcode::OpenCursor => {
                let command = Command::read(self.payload)?;
                Request::Client(self.target, ClientRequest::OpenCursor(self.name.to_owned(), command))
            }
            Opcode::Watch => {
                Request::Client(self.target, ClientRequest::Watch { available: self.payload == [1] })
            }
            Opcode::NextLoginQuestion => Request::Client(self.target, ClientRequest::NextLoginQuestion),
            Opcode::AnswerLogin => {
                Request::Client(self.target, ClientRequest::AnswerLogin(Answer::read(self.payload)?))
            }
            Opcode::NameQuestion => {
                Request::Client(self.target, ClientRequest::NameQuestion(self.question()?))
            }
            Opcode::NameAnswer => {
                let json = self.payload.get(4..).unwrap_or_default().to_vec();
                Request::Client(self.target, ClientRequest::NameAnswer(self.question()?, json))
            }
            Opcode::NextBatch => Request::Cursor(self.target, CursorRequest::Next),
            Opcode::CloseCursor => Request::Cursor(self.target, CursorRequest::Close),
        })
    }

    fn session(&self, op: SessionOp) -> Request {
        Request::Session { store: self.target, sid: self.name.to_owned(), op }
    }

    fn expires(&self) -> Result<i64, Error> {
        self.expires.ok_or_else(|| Error::internal("a write without an expiry"))
    }

    /// A save's payload is the session's elements, and what is stored beside them.
    fn whole(&self, creates: bool) -> Result<SessionOp, Error> {
        let mut documents = Documents(self.payload);
        let change = Change::Whole(documents.next_or_empty()?);
        self.write(change, creates, documents)
    }

    /// A patch's payload is the elements of the whole session, and behind them what to set and what to remove. Four
    /// zeros in the place of these say that the whole session is to be stored.
    fn patch(&self, creates: bool) -> Result<SessionOp, Error> {
        let mut documents = Documents(self.payload);
        let whole = documents.next()?;
        let change = match documents.0.strip_prefix(NO_PATCH) {
            Some(behind) => {
                documents.0 = behind;
                Change::Whole(whole)
            }
            None => Change::Patch(Patch { set: documents.next()?, unset: documents.next()?, whole }),
        };
        self.write(change, creates, documents)
    }

    fn write(&self, change: Change, creates: bool, behind: Documents<'_>) -> Result<SessionOp, Error> {
        let (expires, beside) = (self.expires()?, behind.beside()?.map(Box::new));
        Ok(SessionOp::Write(Box::new(Write { expires, change, creates, beside })))
    }

    /// A touch's payload is the elements that set the cookie, and when the session ends.
    fn touch(&self) -> Result<SessionOp, Error> {
        let mut documents = Documents(self.payload);
        let cookie = documents.next_or_empty()?;
        let ends = documents.beside()?.and_then(|beside| beside.ends);
        Ok(SessionOp::Touch { expires: self.expires()?, cookie, ends })
    }

    fn question(&self) -> Result<u32, Error> {
        u32_at(self.payload, 0).ok_or_else(|| Error::internal("a question without a number"))
    }

    fn number(&self) -> f64 {
        f64::from_le_bytes(self.payload.try_into().unwrap_or_default())
    }
}

/// The documents of a payload, one after another.
struct Documents<'a>(&'a [u8]);

impl Documents<'_> {
    fn next(&mut self) -> Result<RawDocumentBuf, Error> {
        let malformed = || Error::internal("malformed session");
        let length = u32_at(self.0, 0).ok_or_else(malformed)? as usize;
        let (bytes, behind) = self.0.split_at_checked(length).ok_or_else(malformed)?;
        self.0 = behind;
        RawDocumentBuf::from_bytes(bytes.to_vec()).map_err(|_| malformed())
    }

    /// Nothing stands for a document without elements.
    fn next_or_empty(&mut self) -> Result<RawDocumentBuf, Error> {
        if self.0.is_empty() { Ok(RawDocumentBuf::new()) } else { self.next() }
    }

    /// What is stored beside the session, which is the last document.
    fn beside(mut self) -> Result<Option<Beside>, Error> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let document = self.next()?;
        let part = |name: &str| match document.get_document(name) {
            Ok(part) => part.to_owned(),
            Err(_) => RawDocumentBuf::new(),
        };
        let ends = document.get_datetime("ends").ok().map(|date| date.timestamp_millis());
        let beside = Beside { set: part("set"), unset: part("unset"), dated: part("dated"), ends };
        if self.0.is_empty() { Ok(Some(beside)) } else { Err(Error::internal("malformed session")) }
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use mongodb::bson::{Bson, DateTime, Document, doc};

    use super::*;

    fn record(opcode: u8, expires: f64, name: &str, payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend_from_slice(&((HEADER_BYTES + name.len() + payload.len()) as u32).to_le_bytes());
        bytes.extend_from_slice(&7u32.to_le_bytes());
        bytes.extend_from_slice(&[opcode, 0, 0, 0]);
        bytes.extend_from_slice(&9u32.to_le_bytes());
        bytes.extend_from_slice(&expires.to_le_bytes());
        bytes.extend_from_slice(&(name.len() as u32).to_le_bytes());
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(payload);
        bytes
    }

    #[test]
    fn reads_records_one_after_another() {
        let session = RawDocumentBuf::try_from(&doc! { "session": { "n": 1 } }).expect("valid");
        let mut bytes = record(Opcode::Set as u8, 1.5e12, "é", session.as_bytes());
        bytes.extend(record(Opcode::Destroy as u8, f64::NAN, "b", b""));
        let mut records = Records::new(&bytes).map(|record| record.expect("well-formed"));
        let first = records.next().expect("one");
        assert_eq!(first.id, 7);
        let Ok(Request::Session { store: 9, sid, op }) = first.request else { panic!("a session's") };
        assert_eq!((sid.as_str(), op), ("é", SessionOp::whole(1_500_000_000_000, session, true)));
        let second = records.next().expect("another").request.expect("well-formed");
        let Request::Session { op, .. } = second else { panic!("a session's") };
        assert_eq!(op, SessionOp::Destroy { only_if_expires: None });
    }

    #[test]
    fn what_is_stored_beside_a_session_follows_it() {
        let raw = |document: &Document| RawDocumentBuf::try_from(document).expect("valid");
        let date = Bson::DateTime(DateTime::from_millis(9));
        let session = raw(&doc! { "session": { "n": 1 } });
        let last = raw(&doc! { "set": { "user": "u" }, "dated": { "userSince": true }, "ends": date });
        let payload = [session.as_bytes(), last.as_bytes()].concat();
        let read = |opcode: Opcode| {
            let record = Records::new(&record(opcode as u8, 1.0, "a", &payload)).next().expect("one");
            match record.expect("well-formed").request.expect("a request") {
                Request::Session { op, .. } => op,
                other => panic!("{other:?}"),
            }
        };
        let SessionOp::Write(write) = read(Opcode::Set) else { panic!("a save") };
        let beside = *write.beside.expect("there");
        let none = RawDocumentBuf::new();
        let (set, dated) = (raw(&doc! { "user": "u" }), raw(&doc! { "userSince": true }));
        assert_eq!(beside, Beside { set, unset: none, dated, ends: Some(9) });
        assert_eq!(write.change, Change::Whole(session.clone()));
        assert_eq!(read(Opcode::Touch), SessionOp::Touch { expires: 1, cookie: session, ends: Some(9) });
    }

    #[test]
    fn a_patch_follows_the_whole_session_and_four_zeros_say_that_there_is_none() {
        let raw = |document: &Document| RawDocumentBuf::try_from(document).expect("valid");
        let whole = raw(&doc! { "session": { "n": 1 } });
        let (set, unset) = (raw(&doc! { "session.n": 1 }), raw(&doc! { "session.m": "" }));
        let beside = raw(&doc! { "set": { "user": "u" } });
        let read = |parts: &[&[u8]]| {
            let record = record(Opcode::PatchExisting as u8, 1.0, "a", &parts.concat());
            let record = Records::new(&record).next().expect("one").expect("well-formed");
            match record.request.expect("a request") {
                Request::Session { op: SessionOp::Write(write), .. } => *write,
                other => panic!("{other:?}"),
            }
        };
        let patch = read(&[whole.as_bytes(), set.as_bytes(), unset.as_bytes()]);
        assert_eq!(patch.change, Change::Patch(Patch { set, unset, whole: whole.clone() }));
        assert!(!patch.creates && patch.beside.is_none());
        let none = read(&[whole.as_bytes(), NO_PATCH, beside.as_bytes()]);
        assert_eq!(none.change, Change::Whole(whole));
        assert!(none.beside.is_some());
    }

    #[test]
    fn every_opcode_is_read_as_some_request() {
        let number = 5.0_f64.to_le_bytes();
        for opcode in Opcode::ALL {
            let read = Records::new(&record(opcode as u8, f64::NAN, "", &number)).next().expect("one");
            assert_eq!(read.expect("a record").id, 7, "{opcode:?}");
        }
    }

    #[test]
    fn a_write_without_expiry_and_a_malformed_payload_are_the_callers_errors() {
        for bytes in [
            record(Opcode::Set as u8, f64::NAN, "a", b""),
            record(Opcode::Set as u8, 1.0, "a", b"no BSON"),
            record(Opcode::Patch as u8, 1.0, "a", b"\x05\0\0\0\0"),
            record(Opcode::Touch as u8, 1.0, "a", b"\x05\0\0\0\0no BSON"),
            record(Opcode::Set as u8, 1.0, "a", b"\x05\0\0\0\0\x05\0\0\0\0\x05\0\0\0\0"),
            record(Opcode::Command as u8, f64::NAN, "db", b"no BSON"),
        ] {
            let record = Records::new(&bytes).next().expect("one").expect("a record");
            assert_eq!(record.id, 7);
            assert!(record.request.is_err());
        }
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
