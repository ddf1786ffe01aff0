//! A command that gives no answer: is it slow, or is its connection dead?
//!
//! **Problem.** Firewalls, address translation and suspended machines forget connections without a word. What was sent
//! on such a connection gets no answer, ever, while new connections work. From outside that looks like a command that
//! takes long, such as one that waits for a locked document; and that one must not be sent again without need.
//!
//! **Rule.** A client of its own, made for this, with a new connection, asks the same deployment which commands it is
//! running (`$currentOp` lists a user's own commands, without any privilege). A command that the server is not running,
//! and has not answered, was lost on its connection.
//!
//! **Why this is safe.** With transaction numbers a wrong verdict costs a second connection and nothing else. Without, only
//! a command that the server says it is not running is taken for lost; where it does not say, the command is left alone.
//!
//! Connections that are idle at that moment are likely to be dead as well. [`Diagnosis::sweep`] asks on all of them at
//! once and so closes those that do not answer, before anything else is sent on them.

use std::collections::HashSet;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use mongodb::Client;
use mongodb::bson::{Document, doc};
use mongodb::options::ClientOptions;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::write_sessions::SessionId;

/// For making the connection, a login included, and the two answers.
const ASKING: Duration = Duration::from_secs(2);
/// What was found so recently is not asked again.
const FRESH: Duration = Duration::from_millis(300);
/// A connection that does not answer a ping for so long is closed.
const PING: Duration = Duration::from_millis(500);

/// What a new connection found.
#[derive(Debug)]
pub enum Finding {
    /// Nobody answered on a new connection either.
    Unreachable,
    /// The server answers, and is running the commands of these sessions.
    Running(HashSet<SessionId>),
    /// The server answers, and does not say what it is running.
    Silent,
}

/// Asks a deployment on connections of its own.
#[derive(Debug)]
pub struct Diagnosis {
    options: ClientOptions,
    last: Mutex<Option<(Instant, Arc<Finding>)>>,
    swept: Mutex<Option<Instant>>,
}

impl Diagnosis {
    /// For clients that are made with `options`.
    pub fn new(mut options: ClientOptions) -> Self {
        options.sdam_event_handler = None;
        options.cmap_event_handler = None;
        options.command_event_handler = None;
        options.min_pool_size = Some(0);
        options.max_pool_size = Some(1);
        options.server_selection_timeout = Some(ASKING);
        Self { options, last: Mutex::default(), swept: Mutex::default() }
    }

    /// Asks, or takes the answer that somebody else got a moment ago.
    pub async fn ask(&self) -> Arc<Finding> {
        let mut last = self.last.lock().await;
        if let Some((asked, finding)) = &*last
            && asked.elapsed() < FRESH
        {
            return Arc::clone(finding);
        }
        let finding = Arc::new(timeout(ASKING, self.look()).await.unwrap_or(Finding::Unreachable));
        *last = Some((Instant::now(), Arc::clone(&finding)));
        finding
    }

    async fn look(&self) -> Finding {
        let Ok(client) = Client::with_options(self.options.clone()) else { return Finding::Unreachable };
        let admin = client.database("admin");
        let finding = match admin.run_command(doc! { "ping": 1 }).await {
            Err(_) => Finding::Unreachable,
            Ok(_) => {
                let running = doc! {
                    "aggregate": 1,
                    "pipeline": [
                        { "$currentOp": { "allUsers": false } },
                        { "$match": { "lsid": { "$exists": true } } },
                        { "$project": { "lsid.id": 1 } },
                    ],
                    "cursor": { "batchSize": 10_000 },
                };
                admin
                    .run_command(running)
                    .await
                    .map_or(Finding::Silent, |reply| Finding::Running(sessions(&reply)))
            }
        };
        // Its monitors need not be waited for.
        tokio::spawn(client.shutdown().immediate(true).into_future());
        finding
    }

    /// Asks on all of `client`'s `idle` connections, at once; those that do not answer are closed.
    pub async fn sweep(&self, client: &Client, idle: usize) {
        let mut swept = self.swept.lock().await;
        if swept.is_some_and(|last| last.elapsed() < FRESH) {
            return;
        }
        // The driver closes the connection of a command that is dropped.
        let admin = client.database("admin");
        join_all((0..idle).map(|_| timeout(PING, admin.run_command(doc! { "ping": 1 }).into_future()))).await;
        *swept = Some(Instant::now());
    }
}

fn sessions(reply: &Document) -> HashSet<SessionId> {
    let batch = reply.get_document("cursor").and_then(|cursor| cursor.get_array("firstBatch"));
    let running = batch.map(Vec::as_slice).unwrap_or_default().iter();
    running
        .filter_map(|operation| Some(SessionId::of(operation.as_document()?.get_document("lsid").ok()?)))
        .collect()
}
