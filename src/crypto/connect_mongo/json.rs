//! The JSON that connect-mongo encrypted, as BSON.

use std::fmt;

use mongodb::bson::{Bson, Document, RawBson};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// kruptein 3.4 says what it was given; these are its own words, around JSON.
const WRAPPED: [&str; 2] = [r#"{"type":"string","value":"#, r#"{"type":"json","value":"#];

/// The session in a plaintext: text where connect-mongo was to store text, else a document. Nothing for anything else.
pub(super) fn session(plain: &[u8]) -> Option<RawBson> {
    let text = std::str::from_utf8(plain).ok()?;
    let wrapped = WRAPPED.iter().find_map(|start| text.strip_prefix(start));
    let json = wrapped.and_then(|rest| rest.strip_suffix('}')).unwrap_or(text);
    let Value(value) = serde_json::from_str(json).ok()?;
    match value {
        Bson::String(_) | Bson::Document(_) => RawBson::try_from(value).ok(),
        _ => None,
    }
}

/// A value of JSON, as this package stores what JavaScript reads of it: numbers that are no 32-bit integers are doubles.
struct Value(Bson);

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor).map(Self)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Bson;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Bson, E> {
        Ok(Bson::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Bson, E> {
        Ok(Bson::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Bson, E> {
        Ok(i32::try_from(value).map_or(Bson::Double(value as f64), Bson::Int32))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Bson, E> {
        Ok(i32::try_from(value).map_or(Bson::Double(value as f64), Bson::Int32))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Bson, E> {
        Ok(Bson::Double(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Bson, E> {
        Ok(Bson::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Bson, A::Error> {
        let mut array = Vec::new();
        while let Some(Value(element)) = elements.next_element()? {
            array.push(element);
        }
        Ok(Bson::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Bson, A::Error> {
        let mut document = Document::new();
        while let Some((key, Value(value))) = members.next_entry::<String, Value>()? {
            document.insert(key, value);
        }
        Ok(Bson::Document(document))
    }
}
