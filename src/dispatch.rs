//! Sends each record to the store, client or cursor it names.

use std::sync::Arc;

use mongodb::bson::RawDocumentBuf;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::availability;
use crate::channel::{Channel, Ticket};
use crate::command::{self, Request};
use crate::cursor::{self, Cursor};
use crate::error::Error;
use crate::namespace::Namespace;
use crate::operation::{clear, length};
use crate::queue::{Action, Patch};
use crate::submission::{Operation, Record, Records};
use crate::{indexes, runtime};

/// Starts the task that works off a realm's submissions in order; it ends with the sender.
pub fn start(channel: &Arc<Channel>) -> UnboundedSender<Vec<u8>> {
    let (sender, receiver) = unbounded_channel();
    runtime::handle().spawn(work(Arc::clone(channel), receiver));
    sender
}

async fn work(channel: Arc<Channel>, mut submissions: UnboundedReceiver<Vec<u8>>) {
    let mut stores: Vec<Arc<Namespace>> = Vec::new();
    while let Some(bytes) = submissions.recv().await {
        // A malformed record is this package's own fault; whose it was is not known.
        for record in Records::new(&bytes).flatten() {
            dispatch(&channel, &record, &mut stores);
        }
        // After all of a tick's records, so that they go out together.
        for store in stores.drain(..) {
            store.pump();
        }
    }
}

fn dispatch(channel: &Arc<Channel>, record: &Record<'_>, stores: &mut Vec<Arc<Namespace>>) {
    let ticket = Ticket::new(channel, record.request);
    match record.operation {
        Operation::Get
        | Operation::Set
        | Operation::Replace
        | Operation::Patch
        | Operation::PatchExisting
        | Operation::Touch
        | Operation::Destroy => {
            point(channel, record, ticket, stores);
        }
        Operation::Clear | Operation::All | Operation::Length | Operation::EnsureIndexes => {
            whole_store(channel, record, ticket);
        }
        Operation::Connect | Operation::Close | Operation::Command | Operation::OpenCursor => {
            on_client(channel, record, ticket);
        }
        Operation::Commands => commands(channel, record, ticket),
        Operation::Watch => watch(channel, record, ticket),
        Operation::NextBatch | Operation::CloseCursor => on_cursor(channel, record, ticket),
    }
}

fn point(channel: &Arc<Channel>, record: &Record<'_>, ticket: Ticket, stores: &mut Vec<Arc<Namespace>>) {
    let Some(store) = channel.store(record.target) else {
        return ticket.complete(Err(Error::not_connected()));
    };
    match action(record).and_then(|action| store.sealed(record.name, action)) {
        Ok(action) => store.push(record.name, action, ticket),
        Err(error) => return ticket.complete(Err(error)),
    }
    if !stores.iter().any(|known| Arc::ptr_eq(known, &store)) {
        stores.push(store);
    }
}

/// What a record asks of one session.
///
/// # Errors
/// When its payload or expiry is not what such a record has.
pub fn action(record: &Record<'_>) -> Result<Action, Error> {
    let elements = || match record.payload {
        [] => Ok(RawDocumentBuf::new()),
        bytes => RawDocumentBuf::from_bytes(bytes.to_vec()).map_err(|_| Error::internal("malformed session")),
    };
    let expires = || record.expires.ok_or_else(|| Error::internal("a write without an expiry"));
    Ok(match record.operation {
        Operation::Set => Action::Set { expires: expires()?, session: elements()? },
        Operation::Replace => Action::Replace { expires: expires()?, session: elements()? },
        Operation::Patch | Operation::PatchExisting => {
            Action::Patch(Box::new(patch(record).ok_or_else(|| Error::internal("malformed patch"))?))
        }
        Operation::Touch => Action::Touch { expires: expires()?, cookie: elements()? },
        Operation::Destroy => Action::Destroy { expires: record.expires },
        _ => Action::Get,
    })
}

/// A patch's payload is three documents: what to set, what to remove, and what to store instead.
fn patch(record: &Record<'_>) -> Option<Patch> {
    let mut rest = record.payload;
    let mut document = || {
        let length = u32::from_le_bytes(rest.get(..4)?.try_into().ok()?) as usize;
        let (bytes, behind) = rest.split_at_checked(length)?;
        rest = behind;
        RawDocumentBuf::from_bytes(bytes.to_vec()).ok()
    };
    let (set, unset, whole) = (document()?, document()?, document()?);
    let creates = record.operation == Operation::Patch;
    Some(Patch { expires: record.expires?, set, unset, whole, creates })
}

