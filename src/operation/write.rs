//! `set`, `touch` and `destroy`, and saves of what changed: one unordered command with a statement for each session.

use std::collections::{HashMap, HashSet};

use mongodb::bson::{Bson, Document, RawDocumentBuf};

use super::{answer, may_be_one_statements_fault, statement};
use crate::channel::{Ticket, together};
use crate::deadline::within;
use crate::document::{Writer, array_key};
use crate::error::{Error, whole as number};
use crate::namespace::Namespace;
use crate::queue::{Action, Job, Kind, Patch};
use crate::retry::retrying;

/// Two upserts of one new session at once: one of them is told this, and finds it on a second try.
const DUPLICATE_KEY: i32 = 11000;
/// The stored session is no document, so it has no cookie to set (connect-mongo's JSON strings).
const PATH_NOT_VIABLE: i32 = 28;
/// What JavaScript is answered when a session was created.
const CREATED: u8 = 1;
/// More races in a row than this are no race.
const MAX_RACES: usize = 5;

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

/// Writes all jobs and answers each.
///
/// # Errors
/// What kept the server from answering; every job was answered with it.
pub async fn run(namespace: &Namespace, kind: Kind, mut jobs: Vec<Job<Ticket>>) -> Result<(), Error> {
    let mut result = Ok(());
    for race in 0.. {
        let outcome = match send(namespace, kind, &jobs).await {
            Ok(outcome) => outcome,
            Err(error) if namespace.hints() && is_about_hints(&error, &jobs) => {
                namespace.forgo_hints();
                continue;
            }
            Err(error) if jobs.len() > 1 && may_be_one_statements_fault(&error) => {
                return one_by_one(namespace, kind, jobs).await;
            }
            Err(error) => {
                result = Err(error.clone());
                let failures = (0..jobs.len()).map(|index| (index, error.clone())).collect();
                Outcome { failures, ..Outcome::default() }
            }
        };
        let doubtful;
        (jobs, doubtful) = together(|| settle(jobs, outcome, race < MAX_RACES));
        if let Err(error) = halves(namespace, kind, doubtful).await {
            result = Err(error);
        }
        if jobs.is_empty() {
            break;
        }
    }
    result
}

/// Services that speak MongoDB's protocol may not know hints: they refuse the command as a whole.
fn is_about_hints(error: &Error, jobs: &[Job<Ticket>]) -> bool {
    may_be_one_statements_fault(error) && jobs.iter().any(|job| matches!(job.action, Action::Touch { .. }))
}

async fn one_by_one(namespace: &Namespace, kind: Kind, jobs: Vec<Job<Ticket>>) -> Result<(), Error> {
    let mut result = Ok(());
    for job in jobs {
        result = Box::pin(run(namespace, kind, vec![job])).await;
    }
    result
}

/// Sends patches again in two commands: how many sessions were found tells less about more of them.
/// A patch may be applied twice, since it only ever sets the same values.
async fn halves(namespace: &Namespace, kind: Kind, mut jobs: Vec<Job<Ticket>>) -> Result<(), Error> {
    if jobs.is_empty() {
        return Ok(());
    }
    let second = jobs.split_off(jobs.len().div_ceil(2));
    let first = Box::pin(run(namespace, kind, jobs)).await;
    if second.is_empty() {
        return first;
    }
    first.and(Box::pin(run(namespace, kind, second)).await)
}

/// Answers what is over; returns what is worth another try, and the patches that may have been for
/// a session that is gone and has to be created whole.
pub fn settle(jobs: Vec<Job<Ticket>>, outcome: Outcome, again: bool) -> (Vec<Job<Ticket>>, Vec<Job<Ticket>>) {
    let (mut rest, mut doubtful) = (Vec::new(), Vec::new());
    let Outcome { mut failures, unmatched, created } = outcome;
    let alone = jobs.len() == 1;
    for (index, mut job) in jobs.into_iter().enumerate() {
        let outcome = failures.remove(&index);
        let code = outcome.as_ref().and_then(|error| error.code);
        match (&mut job.action, code) {
            (Action::Patch(patch), None) if outcome.is_none() && unmatched > 0 && patch.creates => {
                if alone {
                    job.action = whole(patch);
                    rest.push(job);
                } else {
                    doubtful.push(job);
                }
            }
            // The stored session is no document any more, or one that these changes do not fit.
            (Action::Patch(patch), Some(PATH_NOT_VIABLE)) => {
                job.action = whole(patch);
                rest.push(job);
            }
            (Action::Set { .. }, Some(DUPLICATE_KEY)) if again => rest.push(job),
            (Action::Touch { cookie, .. }, Some(PATH_NOT_VIABLE)) if !cookie.is_empty() => {
                *cookie = RawDocumentBuf::new();
                rest.push(job);
            }
            (_, None) if outcome.is_none() && created.contains(&index) => answer_created(job.tickets),
            _ => answer(job.tickets, outcome.map_or(Ok(Vec::new()), Err)),
        }
    }
    (rest, doubtful)
}

/// Answers those whose write created the session: one byte for the last, whose session is stored; the
/// others were covered by it.
fn answer_created(mut tickets: Vec<Ticket>) {
    let last = tickets.pop();
    answer(tickets, Ok(Vec::new()));
    if let Some(last) = last {
        last.complete(Ok(vec![CREATED]));
    }
}

/// What stores the session that a patch was made of.
fn whole(patch: &mut Patch) -> Action {
    let session = std::mem::take(&mut patch.whole);
    if patch.creates {
        Action::Set { expires: patch.expires, session }
    } else {
        Action::Replace { expires: patch.expires, session }
    }
}

async fn send(namespace: &Namespace, kind: Kind, jobs: &[Job<Ticket>]) -> Result<Outcome, Error> {
    let command = command(namespace, kind, jobs)?;
    let limits = namespace.pool().limits();
    let sending = retrying(limits.retry, || async {
        namespace.stats().sent();
        read(&namespace.run(command.clone()).await?, jobs.len())
    });
    within(Some(limits.operation), sending).await
}

fn command(namespace: &Namespace, kind: Kind, jobs: &[Job<Ticket>]) -> Result<RawDocumentBuf, Error> {
    let location = namespace.location();
    let (name, list) = match kind {
        Kind::Delete => ("delete", "deletes"),
        _ => ("update", "updates"),
    };
    let bytes: usize = jobs.iter().map(|job| job.action.bytes() + 2 * job.sid.len() + 160).sum();
    let mut writer = Writer::with_capacity(bytes + 160);
    writer.string(name, &location.collection).boolean("ordered", false);
    namespace.append_write_concern(&mut writer);
    writer.array(list);
    for (index, job) in jobs.iter().enumerate() {
        statement::write(&mut writer, &array_key(index), location, &job.sid, &job.action, namespace.hints());
    }
    writer.finish()
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
    Error::new("MongoServerError", "the server's answer is malformed: nothing is known of this write")
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
        assert_eq!((failures[&1].code, failures[&1].name), (Some(64), "MongoWriteConcernError"));
    }

    #[test]
    fn a_primary_that_steps_down_after_the_write_is_worth_another_try() {
        let reply = doc! { "ok": 1, "writeConcernError": { "code": 11602, "errmsg": "interrupted" } };
        assert!(read(&reply, 1).expect_err("to be retried").retryable);
    }
}
