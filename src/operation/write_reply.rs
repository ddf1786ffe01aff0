//! What the server's answer to a write command says of each of its statements.

use std::collections::{HashMap, HashSet};

use mongodb::bson::{Bson, Document};

use crate::error::{Error, ErrorKind, whole as number};

/// Errors of a command's statements, by index.
type Failures = HashMap<usize, Error>;

/// How the statements of one command ended.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Errors, by the statement's index.
    pub failures: Failures,
    /// Statements without an error that found no session, as far as the server said.
    pub unmatched: usize,
    /// Statements that created a session.
    pub created: HashSet<usize>,
}

/// Refuses a reply that says that the command is to be sent again as it is: what was written is written, but the
/// primary stepped down before enough others had it.
///
/// # Errors
/// A retryable write concern error.
pub fn accepted(reply: Document) -> Result<Document, Error> {
    if let Some(Bson::Document(concern)) = reply.get("writeConcernError") {
        let error = Error::from_write_concern_error(concern, &reply);
        if error.retryable {
            return Err(error);
        }
    }
    Ok(reply)
}

/// Reads a write command's reply: errors by statement. One that names no statement of the command may be of any:
/// nothing counts as written that the server did not clearly say was.
///
/// # Errors
/// A retryable write concern error, for the command as a whole: sending it again changes nothing
/// that was written.
pub fn read(reply: &Document, statements: usize) -> Result<Outcome, Error> {
    let (mut failures, mut everyones) = write_errors(reply, statements);
    let write_errors = failures.len();
    match reply.get("writeConcernError") {
        None | Some(Bson::Null) => {}
        Some(Bson::Document(concern)) => {
            let error = Error::from_write_concern_error(concern, reply);
            if error.retryable {
                return Err(error);
            }
            everyones.get_or_insert(error);
        }
        Some(_) => drop(everyones.get_or_insert_with(malformed)),
    }
    if let Some(error) = everyones {
        for index in 0..statements {
            failures.entry(index).or_insert_with(|| error.clone());
        }
    }
    // No count comes with unacknowledged writes, of which nothing is known.
    let matched = number(reply, "n").and_then(|n| usize::try_from(n).ok());
    let succeeded = statements.saturating_sub(write_errors);
    let upserted = reply.get_array("upserted").map(Vec::as_slice).unwrap_or_default();
    let created = upserted.iter().filter_map(|entry| index(entry.as_document()?, statements)).collect();
    let unmatched = matched.map_or(0, |matched| succeeded.saturating_sub(matched));
    Ok(Outcome { failures, unmatched, created })
}

/// The `writeErrors` of a reply by statement, and one that is of none of them.
fn write_errors(reply: &Document, statements: usize) -> (Failures, Option<Error>) {
    let entries = match reply.get("writeErrors") {
        None | Some(Bson::Null) => return (Failures::new(), None),
        Some(Bson::Array(entries)) => entries,
        Some(_) => return (Failures::new(), Some(malformed())),
    };
    let (mut failures, mut unnamed) = (Failures::new(), None);
    for entry in entries {
        let Some(entry) = entry.as_document() else {
            unnamed = Some(malformed());
            continue;
        };
        let error = Error::from_write_error(entry);
        match index(entry, statements) {
            Some(index) => drop(failures.insert(index, error)),
            None => unnamed = Some(error),
        }
    }
    (failures, unnamed)
}

/// Which of the command's statements an entry of a reply is about.
fn index(entry: &Document, statements: usize) -> Option<usize> {
    usize::try_from(number(entry, "index")?).ok().filter(|&index| index < statements)
}

fn malformed() -> Error {
    Error::new(ErrorKind::Server, "the server's answer is malformed: nothing is known of this write")
}

#[cfg(test)]
mod tests {
    use mongodb::bson::doc;

    use super::*;

    #[test]
    fn each_statement_gets_its_own_error() {
        let reply = doc! { "ok": 1, "n": 1, "writeErrors": [{ "index": 1, "code": 2, "errmsg": "bad" }] };
        let Outcome { failures, unmatched, .. } = read(&reply, 3).expect("answered");
        assert_eq!(failures.len(), 1);
        assert_eq!(failures[&1].message, "bad");
        assert_eq!(unmatched, 1);
    }

    #[test]
    fn an_index_may_be_any_whole_number() {
        for index in [Bson::Int32(1), Bson::Int64(1), Bson::Double(1.0)] {
            let reply = doc! { "ok": 1, "n": 1_i64, "writeErrors": [{ "index": index, "code": 2.0 }] };
            let Outcome { failures, unmatched, .. } = read(&reply, 2).expect("answered");
            assert_eq!((failures.len(), failures[&1].code, unmatched), (1, Some(2), 0));
        }
    }

    #[test]
    fn an_error_that_names_no_statement_is_everyones() {
        for entry in [doc! { "code": 2 }, doc! { "index": 2 }, doc! { "index": -1 }, doc! { "index": 0.5 }] {
            let named = doc! { "index": 0, "code": 3 };
            let failures =
                read(&doc! { "ok": 1, "n": 2, "writeErrors": [named, entry] }, 2).expect("answered").failures;
            assert_eq!(failures.len(), 2);
            assert_eq!(failures[&0].code, Some(3));
        }
        for reply in [
            doc! { "ok": 1, "n": 2, "writeErrors": ["no"] },
            doc! { "ok": 1, "n": 2, "writeErrors": { "0": { "index": 0 } } },
            doc! { "ok": 1, "n": 2, "writeConcernError": "no" },
        ] {
            assert_eq!(read(&reply, 2).expect("answered").failures.len(), 2, "{reply}");
        }
        let null = doc! { "ok": 1, "n": 2, "writeErrors": Bson::Null, "writeConcernError": Bson::Null };
        assert!(read(&null, 2).expect("answered").failures.is_empty());
    }

    #[test]
    fn what_was_created_is_known_by_statement() {
        let reply =
            doc! { "ok": 1, "n": 3, "upserted": [{ "index": 0, "_id": "a" }, { "index": 2, "_id": "c" }] };
        assert_eq!(read(&reply, 3).expect("answered").created, HashSet::from([0, 2]));
    }

    #[test]
    fn a_write_concern_that_was_not_met_is_everyones_error() {
        let reply = doc! { "ok": 1, "writeConcernError": { "code": 64, "errmsg": "waiting for replication timed out" },
        "writeErrors": [{ "index": 0, "code": 2, "errmsg": "bad" }] };
        let failures = read(&reply, 2).expect("answered").failures;
        assert_eq!(failures[&0].code, Some(2));
        assert_eq!((failures[&1].code, failures[&1].kind), (Some(64), ErrorKind::WriteConcern));
    }

    #[test]
    fn a_primary_that_steps_down_after_the_write_is_worth_another_try() {
        let reply = doc! { "ok": 1, "writeConcernError": { "code": 11602, "errmsg": "interrupted" } };
        assert!(read(&reply, 1).expect_err("to be retried").retryable);
    }
}
