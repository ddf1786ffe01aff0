use mongodb::bson::{Bson, Document, doc};

use super::*;

const SECRET: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const OTHER: &str = "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

fn crypto(secrets: &[&str], required: bool) -> Crypto {
    let secrets: Vec<_> = secrets.iter().map(|secret| serde_json::json!({ "key": secret })).collect();
    serde_json::from_value(serde_json::json!({ "secrets": secrets, "required": required })).expect("settings")
}

fn raw(document: &Document) -> RawDocumentBuf {
    RawDocumentBuf::try_from(document).expect("valid")
}

/// What is stored when a `set` has encrypted a session.
fn stored(crypto: &Crypto, id: &str, session: Document) -> Document {
    let sealed = crypto.seal_session(id, &raw(&doc! { "session": session })).expect("sealed");
    let mut document = doc! { "_id": id, "expires": 5 };
    document.extend(Document::try_from(sealed.as_ref()).expect("valid"));
    document
}

fn opened(crypto: &Crypto, id: &str, stored: &Document) -> Result<Document, Error> {
    let bytes = crypto.open_document(id, raw(stored).as_bytes())?;
    Ok(Document::try_from(RawDocument::from_bytes(&bytes).expect("valid")).expect("valid"))
}

fn session() -> Document {
    doc! { "user": "ada", "cookie": { "path": "/", "expires": 1 }, "n": [1, { "x": Bson::Null }] }
}

#[test]
fn what_is_encrypted_is_read_as_it_was_and_nothing_of_it_is_stored_in_plain() {
    let crypto = crypto(&[SECRET], true);
    let stored = stored(&crypto, "sid", session());
    assert!(matches!(stored.get("session"), Some(Bson::Binary(_))));
    assert!(!raw(&stored).as_bytes().windows(3).any(|window| window == b"ada"));
    assert_eq!(
        opened(&crypto, "sid", &stored).expect("opens"),
        doc! { "_id": "sid", "expires": 5, "session": session() }
    );
}

#[test]
fn what_is_beside_the_session_stays_as_it_is() {
    let crypto = crypto(&[SECRET], true);
    let document = |bytes: &RawDocumentBuf| Document::try_from(bytes.as_ref()).expect("valid");
    let elements = raw(&doc! { "session": session(), "lastModified": 7 });
    let mut stored = document(&crypto.seal_session("sid", &elements).expect("sealed"));
    assert_eq!(stored.get("lastModified"), Some(&Bson::Int32(7)));
    let touch = raw(&doc! { "session.cookie": { "path": "/" }, "lastModified": 8 });
    stored.extend(document(&crypto.seal_cookie("sid", &touch).expect("sealed")));
    let opened = opened(&crypto, "sid", &stored).expect("opens");
    assert_eq!(opened.get("lastModified"), Some(&Bson::Int32(8)));
    let session = opened.get_document("session").expect("there");
    assert_eq!(session.get_str("user").expect("there"), "ada");
    assert!(!opened.contains_key("session.cookie"));
}

#[test]
fn a_touch_replaces_the_cookie_alone() {
    let crypto = crypto(&[SECRET], true);
    let mut stored = stored(&crypto, "sid", session());
    let cookie = crypto
        .seal_cookie("sid", &raw(&doc! { "session.cookie": { "path": "/", "expires": 2 } }))
        .expect("sealed");
    stored.extend(Document::try_from(cookie.as_ref()).expect("valid"));
    let session =
        opened(&crypto, "sid", &stored).expect("opens").get_document("session").expect("one").clone();
    assert_eq!(
        session,
        doc! { "user": "ada", "cookie": { "path": "/", "expires": 2 }, "n": [1, { "x": Bson::Null }] }
    );
}

