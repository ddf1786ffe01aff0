//! What JavaScript submits, and the commands made of it.

use connect_mongodb_session::command::Command;
use connect_mongodb_session::document::{Writer, array_key};
use connect_mongodb_session::operation::statement;
use connect_mongodb_session::request::{Records, Request};
use connect_mongodb_session::session_op::{Change, SessionOp};
use connect_mongodb_session::store_config::StoreConfig;
use mongodb::bson::{Bson, DateTime, Document, RawDocumentBuf, doc};

use super::input::{Input, contains, valid};

/// Nested deeper, the comparison would need more stack than what is compared.
const DEPTH: usize = 40;

/// Records of operations: every one that is read makes a statement about its own session.
pub fn submission(bytes: &[u8]) {
    let config = StoreConfig::from_json(
        r#"{"database":"db","collection":"sessions","idField":"_id","expiresKey":"expires","batching":true}"#,
    )
    .expect("a valid config");
    for record in Records::new(bytes) {
        let Ok(record) = record else { break };
        let Ok(Request::Session { sid, op, .. }) = record.request else { continue };
        assert!(sid.is_empty() || contains(bytes, sid.as_bytes()), "a session that nobody named");
        let mut writer = Writer::with_capacity(64);
        writer.array("updates");
        if statement::write(&mut writer, "0", &config, &sid, &op).is_err() {
            assert!(!elements_are_valid(&op), "valid elements are refused");
            continue;
        }
        let command = writer.finish().expect("a statement is a document");
        if elements_are_valid(&op) {
            let command = Document::try_from(&command).expect("valid elements make a valid command");
            let statement = command.get_array("updates").expect("written")[0].as_document().expect("written");
            let id = statement.get_document("q").and_then(|query| query.get_str("_id"));
            assert_eq!(id.ok(), Some(&*sid), "a statement is about another session");
        }
    }
}

fn elements_are_valid(op: &SessionOp) -> bool {
    let is_valid = |elements: &RawDocumentBuf| valid(elements.as_bytes()).is_some();
    match op {
        SessionOp::Get | SessionOp::Destroy { .. } => true,
        SessionOp::Touch { cookie, .. } => is_valid(cookie),
        SessionOp::Write(write) => {
            let beside = write.beside.as_ref();
            let change = match &write.change {
                Change::Whole(session) => is_valid(session),
                Change::Patch(patch) => is_valid(&patch.set) && is_valid(&patch.unset),
            };
            change
                && beside.is_none_or(|beside| {
                    [&beside.set, &beside.unset, &beside.dated].into_iter().all(is_valid)
                })
        }
    }
}

/// A command of the application's own with its options: what is sent is what was given.
pub fn command(bytes: &[u8]) {
    if let Ok(request) = Command::read(bytes) {
        assert!(bytes.ends_with(request.command.as_bytes()), "another command than was given");
        assert_ne!(request.batch_size, Some(0));
    }
}

/// A list of calls of [`Writer`]: the `bson` crate reads what was written.
pub fn writer(bytes: &[u8]) {
    let mut input = Input(bytes);
    let mut writer = Writer::with_capacity(16);
    let mut open = vec![Open { key: String::new(), is_array: false, elements: Document::new() }];
    while !input.0.is_empty() {
        let call = input.byte() % 10;
        if call == 0 {
            if open.len() > 1 {
                writer.end();
                close(&mut open);
            }
            continue;
        }
        let key = key(&open, &mut input);
        if matches!(call, 1 | 2) {
            if open.len() < DEPTH {
                let is_array = call == 2;
                if is_array {
                    writer.array(&key)
                } else {
                    writer.document(&key)
                };
                open.push(Open { key, is_array, elements: Document::new() });
            }
            continue;
        }
        let value = write(call, &mut writer, &key, &mut input);
        open.last_mut().expect("the document itself").elements.insert(key, value);
    }
    let written = writer.finish().expect("small enough");
    while open.len() > 1 {
        close(&mut open);
    }
    let expected = open.remove(0).elements;
    assert_eq!(Document::try_from(&written).expect("valid BSON"), expected);
}

struct Open {
    key: String,
    is_array: bool,
    elements: Document,
}

fn close(open: &mut Vec<Open>) {
    let Open { key, is_array, elements } = open.pop().expect("something is open");
    let value = if is_array {
        Bson::Array(elements.into_iter().map(|(_, value)| value).collect())
    } else {
        elements.into()
    };
    open.last_mut().expect("the document itself").elements.insert(key, value);
}

/// One that comes once, of what may be in one.
fn key(open: &[Open], input: &mut Input<'_>) -> String {
    let inner = open.last().expect("the document itself");
    let index = array_key(inner.elements.len());
    if inner.is_array { index } else { input.text().replace('\0', "") + &index }
}

fn write(call: u8, writer: &mut Writer, key: &str, input: &mut Input<'_>) -> Bson {
    match call {
        3 => {
            let text = input.text();
            writer.string(key, &text);
            text.into()
        }
        4 => {
            let value = input.byte() > 127;
            writer.boolean(key, value);
            value.into()
        }
        5 => {
            let value = i32::from_le_bytes(input.bytes());
            writer.int32(key, value);
            value.into()
        }
        6 => {
            let value = i64::from_le_bytes(input.bytes());
            writer.int64(key, value);
            value.into()
        }
        7 => {
            let value =
                Some(f64::from_le_bytes(input.bytes())).filter(|value| !value.is_nan()).unwrap_or(0.0);
            writer.double(key, value);
            value.into()
        }
        8 => {
            let value = i64::from_le_bytes(input.bytes());
            writer.date(key, value);
            DateTime::from_millis(value).into()
        }
        _ => {
            let value = doc! { "text": input.text() };
            let raw = RawDocumentBuf::try_from(&value).expect("valid");
            // Both ways to put a finished document into another.
            if input.byte() > 127 {
                writer.document(key).elements(&raw).end();
            } else {
                writer.raw(key, &raw);
            }
            value.into()
        }
    }
}
