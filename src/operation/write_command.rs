//! The command that writes: a statement for each session.

use std::sync::Arc;

use mongodb::bson::RawDocumentBuf;

use super::statement;
use crate::document::{Writer, array_key};
use crate::error::Error;
use crate::queue::Job;
use crate::reply::Reply;
use crate::session_op::Kind;
use crate::store::Store;

fn begin(store: &Store, kind: Kind, bytes: usize) -> Writer {
    let mut writer = Writer::with_capacity(bytes + 160);
    writer.string(kind.command(), &store.config().collection).boolean("ordered", false);
    store.append_write_concern(&mut writer);
    writer
}

/// Composes the command for jobs of one kind, with its transaction number if it has one.
///
/// # Errors
/// When what is to be stored is not BSON, or too much.
pub fn compose(
    store: &Store,
    kind: Kind,
    jobs: &[Job<Reply>],
    number: Option<i64>,
) -> Result<RawDocumentBuf, Error> {
    let bytes = jobs.iter().map(|job| job.op.bytes() + 2 * job.sid.len() + 160).sum();
    let mut writer = begin(store, kind, bytes);
    if let Some(number) = number {
        writer.int64("txnNumber", number);
    }
    writer.array(match kind {
        Kind::Delete => "deletes",
        Kind::Lookup | Kind::Update => "updates",
    });
    for (index, job) in jobs.iter().enumerate() {
        statement::write(&mut writer, &array_key(index), store.config(), &job.sid, &job.op)?;
    }
    writer.finish()
}

/// Composes a command that changes nothing, for the sessions that `sids` name.
///
/// # Errors
/// When there are too many.
pub fn compose_idle(store: &Store, sids: &[Arc<str>], number: i64) -> Result<RawDocumentBuf, Error> {
    let mut writer = begin(store, Kind::Update, sids.len() * 160);
    writer.int64("txnNumber", number).array("updates");
    for (index, sid) in sids.iter().enumerate() {
        statement::write_idle(&mut writer, &array_key(index), store.config(), sid);
    }
    writer.finish()
}
