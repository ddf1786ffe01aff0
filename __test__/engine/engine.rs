//! The engine against a real MongoDB, without Node. Runs where `MONGODB_URI` names one
//! (`npm test` starts it); a plain `mongodb://host:port` is enough.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use connect_mongodb_session::engine::Engine;
use connect_mongodb_session::pool::Pool;
use connect_mongodb_session::realm;
use connect_mongodb_session::store_config::StoreConfig;
use connect_mongodb_session::{dispatch, request};
use mongodb::bson::{Document, RawDocumentBuf, doc};

const GET: u8 = request::Opcode::Get as u8;
const SET: u8 = request::Opcode::Set as u8;
const TOUCH: u8 = request::Opcode::Touch as u8;
const DESTROY: u8 = request::Opcode::Destroy as u8;
const CLEAR: u8 = request::Opcode::Clear as u8;
const LENGTH: u8 = request::Opcode::Length as u8;

const FAR: f64 = 4e12;

/// One realm with one store, driven as JavaScript would drive it.
struct TestRealm {
    realm: Arc<realm::Realm>,
    woken: Receiver<()>,
    submissions: tokio::sync::mpsc::UnboundedSender<Vec<u8>>,
    store: u32,
}

/// A request's answer: its payload, or its error.
type Answer = Result<Vec<u8>, Document>;

