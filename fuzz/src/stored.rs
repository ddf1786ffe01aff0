//! Stored documents with encrypted sessions.

use std::sync::OnceLock;

use connect_mongodb_session::crypto::Crypto;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, Document, RawDocument, RawDocumentBuf, doc};

use super::input::{Input, valid};

fn crypto(required: bool) -> &'static Crypto {
    static CRYPTO: [OnceLock<Crypto>; 2] = [OnceLock::new(), OnceLock::new()];
    CRYPTO[usize::from(required)].get_or_init(|| {
        let keys = ["01".repeat(32), "02".repeat(32)].map(|key| format!(r#"{{"key":"{key}"}}"#)).join(",");
        serde_json::from_str(&format!(r#"{{"secrets":[{keys}],"required":{required}}}"#)).expect("valid")
    })
}

/// By the first byte: a stored document as it comes, a session that is sealed and opened again, one whose
/// record is changed in between, a cookie.
pub fn encrypted(bytes: &[u8]) {
    let mut input = Input(bytes);
    match input.byte() % 5 {
        0 => as_it_comes(input.0, false),
        1 => as_it_comes(input.0, true),
        2 => there_and_back(input.0),
        3 => changed(&mut input),
        _ => cookie(input.0),
    }
}

fn as_it_comes(stored: &[u8], required: bool) {
    let Ok(opened) = crypto(required).open_document("sid", stored) else { return };
    assert!(!required, "a session that nobody encrypted was accepted");
    assert_eq!(opened, stored, "a document without an encrypted session was changed");
}

fn there_and_back(elements: &[u8]) {
    let Ok(raw) = RawDocument::from_bytes(elements) else { return };
    let Ok(sealed) = crypto(true).seal_session("sid", raw) else { return };
    let opened = crypto(true).open_document("sid", sealed.as_bytes());
    assert!(crypto(true).open_document("other", sealed.as_bytes()).is_err(), "it opens for another session");
    // What has a name twice, or bytes that say nothing, does not come back byte by byte.
    let Some(document) = valid(elements) else { return };
    if RawDocumentBuf::try_from(&document).is_ok_and(|again| again.as_bytes() == elements) {
        let opened = valid(&opened.expect("what was sealed opens")).expect("valid BSON");
        assert_eq!(opened.get("session"), document.get("session"), "another session came back");
    }
}

fn changed(input: &mut Input<'_>) {
    let elements =
        RawDocumentBuf::try_from(&doc! { "session": { "user": "ada", "cookie": {} } }).expect("valid");
    let sealed = crypto(true).seal_session("sid", &elements).expect("there are random numbers");
    let mut stored = Document::try_from(&sealed).expect("valid BSON");
    let Some(Bson::Binary(Binary { bytes, .. })) = stored.get_mut("session") else { panic!("not encrypted") };
    let place = usize::from(u16::from_le_bytes(input.bytes())) % bytes.len();
    match input.byte() {
        0 => bytes.truncate(place),
        difference => bytes[place] ^= difference,
    }
    let stored = RawDocumentBuf::try_from(&stored).expect("valid");
    assert!(crypto(false).open_document("sid", stored.as_bytes()).is_err(), "a changed record opens");
}

fn cookie(elements: &[u8]) {
    let Ok(raw) = RawDocument::from_bytes(elements) else { return };
    let Ok(sealed) = crypto(true).seal_cookie("sid", raw) else { return };
    for element in &sealed {
        let (_, value) = element.expect("valid BSON");
        let binary = value.as_binary().expect("nothing but what is encrypted");
        assert_eq!(binary.subtype, BinarySubtype::Generic);
    }
}
