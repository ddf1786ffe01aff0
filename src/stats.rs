//! What a store's commands and a pool's connections have come to, in numbers.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mongodb::event::cmap::CmapEvent;
use serde::Serialize;
use tokio::sync::Notify;

use crate::document::{Writer, array_key};
use crate::error::Error;
use crate::session_op::Kind;

/// Ended commands that are kept until JavaScript asks for them; more are forgotten, the oldest first.
const MAX_UNREAD: usize = 1_000;

/// Connections of a pool, counted by the driver's events.
#[derive(Debug, Default)]
pub struct Connections {
    open: AtomicU64,
    in_use: AtomicU64,
}

impl Connections {
    /// Takes note of an event.
    pub fn observe(&self, event: &CmapEvent) {
        match event {
            CmapEvent::ConnectionCreated(_) => add(&self.open, 1),
            CmapEvent::ConnectionClosed(_) => subtract(&self.open),
            CmapEvent::ConnectionCheckedOut(_) => add(&self.in_use, 1),
            CmapEvent::ConnectionCheckedIn(_) => subtract(&self.in_use),
            _ => {}
        }
    }

    /// Open connections, and how many of them are in use.
    pub fn count(&self) -> (u64, u64) {
        (self.open.load(Ordering::Relaxed), self.in_use.load(Ordering::Relaxed))
    }
}

fn add(counter: &AtomicU64, number: u64) {
    counter.fetch_add(number, Ordering::Relaxed);
}

fn subtract(counter: &AtomicU64) {
    let _ = counter.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |number| number.checked_sub(1));
}

/// A store's commands.
#[derive(Debug, Default)]
pub struct Stats {
    kinds: [Commands; 3],
    sent: AtomicU64,
    wanted: AtomicBool,
    over: AtomicBool,
    unread: Mutex<VecDeque<EndedCommand>>,
    added: Notify,
}

#[derive(Debug, Default)]
struct Commands {
    count: AtomicU64,
    operations: AtomicU64,
    largest: AtomicU64,
    failed: AtomicU64,
}

#[derive(Debug)]
struct EndedCommand {
    kind: Kind,
    operations: usize,
    duration: Duration,
    failed: bool,
}

/// What JavaScript is shown.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    pub(crate) pool: PoolNumbers,
    pub(crate) queue: QueueNumbers,
    pub(crate) commands: CommandNumbers,
}

#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PoolNumbers {
    pub(crate) open: u64,
    pub(crate) in_use: u64,
}

#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QueueNumbers {
    pub(crate) waiting: usize,
    pub(crate) waiting_bytes: usize,
    pub(crate) under_way: usize,
}

#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct CommandNumbers {
    find: KindNumbers,
    update: KindNumbers,
    delete: KindNumbers,
    retries: u64,
}

#[derive(Debug, PartialEq, Serialize)]
struct KindNumbers {
    count: u64,
    operations: u64,
    largest: u64,
    failed: u64,
}

impl Commands {
    fn numbers(&self) -> KindNumbers {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        KindNumbers {
            count: read(&self.count),
            operations: read(&self.operations),
            largest: read(&self.largest),
            failed: read(&self.failed),
        }
    }
}

impl Stats {
    /// A command went out, for the first time or again.
    pub fn sent(&self) {
        add(&self.sent, 1);
    }

    /// A command for so many operations has ended.
    pub fn ended(&self, kind: Kind, operations: usize, duration: Duration, failed: bool) {
        let commands = &self.kinds[kind as usize];
        add(&commands.count, 1);
        add(&commands.operations, operations as u64);
        add(&commands.failed, u64::from(failed));
        commands.largest.fetch_max(operations as u64, Ordering::Relaxed);
        if self.wanted.load(Ordering::Relaxed) {
            let mut unread = self.unread.lock().unwrap_or_else(PoisonError::into_inner);
            if unread.len() == MAX_UNREAD {
                unread.pop_front();
            }
            unread.push_back(EndedCommand { kind, operations, duration, failed });
            drop(unread);
            self.added.notify_one();
        }
    }

    /// The commands in numbers.
    pub(crate) fn commands(&self, under_way: usize) -> CommandNumbers {
        let [find, update, delete] = self.kinds.each_ref().map(Commands::numbers);
        // What was sent beyond what has ended and what is under way was sent again.
        let first = find.count + update.count + delete.count + under_way as u64;
        CommandNumbers {
            find,
            update,
            delete,
            retries: self.sent.load(Ordering::Relaxed).saturating_sub(first),
        }
    }

    /// The store is closed: nobody needs to wait for its commands any more.
    pub fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
        self.added.notify_one();
    }

    /// Waits for commands that have ended since they were last asked for.
    ///
    /// # Errors
    /// When the store is closed.
    pub async fn news(&self) -> Result<Vec<u8>, Error> {
        self.wanted.store(true, Ordering::Relaxed);
        loop {
            let news = {
                let mut unread = self.unread.lock().unwrap_or_else(PoisonError::into_inner);
                std::mem::take(&mut *unread)
            };
            if !news.is_empty() {
                return encode(&news);
            }
            if self.over.load(Ordering::Relaxed) {
                return Err(Error::not_connected());
            }
            self.added.notified().await;
        }
    }
}

fn encode(news: &VecDeque<EndedCommand>) -> Result<Vec<u8>, Error> {
    let mut writer = Writer::with_capacity(64 + 96 * news.len());
    writer.array("commands");
    for (index, command) in news.iter().enumerate() {
        writer.document(&array_key(index)).string("command", command.kind.command());
        writer.int32("operations", i32::try_from(command.operations).unwrap_or(i32::MAX));
        writer
            .double("durationMs", command.duration.as_secs_f64() * 1000.0)
            .boolean("failed", command.failed)
            .end();
    }
    Ok(writer.finish()?.into_bytes())
}

#[cfg(test)]
mod tests {
    use mongodb::bson::{Document, RawDocument};

    use super::*;

    #[test]
    fn commands_are_counted_by_kind_and_what_was_sent_again_is_a_retry() {
        let stats = Stats::default();
        for _ in 0..4 {
            stats.sent();
        }
        stats.ended(Kind::Update, 7, Duration::from_millis(2), false);
        stats.ended(Kind::Update, 3, Duration::from_millis(2), true);
        stats.ended(Kind::Lookup, 1, Duration::from_millis(1), false);
        let CommandNumbers { find, update, delete, retries } = stats.commands(0);
        assert_eq!(update, KindNumbers { count: 2, operations: 10, largest: 7, failed: 1 });
        assert_eq!((find.count, delete.count, retries), (1, 0, 1));
    }

    #[tokio::test]
    async fn commands_are_told_once_they_are_asked_for() {
        let stats = Stats::default();
        stats.ended(Kind::Delete, 1, Duration::ZERO, false);
        let asked = stats.news();
        let done = async {
            stats.ended(Kind::Lookup, 5, Duration::from_millis(1), false);
        };
        let (bytes, ()) = tokio::join!(asked, done);
        let bytes = bytes.expect("fits");
        let document = Document::try_from(RawDocument::from_bytes(&bytes).expect("BSON")).expect("BSON");
        let commands = document.get_array("commands").expect("a list");
        assert_eq!(commands.len(), 1);
        assert_eq!(commands[0].as_document().expect("one").get_i32("operations").expect("a number"), 5);
    }
}
