//! One collection's change stream, and everybody in this process who listens to it.

use std::future::IntoFuture;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use mongodb::bson::{Document, RawDocumentBuf, Timestamp};
use mongodb::change_stream::ChangeStream;
use mongodb::change_stream::event::ResumeToken;
use mongodb::options::{FullDocumentBeforeChangeType, ReadConcern};
use mongodb::{Client, Collection};
use tokio::sync::watch::{Receiver, Sender};
use tokio::time::{sleep, timeout};

use super::change::{Change, Event, Reader};
use super::inbox::{Inbox, News};
use super::own_writes::{Effect, Mark, OwnWrites};
use crate::error::{Error, ErrorKind};
use crate::pool::Pool;
use crate::pool::leased::Leased;
use crate::store_config::StoreConfig;

/// How long the server waits for a change before it says that there is none.
const AWAIT: Duration = Duration::from_secs(1);
/// No answer for so long: the connection went silent.
const SILENCE: Duration = Duration::from_secs(10);
/// The server's word for an error after which the stream is to be opened again.
const RESUMABLE: &str = "ResumableChangeStreamError";
/// For closing its connections.
const CLOSING: Duration = Duration::from_secs(2);
/// Between attempts to open the stream.
const PAUSE: Duration = Duration::from_millis(100);

/// What a stream is of.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    database: String,
    collection: String,
    id_field: String,
    expires_key: String,
}

impl Place {
    fn of(config: &StoreConfig) -> Self {
        Self {
            database: config.database.clone(),
            collection: config.collection.clone(),
            id_field: config.id_field.clone(),
            expires_key: config.expires_key.clone(),
        }
    }

    fn is_collection_of(&self, config: &StoreConfig) -> bool {
        self.database == config.database && self.collection == config.collection
    }
}

/// A collection's stream; it ends when nobody listens any more.
#[derive(Debug)]
pub struct Stream {
    pool: Weak<Pool>,
    place: Place,
    listeners: Mutex<Vec<Weak<Inbox>>>,
    own: Mutex<OwnWrites>,
    /// It was refused: who comes now tries anew.
    over: AtomicBool,
    /// Somebody has asked for changes.
    started: AtomicBool,
    /// When this sender is dropped, its task sees that nobody listens any more.
    open: Sender<()>,
}

/// The process's streams.
static STREAMS: Mutex<Vec<Weak<Stream>>> = Mutex::new(Vec::new());
/// How many there are, so that writes need no lock where there are none.
static COUNT: AtomicUsize = AtomicUsize::new(0);

fn streams() -> MutexGuard<'static, Vec<Weak<Stream>>> {
    STREAMS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Stream {
    fn drop(&mut self) {
        COUNT.fetch_sub(1, Ordering::Relaxed);
    }
}

/// One store's part in a stream, for as long as it is held.
#[derive(Debug)]
pub struct Listener {
    stream: Arc<Stream>,
    inbox: Arc<Inbox>,
}

impl Listener {
    /// Is about to listen to what others change where a store keeps its sessions: from now on its own writes are noted.
    pub fn new(pool: &Arc<Pool>, config: &StoreConfig) -> Self {
        let inbox = Arc::new(Inbox::default());
        let mut streams = streams();
        streams.retain(|stream| stream.strong_count() > 0);
        let place = Place::of(config);
        let known = streams.iter().filter_map(Weak::upgrade).find(|stream| {
            stream.place == place
                && stream.pool.as_ptr() == Arc::as_ptr(pool)
                && !stream.over.load(Ordering::Relaxed)
        });
        let stream = known.unwrap_or_else(|| {
            let stream = Stream::new(pool, place);
            streams.push(Arc::downgrade(&stream));
            stream
        });
        stream.listeners().push(Arc::downgrade(&inbox));
        Self { stream, inbox }
    }