fn whole_store(channel: &Arc<Channel>, record: &Record<'_>, ticket: Ticket) {
    let Some(store) = channel.store(record.target) else {
        return ticket.complete(Err(Error::not_connected()));
    };
    let channel = Arc::clone(channel);
    let (operation, number) = (record.operation, f64::from_le_bytes(number(record.payload)));
    tokio::spawn(async move {
        ticket.complete(match operation {
            Operation::Clear => clear::run(&store).await,
            Operation::Length => length::run(&store).await,
            Operation::All => opened(&channel, cursor::open_all(&store).await).await,
            _ => indexes::ensure(&store, number).await,
        });
    });
}

fn number(payload: &[u8]) -> [u8; 8] {
    payload.try_into().unwrap_or_default()
}

fn on_client(channel: &Arc<Channel>, record: &Record<'_>, ticket: Ticket) {
    let pool = match record.operation {
        Operation::Close => channel.remove_pool(record.target),
        _ => channel.pool(record.target),
    };
    let Some(pool) = pool else { return ticket.complete(Err(Error::not_connected())) };
    let channel = Arc::clone(channel);
    let (operation, database) = (record.operation, record.name.to_owned());
    let request = matches!(operation, Operation::Command | Operation::OpenCursor)
        .then(|| Request::read(record.payload));
    tokio::spawn(async move {
        let outcome = match (operation, request) {
            (_, Some(Err(error))) => Err(error),
            (Operation::Command, Some(Ok(request))) => command::run(&pool, &database, &request).await,
            (_, Some(Ok(request))) => opened(&channel, cursor::open(&pool, &database, request).await).await,
            (Operation::Close, None) => {
                pool.release().await;
                return ticket.complete(Ok(Vec::new()));
            }
            (_, None) => pool.ping().await.map(|()| Vec::new()),
        };
        ticket.complete(outcome);
    });
}

/// Answers with one byte, 1 for available, when that is no longer what JavaScript knows and has sent as such
/// a byte.
fn watch(channel: &Arc<Channel>, record: &Record<'_>, ticket: Ticket) {
    let Some((pool, mut closing)) = channel.pool(record.target).zip(channel.closing(record.target)) else {
        return ticket.complete(Err(Error::not_connected()));
    };
    let (changes, known) = (pool.availability(), record.payload == [1]);
    tokio::spawn(async move {
        // Others may go on with the pool: this client's watching ends with this client.
        let outcome = tokio::select! {
            now = availability::next(changes, known) => now.map(|now| vec![u8::from(now)]),
            _ = closing.changed() => Err(Error::not_connected()),
        };
        ticket.complete(outcome);
    });
}

/// Answers with the commands that ended since the last time.
fn commands(channel: &Arc<Channel>, record: &Record<'_>, ticket: Ticket) {
    let Some(store) = channel.store(record.target) else {
        return ticket.complete(Err(Error::not_connected()));
    };
    // Not the store: it must be able to end meanwhile.
    let stats = Arc::clone(store.stats());
    tokio::spawn(async move { ticket.complete(stats.told().await) });
}

/// An opened cursor's handle (u32, 0 if this is all) and the first batch's reply.
async fn opened(channel: &Arc<Channel>, cursor: Result<Cursor, Error>) -> Result<Vec<u8>, Error> {
    let cursor = Arc::new(cursor?);
    let first = cursor.next().await?;
    let handle = if cursor::is_last(&first) { 0 } else { channel.add_cursor(cursor) };
    Ok([handle.to_le_bytes().as_slice(), &first].concat())
}

fn on_cursor(channel: &Arc<Channel>, record: &Record<'_>, ticket: Ticket) {
    let cursor = match record.operation {
        Operation::CloseCursor => channel.remove_cursor(record.target),
        _ => channel.cursor(record.target),
    };
    let (operation, handle, channel) = (record.operation, record.target, Arc::clone(channel));
    tokio::spawn(async move {
        ticket.complete(match cursor {
            // Nothing left, or closed: both are the end of it.
            None => Ok(Vec::new()),
            Some(_) if operation == Operation::CloseCursor => Ok(Vec::new()),
            Some(cursor) => {
                let batch = cursor.next().await;
                if batch.as_ref().is_ok_and(|reply| cursor::is_last(reply)) {
                    channel.remove_cursor(handle);
                }
                batch
            }
        });
    });
}
