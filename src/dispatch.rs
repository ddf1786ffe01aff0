//! Sends each request to the store, client or cursor it is about.

use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::cursor::{self, Cursor};
use crate::engine::Engine;
use crate::error::Error;
use crate::operation::{all, clear, length};
use crate::pool::Pool;
use crate::realm::Realm;
use crate::reply::Reply;
use crate::request::{ClientRequest, CursorRequest, Records, Request, StoreRequest};
use crate::watch::own_writes::Effect;
use crate::watch::stream;
use crate::{availability, command, indexes, runtime, srv};

/// Starts the task that works off a realm's submissions in order; it ends with the sender.
///
/// # Errors
/// When the background thread cannot be started.
pub fn start(realm: &Arc<Realm>) -> Result<UnboundedSender<Vec<u8>>, Error> {
    let (sender, receiver) = unbounded_channel();
    runtime::handle()?.spawn(work(Arc::clone(realm), receiver));
    Ok(sender)
}

async fn work(realm: Arc<Realm>, mut submissions: UnboundedReceiver<Vec<u8>>) {
    let mut engines = Vec::new();
    while let Some(bytes) = submissions.recv().await {
        // A malformed record is this package's own fault; whose it was is not known.
        for record in Records::new(&bytes).flatten() {
            let reply = Reply::new(realm.outbox(), record.id);
            match record.request {
                Ok(request) => dispatch(&realm, request, reply, &mut engines),
                Err(error) => reply.complete(Err(error)),
            }
        }
        // After all of a tick's records, so that they go out together.
        send_out(&mut engines);
    }
}

/// Sends what the stores with these handles have taken in, and forgets the handles.
fn send_out(engines: &mut Vec<(u32, Arc<Engine>)>) {
    for (_, engine) in engines.drain(..) {
        engine.pump();
    }
}

/// `engines` has the stores that took something in since [`send_out`]: a tick's operations are mostly about one store,
/// which is so looked up once.
fn dispatch(realm: &Arc<Realm>, request: Request, reply: Reply, engines: &mut Vec<(u32, Arc<Engine>)>) {
    match request {
        Request::Session { store, sid, op } => {
            if let Some((_, engine)) = engines.iter().find(|(handle, _)| *handle == store) {
                return engine.push(&sid, op, reply);
            }
            let Some(engine) = realm.store(store) else { return reply.complete(Err(Error::not_connected())) };
            engine.push(&sid, op, reply);
            engines.push((store, engine));
        }
        Request::Store(handle, request) => match realm.store(handle) {
            Some(engine) => drop(tokio::spawn(of_store(Arc::clone(realm), handle, engine, request, reply))),
            None => reply.complete(Err(Error::not_connected())),
        },
        Request::Client(handle, request) => {
            let closing = matches!(request, ClientRequest::Close);
            if closing {
                // What is asked of its stores from now on must not find them.
                send_out(engines);
            }
            match if closing { realm.remove_client(handle) } else { realm.client(handle) } {
                Some(pool) => drop(tokio::spawn(of_client(Arc::clone(realm), handle, pool, request, reply))),
                None => reply.complete(Err(Error::not_connected())),
            }
        }
        Request::Cursor(handle, CursorRequest::Close) => {
            drop(realm.remove_cursor(handle));
            reply.complete(Ok(Vec::new()));
        }
        Request::Cursor(handle, CursorRequest::Next) => {
            let realm = Arc::clone(realm);
            tokio::spawn(async move { reply.complete(next_batch(&realm, handle).await) });
        }
    }
}