    /// Where its changes arrive, from where the collection was when a store connected last; to be waited for without
    /// the listener.
    pub fn listen(&self, pool: &Pool) -> Arc<Inbox> {
        self.stream.start(pool);
        Arc::clone(&self.inbox)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.inbox.end();
    }
}

impl Stream {
    fn new(pool: &Arc<Pool>, place: Place) -> Arc<Self> {
        COUNT.fetch_add(1, Ordering::Relaxed);
        Arc::new(Self {
            pool: Arc::downgrade(pool),
            place,
            listeners: Mutex::default(),
            own: Mutex::default(),
            over: AtomicBool::new(false),
            started: AtomicBool::new(false),
            open: Sender::new(()),
        })
    }

    fn start(self: &Arc<Self>, pool: &Pool) {
        if self.started.swap(true, Ordering::Relaxed) {
            return;
        }
        let reader = Reader::new(&self.place.id_field, &self.place.expires_key);
        let position = Position::Start(pool.connected_at());
        let work = Work { stream: Arc::downgrade(self), reader, position, client: None };
        tokio::spawn(work.until_closed(self.open.subscribe()));
    }

    fn listeners(&self) -> MutexGuard<'_, Vec<Weak<Inbox>>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn own(&self) -> MutexGuard<'_, OwnWrites> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, news: &News) {
        self.listeners().retain(|inbox| {
            inbox.upgrade().is_some_and(|inbox| {
                inbox.put(news.clone());
                true
            })
        });
    }

    fn tell_change(&self, change: Change) {
        if change.what.event().is_some() {
            self.tell(&News::Changed(Arc::new(change)));
        }
    }
}

/// The notes of one command's writes, one for each statement that writes. A write counts as failed until [`Notes::done`].
#[derive(Debug, Default)]
pub struct Notes {
    of: Vec<(Weak<Stream>, Vec<Option<Mark>>)>,
}

impl Notes {
    /// Takes note of writes that are about to be sent, by session and effect. Nothing where nobody listens.
    pub fn take<'a>(
        config: &StoreConfig,
        writes: impl Iterator<Item = (&'a Arc<str>, Option<Effect>)> + Clone,
    ) -> Self {
        if COUNT.load(Ordering::Relaxed) == 0 {
            return Self::default();
        }
        let of = streams_of(config).into_iter().map(|stream| {
            let marks = {
                let mut own = stream.own();
                writes.clone().map(|(id, effect)| effect.map(|effect| own.begin(id, effect))).collect()
            };
            (Arc::downgrade(&stream), marks)
        });
        Self { of: of.collect() }
    }

    /// The command was answered, at this time of the cluster; `failed` says which statements were not done.
    pub fn done(mut self, time: Option<Timestamp>, failed: impl Fn(usize) -> bool) {
        for (stream, marks) in &mut self.of {
            let Some(stream) = stream.upgrade() else { continue };
            let mut own = stream.own();
            for (index, mark) in marks.iter_mut().enumerate() {
                if !failed(index)
                    && let Some(mark) = mark.take()
                {
                    own.done(&mark, time);
                }
            }
        }
    }
}

impl Drop for Notes {
    fn drop(&mut self) {
        for (stream, marks) in std::mem::take(&mut self.of) {
            let Some(stream) = stream.upgrade() else { continue };
            for mark in marks.into_iter().flatten() {
                let untold = stream.own().failed(&mark);
                if let Some(change) = untold {
                    stream.tell_change(change);
                }
            }
        }
    }
}

/// Takes note of a write that the application's own collection is about to send.
pub fn expect(config: &StoreConfig, id: &str, effect: Effect) {
    let id = Arc::from(id);
    for stream in streams_of(config) {
        stream.own().expect(&id, effect);
    }
}

fn streams_of(config: &StoreConfig) -> Vec<Arc<Stream>> {
    streams()
        .iter()
        .filter_map(Weak::upgrade)
        .filter(|stream| stream.place.is_collection_of(config))
        .collect()
}

