//! `set`, `touch` and `destroy`, and saves of what changed: one unordered command with a statement for each session.

use std::collections::{HashMap, HashSet};

use mongodb::bson::{Document, RawDocumentBuf};

use super::{answer, may_be_one_statements_fault, statement};
use crate::channel::{Ticket, together};
use crate::deadline::within;
use crate::document::{Writer, array_key};
use crate::error::Error;
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
struct Outcome {
    failures: Failures,
    /// Statements without an error that found no session, as far as the server said.
    unmatched: usize,
    /// Statements that created a session.
    created: HashSet<usize>,
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
fn settle(jobs: Vec<Job<Ticket>>, outcome: Outcome, again: bool) -> (Vec<Job<Ticket>>, Vec<Job<Ticket>>) {
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

/// Reads a write command's reply: errors by statement.
///
/// # Errors
/// A retryable write concern error, for the command as a whole: sending it again changes nothing
/// that was written.
fn read(reply: &Document, statements: usize) -> Result<Outcome, Error> {
    let mut failures = Failures::new();
    for entry in reply.get_array("writeErrors").map(Vec::as_slice).unwrap_or_default() {
        let Some(entry) = entry.as_document() else { continue };
        let index = entry.get_i32("index").ok().and_then(|index| usize::try_from(index).ok());
        failures.insert(index.unwrap_or(0), Error::from_write_error(entry));
    }
    let write_errors = failures.len();
    if let Ok(concern) = reply.get_document("writeConcernError") {
        let error = Error::from_write_concern_error(concern, reply);
        if error.retryable {
            return Err(error);
        }
        for index in 0..statements {
            failures.entry(index).or_insert_with(|| error.clone());
        }
    }
    // No count comes with unacknowledged writes, of which nothing is known.
    let matched = reply.get_i32("n").ok().and_then(|n| usize::try_from(n).ok());
    let succeeded = statements.saturating_sub(write_errors);
    let upserted = reply.get_array("upserted").map(Vec::as_slice).unwrap_or_default();
    let created = upserted
        .iter()
        .filter_map(|entry| entry.as_document()?.get_i32("index").ok())
        .filter_map(|index| usize::try_from(index).ok())
        .collect();
    let unmatched = matched.map_or(0, |matched| succeeded.saturating_sub(matched));
    Ok(Outcome { failures, unmatched, created })
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
