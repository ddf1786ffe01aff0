use serde_json::Value;

use super::*;

const VECTORS: &str = include_str!("../../../__test__/connect-mongo/kruptein.json");
const VERSIONS: &str = include_str!("../../../__test__/connect-mongo/versions/versions.json");

/// One of each kind of envelope; every try of a wrong secret is some 35,000 rounds.
const CHANGED: [&str; 3] = ["2.2.3: a text, in hex", "3.1.7: a text, in hex", "3.4.0: a text, in hex"];

fn secrets(secrets: &[&str]) -> ConnectMongo {
    serde_json::from_value(serde_json::json!(secrets)).expect("settings")
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// What was encrypted, as a document: also where it is in a text.
fn opened(connect_mongo: &ConnectMongo, stored: &str) -> Result<Option<RawBson>, Error> {
    Ok(connect_mongo.open(stored)?.map(|value| match value {
        RawBson::String(text) => json::session(text.as_bytes()).expect("JSON"),
        other => other,
    }))
}

/// A document, whatever the order of its members: here JSON is sorted on the way.
fn by_name(value: &RawBson) -> std::collections::BTreeMap<String, mongodb::bson::Bson> {
    let document = value.as_document().expect("a document");
    mongodb::bson::Document::try_from(document).expect("valid").into_iter().collect()
}

/// Each vector: its name and text.
fn vectors(all: &Value) -> Vec<(String, String)> {
    let versions = all["vectors"].as_object().expect("versions");
    let each = versions.iter().flat_map(|(version, ways)| {
        let ways = ways.as_object().expect("ways");
        ways.iter().map(move |(way, stored)| {
            (format!("{version}: {way}"), stored.as_str().expect("text").to_owned())
        })
    });
    each.collect()
}

#[test]
fn what_every_version_of_kruptein_encrypted_is_read() {
    let all = parsed(VECTORS);
    let connect_mongo = secrets(&["another", all["secret"].as_str().expect("a secret")]);
    let vectors = vectors(&all);
    assert!(vectors.len() >= 40, "{}", vectors.len());
    let expected = json::session(all["session"].to_string().as_bytes()).expect("a document");
    for (name, stored) in vectors {
        let session = opened(&connect_mongo, &stored).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(by_name(&session.expect("encrypted")), by_name(&expected), "{name}");
    }
}

#[test]
fn what_versions_of_connect_mongo_stored_is_read() {
    let connect_mongo = secrets(&["Squirrel-4-squirrel-2-Squirrel-9!"]);
    let versions = parsed(VERSIONS);
    let mut read = 0;
    for (version, stored) in versions.as_object().expect("versions") {
        for (way, stored) in stored["sessions"].as_object().expect("sessions") {
            if !way.starts_with("encrypted") {
                continue;
            }
            let stored = stored["document"]["session"].as_str().expect("text");
            let session =
                opened(&connect_mongo, stored).unwrap_or_else(|error| panic!("{version}, {way}: {error}"));
            let session = session.expect("encrypted");
            let passport =
                session.as_document().expect("a document").get_document("passport").expect("there");
            assert_eq!(passport.get_str("user").expect("there"), "ada", "{version}, {way}");
            read += 1;
        }
    }
    assert_eq!(read, 8);
}

#[test]
fn a_wrong_secret_and_every_change_is_an_error_and_never_a_session() {
    let all = parsed(VECTORS);
    let secret = all["secret"].as_str().expect("a secret");
    let wrong = secrets(&["Squirrel-4-squirrel-2-Squirrel-8!"]);
    let right = secrets(&[secret]);
    for (name, stored) in vectors(&all).into_iter().filter(|(name, _)| CHANGED.contains(&name.as_str())) {
        let refusal = wrong.open(&stored).expect_err(&name);
        assert!(
            refusal.message.contains("a secret that is not in crypto.connectMongo"),
            "{}",
            refusal.message
        );
        assert!(!refusal.message.contains("quirrel"));
        for place in (0..stored.len()).step_by(stored.len() / 8) {
            let mut changed = stored.clone().into_bytes();
            changed[place] = match changed[place] {
                b'0'..=b'8' => changed[place] + 1,
                b'9' => b'a',
                b'a'..=b'e' => changed[place] + 1,
                b'f' => b'0',
                other => other ^ 1,
            };
            let changed = String::from_utf8(changed).expect("ASCII");
            let read = right.open(&changed);
            assert!(matches!(read, Err(_) | Ok(None)), "{name}: {place}: {read:?}");
        }
    }
}

#[test]
fn what_is_not_encrypted_is_left_alone() {
    let connect_mongo = secrets(&["secret"]);
    for text in ["", "{}", "{\"cookie\":{}}", "\"text\"", "30", "MII", "3000", "[]", "{bad", "\"", "Zoë"] {
        assert_eq!(connect_mongo.open(text).ok(), (text != "3000").then_some(None), "{text}");
    }
}

#[test]
fn what_is_encrypted_by_something_else_is_an_error_that_says_so() {
    // Four fields, as of a cipher that does not authenticate.
    let stored = format!("3008{}", "0400".repeat(4));
    let refusal = secrets(&["secret"]).open(&stored).expect_err("refused");
    assert_eq!(
        refusal.message,
        "the stored session cannot be decrypted: connect-mongo encrypted it with something else than AES-256-GCM"
    );
}

#[test]
fn a_derived_key_is_kept() {
    let all = parsed(VECTORS);
    let connect_mongo = secrets(&[all["secret"].as_str().expect("a secret")]);
    let stored = all["vectors"]["3.0.8"]["a text"].as_str().expect("text");
    for _ in 0..2 {
        connect_mongo.open(stored).expect("opens");
        assert_eq!(connect_mongo.kept().len(), 1);
    }
}