/// Where a stream goes on.
#[derive(Clone, Debug)]
enum Position {
    /// No event was read yet: at this time of the cluster, or now.
    Start(Option<Timestamp>),
    /// Behind the event that was handed on last.
    Behind(ResumeToken),
    /// Behind the end of a collection that is gone.
    BehindTheEnd(ResumeToken),
}

/// How one attempt at a stream ended.
enum Ended {
    /// The connection, or the server, is gone.
    Broken,
    /// The pool uses other servers.
    Moved,
    /// The server does not do this.
    Refused(Error),
    /// Nobody listens any more.
    Closed,
}

/// A stream's client, of those servers that its pool uses.
struct Own {
    client: Leased<Client>,
    /// Notices that the pool uses others.
    replaced: Receiver<u64>,
    /// The driver's shutdown never ends where sockets are not there.
    sockets: bool,
}

impl Own {
    /// Of a client that is merely dropped, the checks of its servers would go on for some seconds.
    async fn close(self) {
        if self.sockets {
            return;
        }
        let client = &self.client;
        // It waits until the server's cursor is closed.
        if timeout(CLOSING, Client::clone(client).shutdown().into_future()).await.is_err() {
            drop(timeout(CLOSING, Client::clone(client).shutdown().immediate(true).into_future()).await);
        }
    }
}

/// The task of a stream.
struct Work {
    stream: Weak<Stream>,
    reader: Reader,
    position: Position,
    /// Its own, once there is one.
    client: Option<Own>,
}

impl Work {
    async fn until_closed(mut self, mut closing: Receiver<()>) {
        tokio::select! {
            () = self.work() => {},
            _ = closing.changed() => {},
        }
        if let Some(own) = self.client.take() {
            own.close().await;
        }
    }

    async fn work(&mut self) {
        // Servers before 6.0 know no pre-images, and refuse to be asked for them.
        let mut images = true;
        loop {
            match self.attempt(images).await {
                Ended::Broken => sleep(PAUSE).await,
                Ended::Moved => {
                    if let Some(former) = self.client.take() {
                        tokio::spawn(former.close());
                    }
                }
                Ended::Closed => return,
                Ended::Refused(_) if images => images = false,
                Ended::Refused(error) => {
                    let Some(stream) = self.stream.upgrade() else { return };
                    match &self.position {
                        // From now, and with everything that the server can do.
                        Position::Behind(_) | Position::BehindTheEnd(_) | Position::Start(Some(_)) => {
                            if !matches!(self.position, Position::Start(_)) {
                                stream.tell(&News::Gap(error));
                            }
                            self.position = Position::Start(None);
                            images = true;
                        }
                        Position::Start(None) => {
                            stream.over.store(true, Ordering::Relaxed);
                            *stream.own() = OwnWrites::default();
                            stream.tell(&News::Refused(error));
                            return;
                        }
                    }
                }
            }
        }
    }

    async fn attempt(&mut self, images: bool) -> Ended {
        let mut changes = match self.open(images).await {
            Ok(changes) => changes,
            Err(ended) => return ended,
        };
        // An error is about the connection or the cursor, unless it comes at once each time.
        let mut answered = false;
        loop {
            let next = tokio::select! {
                next = timeout(AWAIT + SILENCE, changes.next_if_any()) => next,
                () = replaced(&mut self.client) => return Ended::Moved,
            };
            let event = match next {
                Ok(Err(error)) if !answered => return ended_by(&error.into()),
                Ok(Err(_)) | Err(_) => return Ended::Broken,
                Ok(Ok(event)) => event,
            };
            answered = true;
            let Some(stream) = self.stream.upgrade() else { return Ended::Closed };
            let position = changes.resume_token();
            let read = event.as_ref().map(|event| self.reader.read(event));
            match read {
                Some(Event::Change(change, time)) => {
                    if !stream.own().is_own(&change, time) {
                        stream.tell_change(change);
                    }
                }
                Some(Event::Invalidated) => {
                    self.position = position.map_or(Position::Start(None), Position::BehindTheEnd);
                    return Ended::Broken;
                }
                Some(Event::Other) | None => {}
            }
            if let Some(token) = position {
                self.position = Position::Behind(token);
            }
            if !changes.is_alive() {
                return Ended::Broken;
            }
        }
    }

