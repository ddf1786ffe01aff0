//! What is written of a session that differs from what is stored.

use std::collections::BTreeMap;

use connect_mongodb_session::difference::{Difference, Known};
use mongodb::bson::{Bson, Document, RawDocument, RawDocumentBuf, doc};

use super::input::{Input, valid};

/// By the first byte: whatever is known of whatever session; or two sessions, one of them stored.
pub fn difference(bytes: &[u8]) {
    let mut input = Input(bytes);
    match input.byte() % 2 {
        0 => as_it_comes(&mut input),
        _ => between(&mut input),
    }
}

/// Nothing breaks, and what is taken is as long as it is said to be.
fn as_it_comes(input: &mut Input<'_>) {
    let known = Known { document: input.chunk(), later: input.chunk(), doubtful: input.chunk() };
    if let Some(difference) = Difference::take(known, input.0) {
        let (set, unset) = split(&patch_of(&difference));
        let keys = [&set, &unset].map(|part| part.iter_elements().flatten().count());
        assert_eq!(keys.iter().sum::<usize>(), difference.keys().count(), "a key is lost");
    }
}

/// What is stored becomes the session, by the patch; and does so again where the patch is known to be stored, or not.
fn between(input: &mut Input<'_>) {
    let (stored, last) = (input.chunk(), input.chunk());
    let (Some(before), Some(between), Some(after)) = (valid(stored), valid(last), valid(input.0)) else {
        return;
    };
    let [stored, last, session] = [&before, &between, &after].map(within);
    let known = Known { document: &stored, later: &[], doubtful: &[] };
    let first = taken(known, &last);
    assert_eq!(applied(before.clone(), &first), keys_of(&between), "a patch makes another session");

    let later = Known { later: &first, ..known };
    assert_eq!(applied(between, &taken(later, &session)), keys_of(&after), "stored patches are mistaken");

    // Whether or not the first one was stored.
    let doubtful = taken(Known { doubtful: &first, ..known }, &session);
    let (set, unset) = split(&first);
    let mut other = before.clone();
    apply(&mut other, &set, &unset);
    for stored in [before, other] {
        assert_eq!(applied(stored, &doubtful), keys_of(&after), "a doubtful patch decides what is stored");
    }
}

fn within(session: &Document) -> Vec<u8> {
    RawDocumentBuf::try_from(&doc! { "session": session }).expect("valid").into_bytes()
}

/// Documents of valid values have each key once.
fn taken(known: Known<'_>, session: &[u8]) -> Vec<u8> {
    patch_of(&Difference::take(known, session).expect("two sessions have a difference"))
}

fn patch_of(difference: &Difference<'_>) -> Vec<u8> {
    let mut patch = vec![0; difference.bytes()];
    difference.write(&mut patch);
    patch
}

fn split(patch: &[u8]) -> (RawDocumentBuf, RawDocumentBuf) {
    let length = u32::from_le_bytes(patch[..4].try_into().expect("four bytes")) as usize;
    let document = |bytes: &[u8]| RawDocumentBuf::from_bytes(bytes.to_vec()).expect("a document");
    (document(&patch[..length]), document(&patch[length..]))
}

fn applied(mut stored: Document, patch: &[u8]) -> BTreeMap<String, Bson> {
    let (set, unset) = split(patch);
    apply(&mut stored, &set, &unset);
    keys_of(&stored)
}

/// As the server does, where every key is a path.
fn apply(stored: &mut Document, set: &RawDocument, unset: &RawDocument) {
    let key = |path: &str| path.strip_prefix("session.").expect("a path in the session").to_owned();
    for (path, value) in Document::try_from(set).expect("valid values were set") {
        stored.insert(key(&path), value);
    }
    for (path, _) in Document::try_from(unset).expect("valid") {
        stored.remove(key(&path));
    }
}

/// A session by its keys, as JavaScript has it: in any order, and numbers without their types.
fn keys_of(session: &Document) -> BTreeMap<String, Bson> {
    session.iter().map(|(key, value)| (key.clone(), in_javascript(value))).collect()
}

fn in_javascript(value: &Bson) -> Bson {
    const EXACT: u64 = 1 << 53;
    match value {
        Bson::Int32(value) => Bson::Double((*value).into()),
        Bson::Int64(value) if value.unsigned_abs() <= EXACT => Bson::Double(*value as f64),
        Bson::Double(value) if value.is_nan() => Bson::String("no number".into()),
        Bson::Undefined => Bson::Null,
        Bson::Symbol(text) => Bson::String(text.clone()),
        Bson::Array(values) => Bson::Array(values.iter().map(in_javascript).collect()),
        Bson::Document(document) => Bson::Document(keys_of(document).into_iter().collect()),
        Bson::JavaScriptCodeWithScope(code) => Bson::Array(vec![
            Bson::String(code.code.clone()),
            in_javascript(&Bson::Document(code.scope.clone())),
        ]),
        other => other.clone(),
    }
}
