//! What the engine itself costs: reading a submission, queueing, and building commands.
//! `cargo bench` prints the median of many rounds; no server is involved.

use std::hint::black_box;
use std::time::{Duration, Instant};

use connect_mongodb_session::document::Writer;
use connect_mongodb_session::operation::statement;
use connect_mongodb_session::pacing::BatchLimit;
use connect_mongodb_session::queue::Queue;
use connect_mongodb_session::request::{HEADER_BYTES, Records};
use connect_mongodb_session::session_op::{Kind, SessionOp};
use connect_mongodb_session::store_config::StoreConfig;
use mongodb::bson::{RawDocumentBuf, doc};

const OPERATIONS: u32 = 64;
const ROUNDS: usize = 2_000;

fn measure(name: &str, mut round: impl FnMut()) {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            round();
            start.elapsed()
        })
        .collect();
    times.sort();
    let nanoseconds = times[ROUNDS / 2].as_nanos() / u128::from(OPERATIONS);
    println!("{name:<48} {nanoseconds:>6} ns per operation");
}

fn session(bytes: usize) -> RawDocumentBuf {
    let document = doc! { "session": { "user": "ada", "text": "x".repeat(bytes) } };
    RawDocumentBuf::try_from(&document).expect("valid")
}

fn submission(payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for request in 0..OPERATIONS {
        let name = format!("session-{request:024}");
        bytes.extend_from_slice(&((HEADER_BYTES + name.len() + payload.len()) as u32).to_le_bytes());
        bytes.extend_from_slice(&request.to_le_bytes());
        bytes.extend_from_slice(&[2, 0, 0, 0]);
        bytes.extend_from_slice(&1u32.to_le_bytes());
        bytes.extend_from_slice(&4e12f64.to_le_bytes());
        bytes.extend_from_slice(&(name.len() as u32).to_le_bytes());
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(payload);
    }
    bytes
}

fn main() {
    let config = StoreConfig::from_json(
        r#"{"database":"db","collection":"sessions","idField":"_id","expiresKey":"expires","batching":true}"#,
    )
    .expect("a valid config");
    let sids: Vec<String> = (0..OPERATIONS).map(|n| format!("session-{n:024}")).collect();
    for size in [300, 4_096] {
        let payload = session(size);
        let bytes = submission(payload.as_bytes());
        measure(&format!("read a submission, {size} B sessions"), || {
            for record in Records::new(&bytes) {
                black_box(record.expect("well-formed"));
            }
        });
        let set = SessionOp::whole(4_000_000_000_000, payload, true);
        measure(&format!("queue and take, {size} B sessions"), || {
            let mut queue = Queue::default();
            for sid in &sids {
                queue.push(sid, set.clone(), ());
            }
            let jobs = queue.take(Kind::Update, BatchLimit { jobs: usize::MAX, bytes: usize::MAX });
            for job in &jobs {
                queue.finish(&job.sid);
            }
            black_box(jobs);
        });
        measure(&format!("build an update command, {size} B sessions"), || {
            let mut writer = Writer::with_capacity(OPERATIONS as usize * (size + 200));
            writer.string("update", "sessions").boolean("ordered", false).array("updates");
            for (index, sid) in sids.iter().enumerate() {
                statement::write(&mut writer, &index.to_string(), &config, sid, &set)
                    .expect("valid elements");
            }
            black_box(writer.finish().expect("fits"));
        });
    }
}
