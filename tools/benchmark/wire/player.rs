//! Plays prebuilt MongoDB wire messages as fast as the server answers them: the practical limit
//! for any client of this machine.
//!
//! `wire FILE ADDRESS CONNECTIONS WARMUP_MS MEASURE_MS` prints `{"operations":…,"measured":…,"ms":…}`.
//! The file is a sequence of `operations: u32, bytes: u32, message` (little-endian, as `messages.js`
//! writes it). Each connection has one message under way; they take turns in the order of the file
//! and begin anew at its end. Any answer but success for all operations of a message ends the
//! program with an error.

use std::cell::Cell;
use std::error::Error;
use std::rc::Rc;
use std::time::{Duration, Instant};

use mongodb::bson::{RawBsonRef, RawDocument};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Message header and flag bits, and the kind byte of the only section.
const BEFORE_DOCUMENT: usize = 16 + 4 + 1;

struct Message {
    operations: u32,
    bytes: Vec<u8>,
}

/// What all connections share; there is one thread.
struct Play {
    messages: Vec<Message>,
    next: Cell<usize>,
    from: Instant,
    until: Instant,
    operations: Cell<u64>,
    measured: Cell<u64>,
    last: Cell<Option<Instant>>,
}

impl Play {
    fn take(&self) -> &Message {
        let next = self.next.get();
        self.next.set(next + 1);
        &self.messages[next % self.messages.len()]
    }

    fn count(&self, operations: u32, at: Instant) {
        self.operations.set(self.operations.get() + u64::from(operations));
        if at >= self.from && at < self.until {
            self.measured.set(self.measured.get() + u64::from(operations));
            self.last.set(Some(at));
        }
    }
}

fn read_messages(file: &str) -> Outcome<Vec<Message>> {
    let content = std::fs::read(file)?;
    let mut rest = content.as_slice();
    let mut messages = Vec::new();
    while let Some((header, after)) = rest.split_at_checked(8) {
        let operations = u32::from_le_bytes(header[..4].try_into()?);
        let length = usize::try_from(u32::from_le_bytes(header[4..].try_into()?))?;
        let (bytes, after) = after.split_at_checked(length).ok_or("the file ends within a message")?;
        messages.push(Message { operations, bytes: bytes.to_vec() });
        rest = after;
    }
    if messages.is_empty() { Err("the file has no messages".into()) } else { Ok(messages) }
}

/// How many operations an answer says were done.
fn done(reply: &RawDocument) -> Outcome<usize> {
    let ok = match reply.get("ok")? {
        Some(RawBsonRef::Double(ok)) => ok == 1.0,
        _ => false,
    };
    if !ok || reply.get("writeErrors")?.is_some() || reply.get("writeConcernError")?.is_some() {
        return Err(format!("the server answered {reply:?}").into());
    }
    if let Some(RawBsonRef::Document(cursor)) = reply.get("cursor")? {
        if cursor.get("id")?.and_then(|id| id.as_i64()) != Some(0) {
            return Err("the server left a cursor open".into());
        }
        return Ok(cursor.get_array("firstBatch")?.into_iter().count());
    }
    Ok(usize::try_from(reply.get_i32("n")?)?)
}

async fn connection(play: Rc<Play>, address: String) -> Outcome<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut answer = Vec::new();
    loop {
        let message = play.take();
        stream.write_all(&message.bytes).await?;
        let length = usize::try_from(stream.read_u32_le().await?)?;
        answer.resize(length, 0);
        stream.read_exact(&mut answer[4..]).await?;
        let document = answer.get(BEFORE_DOCUMENT..).ok_or("an answer without a document")?;
        let count = done(RawDocument::from_bytes(document)?)?;
        if count != usize::try_from(message.operations)? {
            return Err(format!("{count} of {} operations were done", message.operations).into());
        }
        let now = Instant::now();
        play.count(message.operations, now);
        if now >= play.until {
            return Ok(());
        }
    }
}

async fn play(arguments: &[String]) -> Outcome<()> {
    let [file, address, connections, warmup, measure] = arguments else {
        return Err("usage: wire FILE ADDRESS CONNECTIONS WARMUP_MS MEASURE_MS".into());
    };
    let messages = read_messages(file)?;
    let from = Instant::now() + Duration::from_millis(warmup.parse()?);
    let until = from + Duration::from_millis(measure.parse()?);
    let play = Rc::new(Play {
        messages,
        next: Cell::new(0),
        from,
        until,
        operations: Cell::new(0),
        measured: Cell::new(0),
        last: Cell::new(None),
    });
    let players: Vec<_> = (0..connections.parse::<usize>()?)
        .map(|_| tokio::task::spawn_local(connection(Rc::clone(&play), address.clone())))
        .collect();
    for player in players {
        player.await??;
    }
    let span = play.last.get().map_or(Duration::ZERO, |last| last.duration_since(from));
    println!(
        r#"{{"operations":{},"measured":{},"ms":{}}}"#,
        play.operations.get(),
        play.measured.get(),
        span.as_secs_f64() * 1000.0
    );
    Ok(())
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, play(&arguments))
}