    async fn open(&mut self, images: bool) -> Result<ChangeStream<RawDocumentBuf>, Ended> {
        let (collection, limit) = self.collection().await?;
        let mut opening = collection
            .watch()
            .pipeline(self.reader.pipeline())
            .max_await_time(AWAIT)
            .read_concern(ReadConcern::majority());
        if images {
            opening = opening.full_document_before_change(FullDocumentBeforeChangeType::WhenAvailable);
        }
        opening = match &self.position {
            Position::Start(Some(time)) => opening.start_at_operation_time(*time),
            Position::Start(None) => opening,
            Position::Behind(token) => opening.resume_after(token.clone()),
            Position::BehindTheEnd(token) => opening.start_after(token.clone()),
        };
        let opened = tokio::select! {
            opened = timeout(limit + SILENCE, opening.into_future()) => opened,
            () = replaced(&mut self.client) => return Err(Ended::Moved),
        };
        match opened {
            Err(_) => Err(Ended::Broken),
            Ok(Ok(changes)) => Ok(changes.with_type()),
            Ok(Err(error)) => Err(ended_by(&error.into())),
        }
    }

    /// The collection on a client of its own; how long that looks for a server.
    async fn collection(&mut self) -> Result<(Collection<Document>, Duration), Ended> {
        // The pool is not held while the stream waits: it must be able to end.
        let stream = self.stream.upgrade().ok_or(Ended::Closed)?;
        let pool = stream.pool.upgrade().ok_or(Ended::Closed)?;
        if self.client.is_none() {
            // Before the client is asked for: one that is replaced at this moment is noticed.
            let (replaced, sockets) = (pool.replaced(), pool.uses_sockets());
            let client = pool.stream_client().await.map_err(|error| ended_by(&error))?;
            self.client = Some(Own { client, replaced, sockets });
        }
        let Some(Own { client, .. }) = &self.client else { return Err(Ended::Broken) };
        let Place { database, collection, .. } = &stream.place;
        let collection = client.database(database).collection(collection);
        Ok((collection, pool.settings().server_selection_timeout()))
    }
}

/// Waits until the pool uses other servers than a stream's client; for ever if there is no such client.
async fn replaced(own: &mut Option<Own>) {
    if let Some(own) = own
        && own.replaced.changed().await.is_ok()
    {
        return;
    }
    // The pool is gone, and with it the stream's listeners: the stream ends for want of those.
    std::future::pending().await
}

/// Whether a stream that ended with this may go on.
fn ended_by(error: &Error) -> Ended {
    match error.kind {
        ErrorKind::Server | ErrorKind::Compatibility | ErrorKind::InvalidArgument
            if !error.retryable
                && error.retry_after.is_none()
                && !error.labels.iter().any(|label| label == RESUMABLE) =>
        {
            Ended::Refused(error.clone())
        }
        ErrorKind::Server
        | ErrorKind::Compatibility
        | ErrorKind::InvalidArgument
        | ErrorKind::WriteConcern
        | ErrorKind::Network
        | ErrorKind::NetworkTimeout
        | ErrorKind::ServerSelection
        | ErrorKind::OperationTimeout
        | ErrorKind::PoolCleared
        | ErrorKind::WaitQueueTimeout
        | ErrorKind::TopologyClosed
        | ErrorKind::NotConnected
        | ErrorKind::Oidc
        | ErrorKind::Aws
        | ErrorKind::MissingCredentials
        | ErrorKind::Api
        | ErrorKind::Parse
        | ErrorKind::Runtime
        | ErrorKind::System => Ended::Broken,
    }
}