#[test]
fn plaintext_is_read_unless_encryption_is_required_and_a_cookie_beside_it_does_not_count() {
    let mut plain = doc! { "_id": "sid", "session": session() };
    let crypto_off = crypto(&[SECRET], false);
    assert_eq!(opened(&crypto_off, "sid", &plain).expect("reads"), plain);
    let cookie =
        crypto_off.seal_cookie("sid", &raw(&doc! { "session.cookie": { "expires": 9 } })).expect("sealed");
    plain.extend(Document::try_from(cookie.as_ref()).expect("valid"));
    assert_eq!(
        opened(&crypto_off, "sid", &plain).expect("reads").get_document("session").ok(),
        Some(&session())
    );
    let refusal = opened(&crypto(&[SECRET], true), "sid", &plain).expect_err("required");
    assert_eq!(refusal.message, "the stored session is not encrypted, and crypto.required is true");
}

#[test]
fn every_changed_byte_is_noticed() {
    let crypto = crypto(&[SECRET], false);
    let stored = stored(&crypto, "sid", session());
    for field in ["session", "cookie"] {
        let Some(Bson::Binary(record)) = stored.get(field).cloned() else { panic!("not binary") };
        let with = |record: Binary| {
            let mut document = stored.clone();
            document.insert(field, record);
            opened(&crypto, "sid", &document)
        };
        for at in 0..record.bytes.len() {
            let mut changed = record.clone();
            changed.bytes[at] ^= 1;
            let error = with(changed).expect_err("noticed");
            assert!(
                error.message.starts_with("the stored session cannot be decrypted: "),
                "{}",
                error.message
            );
        }
        for length in 0..record.bytes.len() {
            let mut cut = record.clone();
            cut.bytes.truncate(length);
            assert!(with(cut).is_err(), "cut at {length}");
        }
    }
}

#[test]
fn a_record_is_good_for_its_own_session_and_field_only() {
    let crypto = crypto(&[SECRET], false);
    let stored = stored(&crypto, "sid", session());
    let moved = opened(&crypto, "other", &stored).expect_err("another session's");
    assert!(moved.message.ends_with("it was changed, or belongs to another session"));
    let mut swapped = stored.clone();
    swapped.insert("session", stored.get("cookie").expect("there").clone());
    assert!(opened(&crypto, "sid", &swapped).is_err());
}

#[test]
fn the_first_secret_encrypts_and_all_decrypt() {
    let before = stored(&crypto(&[SECRET], false), "sid", session());
    let rotated = crypto(&[OTHER, SECRET], false);
    assert!(opened(&rotated, "sid", &before).is_ok());
    let after = stored(&rotated, "sid", session());
    assert!(opened(&crypto(&[OTHER], false), "sid", &after).is_ok());
    let lost = opened(&crypto(&[SECRET], false), "sid", &after).expect_err("not known any more");
    assert!(lost.message.ends_with("it was encrypted with a secret that is not in crypto.secret"));
}

#[test]
fn the_published_test_vectors_hold() {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../../__test__/encryption/vectors.json")).expect("JSON");
    for vector in vectors.as_array().expect("a list") {
        let text = |name: &str| vector[name].as_str().unwrap_or_else(|| panic!("{name}")).to_owned();
        let secret: Secret = serde_json::from_value(vector["secret"].clone()).expect("a secret");
        let key = secret.derive();
        let bytes = |name: &str| -> Vec<u8> {
            let text = text(name);
            (0..text.len() / 2)
                .map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).expect("hexadecimal"))
                .collect()
        };
        let random = bytes("random").try_into().expect("24 bytes");
        let record =
            record::seal_with(random, &key, &text("field"), &text("id"), &bytes("plain")).expect("sealed");
        assert_eq!(record, bytes("record"), "{}", text("name"));
        assert_eq!(
            record::open(&[key], &text("field"), &text("id"), &record).expect("opens"),
            bytes("plain")
        );
    }
}

#[test]
fn nothing_shows_a_secret() {
    let crypto = crypto(&[SECRET], true);
    let _ = crypto.keys();
    assert_eq!(format!("{crypto:?}"), "Crypto { required: true, .. }");
    assert!(!format!("{:?}", crypto.secrets).contains("0001"));
}