impl TestRealm {
    /// None where there is no MongoDB to test with.
    fn open(collection: &str, batching: bool) -> Option<Self> {
        let Ok(uri) = std::env::var("MONGODB_URI") else {
            eprintln!("skipped: MONGODB_URI names no server");
            return None;
        };
        let address = uri.trim_start_matches("mongodb://").split(['/', '?']).next()?.to_owned();
        let (host, port) = address.split_once(':').unwrap_or((&address, "27017"));
        let settings = format!(r#"{{"hosts":[{{"host":"{host}","port":{port}}}]}}"#);
        let (wake, woken) = channel();
        let realm = realm::Realm::new(move || wake.send(()).expect("the test listens"));
        let pool = Pool::shared(&settings).expect("valid settings");
        let handle = realm.add_client(Arc::clone(&pool));
        let names = r#""database":"engine_test","idField":"_id","expiresKey":"expires""#;
        let config = format!(r#"{{"collection":"{collection}","batching":{batching},{names}}}"#);
        let config = StoreConfig::from_json(&config).expect("a valid config");
        let store = realm.add_store(handle, Engine::new(pool, config).expect("valid names"));
        let test = Self { submissions: dispatch::start(&realm).expect("a thread"), realm, woken, store };
        test.run(&[record(CLEAR, 0, f64::NAN, "", &[])]);
        Some(test)
    }

    /// Posts records in one submission and waits for all answers, in the order of the records.
    fn run(&self, records: &[Vec<u8>]) -> Vec<Answer> {
        let mut bytes = Vec::new();
        for (request, record) in records.iter().enumerate() {
            let mut record = record.clone();
            record[4..8].copy_from_slice(&(request as u32).to_le_bytes());
            record[12..16].copy_from_slice(&self.store.to_le_bytes());
            bytes.extend(record);
        }
        self.submissions.send(bytes).expect("the dispatcher runs");
        let mut answers: HashMap<u32, Answer> = HashMap::new();
        while answers.len() < records.len() {
            self.woken.recv_timeout(Duration::from_secs(30)).expect("every operation ends");
            self.drain(&mut answers);
        }
        (0..records.len() as u32).map(|request| answers.remove(&request).expect("answered once")).collect()
    }

    fn drain(&self, answers: &mut HashMap<u32, Answer>) {
        let mut buffer = vec![0; 1 << 20];
        loop {
            let written = self.realm.outbox().drain(&mut buffer);
            if written <= 0 {
                assert_eq!(written, 0, "the buffer is large enough");
                return;
            }
            let mut rest = &buffer[..written as usize];
            while !rest.is_empty() {
                let number = |at: usize| u32::from_le_bytes(rest[at..at + 4].try_into().expect("four bytes"));
                let (length, request) = (number(0) as usize, number(4));
                let payload = rest[12..length].to_vec();
                let answer = if rest[8] == 0 {
                    Ok(payload)
                } else {
                    let raw = RawDocumentBuf::from_bytes(payload).expect("an error is a document");
                    Err(Document::try_from(raw.as_ref()).expect("valid"))
                };
                assert!(answers.insert(request, answer).is_none(), "request {request} was answered twice");
                rest = &rest[length..];
            }
        }
    }
}

fn record(operation: u8, _store: u32, expires: f64, name: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let length = request::HEADER_BYTES + name.len() + payload.len();
    bytes.extend_from_slice(&(length as u32).to_le_bytes());
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(&[operation, 0, 0, 0]);
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(&expires.to_le_bytes());
    bytes.extend_from_slice(&(name.len() as u32).to_le_bytes());
    bytes.extend_from_slice(name.as_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

fn encoded(document: &Document) -> Vec<u8> {
    RawDocumentBuf::try_from(document).expect("valid").into_bytes()
}

fn set(sid: &str, n: i64) -> Vec<u8> {
    record(SET, 0, FAR, sid, &encoded(&doc! { "session": { "n": n } }))
}

fn get(sid: &str) -> Vec<u8> {
    record(GET, 0, f64::NAN, sid, &[])
}

fn n_of(answer: &Answer) -> Option<i64> {
    let bytes = answer.as_ref().expect("no error").clone();
    if bytes.is_empty() {
        return None;
    }
    let raw = RawDocumentBuf::from_bytes(bytes).expect("a document");
    let document = Document::try_from(raw.as_ref()).expect("valid");
    document.get_document("session").expect("stored").get_i64("n").ok()
}

fn length(realm: &TestRealm) -> f64 {
    let answers = realm.run(&[record(LENGTH, 0, f64::NAN, "", &[])]);
    f64::from_le_bytes(answers[0].as_ref().expect("counted")[..].try_into().expect("eight bytes"))
}

#[test]
fn many_sessions_written_and_read_at_once_come_back_as_they_were() {
    for (collection, batching) in [("many_batched", true), ("many_single", false)] {
        let Some(realm) = TestRealm::open(collection, batching) else { return };
        let sids: Vec<String> = (0..500).map(|n| format!("sid-{n}")).collect();
        let writes: Vec<_> = sids.iter().enumerate().map(|(n, sid)| set(sid, n as i64)).collect();
        assert!(realm.run(&writes).iter().all(Result::is_ok));
        let mut reads: Vec<_> = sids.iter().map(|sid| get(sid)).collect();
        reads.push(get("nobody"));
        let answers = realm.run(&reads);
        for (n, answer) in answers[..500].iter().enumerate() {
            assert_eq!(n_of(answer), Some(n as i64));
        }
        assert_eq!(n_of(&answers[500]), None);
        assert_eq!(length(&realm), 500.0);
    }
}

#[test]
fn calls_on_one_session_take_effect_in_their_order() {
    let Some(realm) = TestRealm::open("order", true) else { return };
    let destroy = record(DESTROY, 0, f64::NAN, "a", &[]);
    let touch = record(TOUCH, 0, FAR + 1.0, "a", &[]);
    let answers = realm.run(&[
        get("a"),
        set("a", 1),
        get("a"),
        set("a", 2),
        touch,
        get("a"),
        destroy,
        get("a"),
        set("a", 3),
    ]);
    let seen: Vec<_> = [0, 2, 5, 7].map(|index| n_of(&answers[index])).into();
    assert_eq!(seen, [None, Some(1), Some(2), None]);
    assert_eq!(n_of(&realm.run(&[get("a")])[0]), Some(3));
}

#[test]
fn one_session_that_cannot_be_stored_does_not_harm_the_others() {
    let Some(realm) = TestRealm::open("innocent", true) else { return };
    let mut nested = doc! {};
    for _ in 0..300 {
        nested = doc! { "d": nested };
    }
    let mut records: Vec<_> = (0..50).map(|n| set(&format!("sid-{n}"), n)).collect();
    records.insert(25, record(SET, 0, FAR, "too-deep", &encoded(&doc! { "session": nested })));
    let answers = realm.run(&records);
    let failed: Vec<_> =
        answers.iter().enumerate().filter(|(_, answer)| answer.is_err()).map(|(at, _)| at).collect();
    assert_eq!(failed, [25]);
    assert_eq!(length(&realm), 50.0);
}

#[test]
fn a_session_that_is_larger_than_mongodb_stores_is_refused_before_it_is_sent() {
    let Some(realm) = TestRealm::open("large", true) else { return };
    let large = encoded(&doc! { "session": { "text": "x".repeat(17 * 1024 * 1024) } });
    let answers = realm.run(&[record(SET, 0, FAR, "large", &large), set("small", 1)]);
    let error = answers[0].as_ref().expect_err("refused");
    assert!(error.get_str("message").is_ok_and(|message| message.contains("16777216")), "{error}");
    assert_eq!(length(&realm), 1.0);
}

#[test]
fn a_touch_finds_its_session_by_id_alone_and_creates_none() {
    let Some(realm) = TestRealm::open("touch", true) else { return };
    let past = record(SET, 0, 1_000.0, "past", &encoded(&doc! { "session": { "n": 1_i64 } }));
    let answers =
        realm.run(&[past, record(TOUCH, 0, FAR, "past", &[]), record(TOUCH, 0, FAR, "nobody", &[])]);
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(length(&realm), 1.0);
    assert_eq!(n_of(&realm.run(&[get("past")])[0]), Some(1));
}
