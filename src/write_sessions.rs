//! Server sessions for writes, so that a command that arrives twice, or late, is applied once.
//!
//! **Problem.** A command whose connection broke may have been applied, may be on its way still, or may be lost. Sending
//! it again is harmless by itself, because saves set values and address sessions by id. But the first one may arrive
//! after later writes were acknowledged, and bring back what was overwritten or deleted.
//!
//! **Rule.** A write command carries the id of a server session (`lsid`) and a number (`txnNumber`), both the same
//! however often it is sent. The server applies each number of a session once, answers a repeated one from memory, and
//! refuses one that is below the session's highest (the driver specification's retryable writes:
//! <https://github.com/mongodb/specifications/blob/master/source/retryable-writes/retryable-writes.md>).
//!
//! **Invariant.** A session is used by one command at a time, and its numbers only rise. It is never given to the
//! driver while its client lives, which would begin to count anew.
//!
//! **Why this is safe.** A late command has a number that was answered already, or is below one that was. The one case
//! left is a command that was given up with no answer at all: nothing is above its number yet. Its session is fenced
//! (`operation::fence`) before anything else is written to the sessions that it carried.
//!
//! Steps:
//! 1. [`WriteSessions::take`] gives a free session, or starts one.
//! 2. [`WriteSession::advance`] gives each command its number; what is sent again keeps it.
//! 3. [`WriteSessions::give_back`], when the command is over.
//!
//! **A client that was replaced.** A session is of use to its client alone, so what it was begun for ends there, sent
//! again or not (`pool::hosts`). Where none of that client's servers is there any more, the deployment is asked to stop
//! what runs in the session (`killSessions`), and the command is sent anew with another one. It sets the same values;
//! what could still bring them back later is a router that has left DNS, has the command, has not passed it on, and
//! answers nobody.
//!
//! Standalone servers know no numbers: there commands carry a session alone, by which they can be found running.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, Document};
use mongodb::{Client, ClientSession};
use tokio::sync::Mutex as AsyncMutex;

/// More commands at a time than a pool has connections by default are rare; sessions beyond this are started when they
/// are needed.
const MAX_RESERVED: usize = 100;

/// A server session that one write command at a time uses.
#[derive(Clone, Debug)]
pub struct WriteSession {
    session: Arc<AsyncMutex<ClientSession>>,
    id: SessionId,
    number: i64,
}

/// The identity of a server session: the bytes of its UUID.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SessionId(Vec<u8>);

impl SessionId {
    /// The same as a value.
    pub fn to_bson(&self) -> Bson {
        Binary { subtype: BinarySubtype::Uuid, bytes: self.0.clone() }.into()
    }

    /// Reads the document that is known as `lsid`; empty for what is none.
    pub fn of(lsid: &Document) -> Self {
        match lsid.get("id") {
            Some(Bson::Binary(id)) => Self(id.bytes.clone()),
            _ => Self(Vec::new()),
        }
    }
}

impl WriteSession {
    async fn start(client: &Client) -> Result<Self, mongodb::error::Error> {
        let session = client.start_session().causal_consistency(false).await?;
        let id = SessionId::of(session.id());
        Ok(Self { session: Arc::new(AsyncMutex::new(session)), id, number: 0 })
    }

    /// The number of the next command.
    pub fn advance(&mut self) -> i64 {
        self.number += 1;
        self.number
    }

    /// Its id.
    pub fn id(&self) -> &SessionId {
        &self.id
    }

    /// The driver's session, for as long as a command is under way.
    pub fn shared(&self) -> Arc<AsyncMutex<ClientSession>> {
        Arc::clone(&self.session)
    }
}

/// The free sessions of one client, and what is known of its servers.
#[derive(Debug, Default)]
pub struct WriteSessions {
    free: Mutex<Vec<WriteSession>>,
    /// The deployment turned out to know no sessions (some services that speak MongoDB's protocol).
    sessionless: AtomicBool,
    /// The deployment turned out to know no transaction numbers.
    numberless: AtomicBool,
}

impl WriteSessions {
    /// Starts sessions while the driver has used none yet, so that none of these ever was the driver's.
    ///
    /// # Errors
    /// The driver's.
    pub async fn reserve(&self, client: &Client, size: usize) -> Result<(), mongodb::error::Error> {
        let mut reserved = Vec::new();
        for _ in 0..size.min(MAX_RESERVED) {
            reserved.push(WriteSession::start(client).await?);
        }
        self.free.lock().unwrap_or_else(PoisonError::into_inner).extend(reserved);
        Ok(())
    }

    /// A session that nobody uses; none where the deployment knows none.
    ///
    /// # Errors
    /// The driver's.
    pub async fn take(&self, client: &Client) -> Result<Option<WriteSession>, mongodb::error::Error> {
        if self.sessionless.load(Ordering::Relaxed) {
            return Ok(None);
        }
        if let Some(session) = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Ok(Some(session));
        }
        WriteSession::start(client).await.map(Some)
    }

    /// The command is over.
    pub fn give_back(&self, session: WriteSession) {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(session);
    }

    /// Gives its sessions up: what is given back is not used again either.
    pub fn give_up(&self) {
        let free = std::mem::take(&mut *self.free.lock().unwrap_or_else(PoisonError::into_inner));
        drop(free);
    }

    /// Knows of the deployment what `others` do.
    pub fn know_as(&self, others: &Self) {
        self.sessionless.fetch_or(others.sessionless.load(Ordering::Relaxed), Ordering::Relaxed);
        self.numberless.fetch_or(others.numberless.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// The deployment knows no sessions.
    pub fn forgo(&self) {
        self.sessionless.store(true, Ordering::Relaxed);
    }

    /// The deployment knows no transaction numbers.
    pub fn forgo_numbers(&self) {
        self.numberless.store(true, Ordering::Relaxed);
    }

    /// Whether the deployment is not known to lack transaction numbers.
    pub fn may_number(&self) -> bool {
        !self.numberless.load(Ordering::Relaxed) && !self.sessionless.load(Ordering::Relaxed)
    }
}