async fn of_store(realm: Arc<Realm>, handle: u32, engine: Arc<Engine>, request: StoreRequest, reply: Reply) {
    let (store, closing) = (Arc::clone(engine.store()), realm.closing_of_store(handle));
    reply.complete(match request {
        StoreRequest::Clear => clear::run(&store).await,
        StoreRequest::Length(now) => length::run(&store, now).await,
        StoreRequest::All(now) => opened(&realm, all::run(&store, now).await).await,
        StoreRequest::EnsureIndexes(seconds) => indexes::ensure(&store, seconds).await,
        StoreRequest::EnsureIndexesLater(seconds) => {
            // The engine is let go, so that a store that is closed is not kept until a server comes.
            drop(engine);
            match closing {
                Some(mut closing) => tokio::select! {
                    result = indexes::ensure_later(&store, seconds) => result,
                    _ = closing.changed() => Err(Error::not_connected()),
                },
                None => Err(Error::not_connected()),
            }
        }
        StoreRequest::Commands => {
            // Neither the engine nor the store is held: they must be able to end meanwhile.
            let stats = Arc::clone(store.stats());
            drop((engine, store));
            stats.news().await
        }
        StoreRequest::Changes => {
            let changes = store.changes();
            drop((engine, store));
            match changes {
                Some(changes) => changes.next().await,
                None => Err(Error::internal("the store does not watch")),
            }
        }
        StoreRequest::WritesItself(sid, expires) => {
            let config = store.config();
            let effect = expires.map_or(Effect::Deletes, |expires| Effect::saves(expires, config));
            stream::expect(config, &sid, effect);
            Ok(Vec::new())
        }
    });
}

async fn of_client(realm: Arc<Realm>, handle: u32, pool: Arc<Pool>, request: ClientRequest, reply: Reply) {
    reply.complete(match request {
        ClientRequest::Connect => pool.ping().await.map(|()| Vec::new()),
        ClientRequest::Close => {
            pool.release().await;
            Ok(Vec::new())
        }
        ClientRequest::Command(database, command) => command::run(&pool, &database, &command).await,
        ClientRequest::OpenCursor(database, command) => {
            opened(&realm, cursor::open(&pool, &database, command).await).await
        }
        ClientRequest::NextLoginQuestion => {
            let (questions, closing) = (Arc::clone(pool.login_questions()), realm.closing(handle));
            drop(pool);
            match closing {
                Some(mut closing) => tokio::select! {
                    question = questions.next() => question,
                    _ = closing.changed() => Err(Error::not_connected()),
                },
                None => Err(Error::not_connected()),
            }
        }
        ClientRequest::NameQuestion(last) => {
            // As for `Watch` below: the pool is let go, so that it is not kept by a client that waits.
            let (questions, closing) = (pool.names().questions(), realm.closing(handle));
            drop(pool);
            match closing {
                Some(mut closing) => tokio::select! {
                    question = srv::next(questions, last) => question.map(srv::Question::to_bytes),
                    _ = closing.changed() => Err(Error::not_connected()),
                },
                None => Err(Error::not_connected()),
            }
        }
        ClientRequest::AnswerLogin(answer) => {
            pool.login_questions().answer(answer);
            Ok(Vec::new())
        }
        ClientRequest::NameAnswer(question, json) => {
            pool.names().answer(question, &json).map(|()| Vec::new())
        }
        ClientRequest::Watch { available } => {
            // Others may go on with the pool: this client's watching ends with this client.
            let (changes, closing) = (pool.availability().subscribe(), realm.closing(handle));
            drop(pool);
            match closing {
                Some(mut closing) => tokio::select! {
                    now = availability::next(changes, available) => now.map(|now| vec![u8::from(now)]),
                    _ = closing.changed() => Err(Error::not_connected()),
                },
                None => Err(Error::not_connected()),
            }
        }
    });
}

/// An opened cursor's handle (u32, 0 if this is all) and the first batch's reply.
async fn opened(realm: &Arc<Realm>, cursor: Result<Cursor, Error>) -> Result<Vec<u8>, Error> {
    let cursor = Arc::new(cursor?);
    let first = cursor.next().await?;
    let handle = if cursor::is_last(&first) { 0 } else { realm.add_cursor(cursor) };
    Ok([handle.to_le_bytes().as_slice(), &first].concat())
}

/// A cursor's next batch; empty when nothing is left or it was closed, which both are the end of it.
async fn next_batch(realm: &Arc<Realm>, handle: u32) -> Result<Vec<u8>, Error> {
    let Some(cursor) = realm.cursor(handle) else { return Ok(Vec::new()) };
    let batch = cursor.next().await;
    if batch.as_ref().is_ok_and(|reply| cursor::is_last(reply)) {
        realm.remove_cursor(handle);
    }
    batch
}
