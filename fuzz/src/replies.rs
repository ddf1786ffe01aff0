//! What the engine makes of a server's replies.

use std::collections::HashSet;
use std::sync::Arc;

use connect_mongodb_session::cursor;
use connect_mongodb_session::error::Error;
use connect_mongodb_session::operation::{lookup, write, write_reply};
use connect_mongodb_session::queue::Job;
use connect_mongodb_session::reply::{Outbox, Reply};
use connect_mongodb_session::session_op::{Change, Patch, SessionOp, Write};
use connect_mongodb_session::srv::NameService;
use mongodb::bson::{RawDocument, RawDocumentBuf, deserialize_from_slice, doc};
use mongodb::error::{CommandError, ErrorKind};

use super::input::{Input, contains, valid};

/// The reply to a `find` or `getMore`: a document is given to nobody but who asked for its id.
pub fn lookup_reply(bytes: &[u8]) {
    let _ = cursor::is_last(bytes);
    let Ok(reply) = RawDocument::from_bytes(bytes) else { return };
    let cursor = reply.get_document("cursor");
    let batch =
        cursor.and_then(|cursor| cursor.get_array("firstBatch").or_else(|_| cursor.get_array("nextBatch")));
    let Ok(batch) = batch else { return };
    let ids: [Arc<str>; 2] = ["ada".into(), "bob".into()];
    let places = lookup::places_of(&ids);
    for id_field in ["_id", "key.sid"] {
        let mut found = vec![Vec::new(); ids.len()];
        let _ = lookup::take(batch, id_field, &places, &mut found);
        for (id, document) in ids.iter().zip(found).filter(|(_, document)| !document.is_empty()) {
            assert!(contains(&document, id.as_bytes()), "a document without the id that was asked for");
            let document = RawDocument::from_bytes(&document).expect("as it was read");
            assert!(lookup::check(document, id_field, id).is_ok(), "alone it would be refused");
            assert!(lookup::check(document, id_field, "eve").is_err(), "somebody else's session");
        }
    }
}

/// The reply to an `update` or `delete`: every caller gets one answer, and no answer says that a write
/// succeeded of which the server said otherwise.
pub fn write_reply(bytes: &[u8]) {
    let mut input = Input(bytes);
    let (statements, kinds, again) = (usize::from(input.byte() % 8) + 1, input.byte(), input.byte() > 127);
    let Some(reply) = valid(input.0) else { return };
    let Ok(outcome) = write_reply::read(&reply, statements) else { return };
    let indexes = outcome.failures.keys().chain(&outcome.created);
    assert!(indexes.copied().all(|index| index < statements), "a statement that there was not");
    assert!(outcome.unmatched <= statements);
    let named = reply.get_array("writeErrors").is_ok_and(|errors| !errors.is_empty());
    assert!(!named || !outcome.failures.is_empty(), "an error went missing");

    let outbox = Outbox::new(|| {});
    let jobs = (0..statements).map(|index| job(&outbox, index, kinds)).collect();
    let failed: HashSet<usize> = outcome.failures.keys().copied().collect();
    let rest = write::settle(jobs, outcome, again);
    let answers = drain(&outbox);
    assert_eq!(
        answers.len() + rest.again.len() + rest.doubtful.len(),
        statements,
        "somebody is answered twice or never"
    );
    for (request, done) in answers {
        assert_eq!(done, !failed.contains(&request), "the wrong answer");
    }
    drop(rest);
}

fn job(outbox: &Arc<Outbox>, index: usize, kinds: u8) -> Job<Reply> {
    let document = || RawDocumentBuf::try_from(&doc! { "session.cookie": { "path": "/" } }).expect("valid");
    let patch = |creates| {
        let change =
            Change::Patch(Patch { set: document(), unset: RawDocumentBuf::new(), whole: document() });
        SessionOp::Write(Box::new(Write { expires: 1, change, creates, beside: None }))
    };
    let op = match (usize::from(kinds) + index) % 6 {
        0 => SessionOp::whole(1, document(), true),
        1 => SessionOp::Touch { expires: 1, cookie: document(), ends: None },
        2 => patch(true),
        3 => patch(false),
        4 => SessionOp::whole(1, document(), false),
        _ => SessionOp::Destroy { only_if_expires: None },
    };
    let request = u32::try_from(index).expect("few");
    let replies = vec![Reply::new(outbox, request)];
    Job { sid: index.to_string().into(), op, replies }
}

/// The answers so far: the request, and whether its answer says that all is well.
fn drain(outbox: &Outbox) -> Vec<(usize, bool)> {
    let mut answers = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let written = outbox.drain(&mut buffer);
        let Ok(written) = usize::try_from(written) else {
            buffer = vec![0; usize::try_from(-written).expect("a size")];
            continue;
        };
        if written == 0 {
            return answers;
        }
        let mut rest = &buffer[..written];
        while !rest.is_empty() {
            let number =
                |at: usize| u32::from_le_bytes(rest[at..at + 4].try_into().expect("four bytes")) as usize;
            let (length, request) = (number(0), number(4));
            let failed = rest[8] != 0;
            assert!(!failed || valid(&rest[12..length]).is_some(), "an error that JavaScript cannot read");
            answers.push((request, !failed));
            rest = &rest[length..];
        }
    }
}

/// Errors, by the first byte: of a command, of a statement, of a write concern, and what DNS said.
pub fn errors(bytes: &[u8]) {
    let mut input = Input(bytes);
    let error = match input.byte() % 4 {
        0 => {
            let Ok(error) = deserialize_from_slice::<CommandError>(input.0) else { return };
            Error::from(mongodb::error::Error::from(ErrorKind::Command(error)))
        }
        1 => {
            let Some(entry) = valid(input.0) else { return };
            Error::from_write_error(&entry)
        }
        2 => {
            let Some(reply) = valid(input.0) else { return };
            let Ok(entry) = reply.get_document("writeConcernError") else { return };
            Error::from_write_concern_error(entry, &reply)
        }
        _ => {
            // What DNS says comes as JSON.
            let Err(error) = NameService::default().answer(1, input.0) else { return };
            error
        }
    };
    let told = RawDocumentBuf::try_from(&error.to_document()).expect("an error can be told");
    let told = valid(told.as_bytes()).expect("valid BSON");
    assert_eq!(told.get_str("name").ok(), Some(error.kind.node_name()));
    assert_eq!(told.get_str("message").ok(), Some(error.message.as_str()));
}
