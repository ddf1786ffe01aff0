//! What of a session differs from what is stored of it: the patch that a save sends with `partialUpdates`.
//!
//! **Problem.** JavaScript knows the BSON that a session was read or saved as, and the BSON that is to be stored now. The
//! save is to write the top-level keys in which the two differ, and no others, which another request may have changed.
//!
//! **What is stored** is known as a document with the session in it, and the patches that were stored since. Of some keys
//! it is not known: patches are under way, or have failed, which says nothing about what the server did with them.
//!
//! **Rule.** A key is set unless it is certainly stored as it is; one that the session does not have is removed if it is
//! stored, or may be. In doubt there is no patch, and the whole session is the right thing to store: when the stored
//! session is no document, when either has a key twice, or bytes that are no BSON.
//!
//! **Equal.** Values with the same bytes are. So are those that JavaScript cannot tell apart: another driver may have
//! stored an int64 where this one stores an int32, and what was read and not changed is not to be written. What is
//! compared is therefore what JavaScript would make of the stored value, and store again. Where that is not known here
//! (other forms of regular expressions, say), the values count as different: then a key is written once too often.
//!
//! Everything runs on JavaScript's thread, while it waits: over bytes that are equal as fast as memory is read, and in
//! one pass over those that are not. A session that has the stored keys in the stored order, as most have that were read
//! and changed, is compared element by element (`Difference::in_step`); all others by a table of the keys
//! (`Difference::by_key`), which finds the same difference in several times the time.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use mongodb::bson::raw::{RawElement, RawIter};
use mongodb::bson::spec::ElementType;
use mongodb::bson::{RawArray, RawBsonRef, RawDocument};

use crate::session_op::{SESSION, WITHIN_SESSION};

/// Documents that are nested deeper are not looked into: they differ unless their bytes are the same. MongoDB stores
/// no such document.
const MAX_DEPTH: usize = 200;
/// The largest integer up to which a double holds each.
const MAX_SAFE_INTEGER: u64 = 1 << 53;
/// The largest index of a JavaScript array. An object has its keys up to here first, and in their order.
const MAX_INDEX: u32 = u32::MAX - 1;
/// As many keys as most sessions have at most.
const USUAL_KEYS: usize = 64;
/// Of as many keys each is looked for among all.
const MOST_PATCHED: usize = 16;
/// An odd number without a pattern: 2^64 over the golden ratio.
const MIXING: u64 = 0x9e37_79b9_7f4a_7c15;
/// A document without elements.
const EMPTY_BYTES: usize = 5;
/// An empty string, as a value.
const EMPTY_STRING: &[u8] = &[1, 0, 0, 0, 0];

/// What is known of a stored session. Patches are what [`Difference::write`] wrote, one behind the other.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// A document with the session as it was read, or saved whole.
    pub document: &'a [u8],
    /// The patches that were stored since.
    pub later: &'a [u8],
    /// Patches that may have been stored.
    pub doubtful: &'a [u8],
}

/// The keys in which a session differs from what is stored.
pub struct Difference<'a> {
    set: Vec<Element<'a>>,
    unset: Vec<&'a str>,
}

impl<'a> Difference<'a> {
    /// Compares the session within a document with what is stored; nothing when only the whole session is right.
    pub fn take(known: Known<'a>, document: &'a [u8]) -> Option<Self> {
        let session = session_within(document)?;
        Self::in_step(known, session).or_else(|| Self::by_key(known, session))
    }

    /// Compares a session that has the keys of the stored document, each once and in its order, and no key of the
    /// patches beside them; nothing for any other.
    fn in_step(known: Known<'a>, session: &'a RawDocument) -> Option<Self> {
        let mut patched = Patched::read(known)?;
        let mut stored = Elements::of(session_within(known.document)?);
        let mut fingerprints = Vec::with_capacity(USUAL_KEYS);
        let mut set = Vec::new();
        for element in Elements::of(session) {
            let (element, old) = (element?, stored.next()??);
            if old.key != element.key {
                return None;
            }
            fingerprints.push(fingerprint(element.key));
            let unchanged = match patched.want(element.key) {
                None => same(&old, &element),
                Some(key) => key.is_certainly(&element),
            };
            if !unchanged {
                set.push(element);
            }
        }
        fingerprints.sort_unstable();
        let each_once = fingerprints.windows(2).all(|pair| pair[0] != pair[1]);
        let none_beside = patched.keys.iter().all(|key| key.wanted);
        (stored.next().is_none() && each_once && none_beside).then_some(Self { set, unset: Vec::new() })
    }

    /// Compares any session.
    fn by_key(known: Known<'a>, session: &'a RawDocument) -> Option<Self> {
        let mut stored = Stored::read(known)?;
        let mut set = Vec::new();
        for element in Elements::of(session) {
            let element = element?;
            let key = stored.key(element.key);
            if key.wanted {
                return None;
            }
            key.wanted = true;
            if !key.is_certainly(&element) {
                set.push(element);
            }
        }
        let gone = |key: &&Key<'a>| !key.wanted && (key.doubtful || key.element.is_some());
        let unset = stored.keys.iter().filter(gone).map(|key| key.name).collect();
        Some(Self { set, unset })
    }

    /// The keys that differ.
    pub fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.set.iter().map(|element| element.key).chain(self.unset.iter().copied())
    }

    /// Whether MongoDB can change each of these keys by its path.
    pub fn is_addressable(&self) -> bool {
        self.keys().all(|key| !key.is_empty() && !key.starts_with('$') && !key.contains('.'))
    }

    /// The bytes it takes as a patch.
    pub fn bytes(&self) -> usize {
        let element = |key: &str, value: &[u8]| 1 + WITHIN_SESSION.len() + key.len() + 1 + value.len();
        let set: usize = self.set.iter().map(|set| element(set.key, set.value)).sum();
        let unset: usize = self.unset.iter().map(|key| element(key, EMPTY_STRING)).sum();
        2 * EMPTY_BYTES + set + unset
    }

    /// Writes it as a patch, if there is room: the elements to set, by their paths in the stored document, and behind
    /// them a document with the paths of what is to be removed.
    pub fn write(&self, room: &mut [u8]) {
        let bytes = self.bytes();
        let Some(room) = room.get_mut(..bytes) else { return };
        let mut patch = Vec::with_capacity(bytes);
        write_document(&mut patch, self.set.iter().map(|set| (set.kind, set.key, set.value)));
        write_document(&mut patch, self.unset.iter().map(|key| (ElementType::String, *key, EMPTY_STRING)));
        room.copy_from_slice(&patch);
    }
}

fn write_document<'a>(to: &mut Vec<u8>, elements: impl Iterator<Item = (ElementType, &'a str, &'a [u8])>) {
    let start = to.len();
    to.extend_from_slice(&[0; 4]);
    for (kind, key, value) in elements {
        to.push(kind as u8);
        to.extend_from_slice(WITHIN_SESSION.as_bytes());
        to.extend_from_slice(key.as_bytes());
        to.push(0);
        to.extend_from_slice(value);
    }
    to.push(0);
    let length = (to.len() - start) as u32;
    to[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

/// One element of a document, and its bytes.
struct Element<'a> {
    kind: ElementType,
    key: &'a str,
    value: &'a [u8],
    raw: RawElement<'a>,
}

/// The elements of a document one after another; nothing for one that is malformed, which is the last.
struct Elements<'a> {
    bytes: &'a [u8],
    inner: RawIter<'a>,
    at: usize,
}

impl<'a> Elements<'a> {
    fn of(document: &'a RawDocument) -> Self {
        Self { bytes: document.as_bytes(), inner: document.iter_elements(), at: 4 }
    }

    fn within(array: &'a RawArray) -> Self {
        Self { bytes: array.as_bytes(), inner: array.iter_elements(), at: 4 }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Option<Element<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let raw = match self.inner.next()? {
            Ok(raw) => raw,
            Err(_) => return Some(None),
        };
        let key = raw.key().as_str();
        // Its type, its key, and what ends the key.
        let value_at = self.at + 1 + key.len() + 1;
        self.at = value_at + raw.size();
        let value = self.bytes.get(value_at..self.at);
        Some(value.map(|value| Element { kind: raw.element_type(), key, value, raw }))
    }
}

/// The session in a document, if it is one.
fn session_within(document: &[u8]) -> Option<&RawDocument> {
    let mut session = None;
    for element in Elements::of(RawDocument::from_bytes(document).ok()?) {
        let element = element?;
        if element.key != SESSION {
            continue;
        }
        if session.is_some() || element.kind != ElementType::EmbeddedDocument {
            return None;
        }
        session = Some(RawDocument::from_bytes(element.value).ok()?);
    }
    session
}

/// The keys that patches have, of which there are few.
struct Patched<'a> {
    keys: Vec<Key<'a>>,
}

impl<'a> Patched<'a> {
    /// Nothing for patches that are malformed, or have so many keys that a table finds them faster.
    fn read(known: Known<'a>) -> Option<Self> {
        let mut patched = Self { keys: Vec::new() };
        read_patches(known, |name, said| {
            let place = patched.keys.iter().position(|key| key.name == name).unwrap_or(patched.keys.len());
            if place == MOST_PATCHED {
                return None;
            }
            if place == patched.keys.len() {
                patched.keys.push(Key::unknown(name));
            }
            patched.keys.get_mut(place)?.hear(said);
            Some(())
        })?;
        Some(patched)
    }

    /// The session has a key: what patches did to it.
    fn want(&mut self, name: &str) -> Option<&Key<'a>> {
        let key = self.keys.iter_mut().find(|key| key.name == name)?;
        key.wanted = true;
        Some(key)
    }
}

/// The same for keys that are the same; seldom for two others.
fn fingerprint(key: &str) -> u64 {
    key.as_bytes().chunks(8).fold(key.len() as u64, |mixed, chunk| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        (mixed.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(MIXING)
    })
}

/// A key of the session, as it is stored.
struct Key<'a> {
    name: &'a str,
    /// What is stored, if anything is.
    element: Option<Element<'a>>,
    /// Whether something else may be stored.
    doubtful: bool,
    /// Whether the session that is to be stored has it.
    wanted: bool,
}

/// What a patch says of a key.
enum Said<'a> {
    Set(Element<'a>),
    Removed,
    /// Set or removed, or not: nobody knows.
    Doubtful,
}

impl<'a> Key<'a> {
    fn unknown(name: &'a str) -> Self {
        Self { name, element: None, doubtful: false, wanted: false }
    }

    fn hear(&mut self, said: Said<'a>) {
        match said {
            Said::Set(element) => self.element = Some(element),
            Said::Removed => self.element = None,
            Said::Doubtful => self.doubtful = true,
        }
    }

    /// Whether what is stored is certainly this.
    fn is_certainly(&self, element: &Element<'_>) -> bool {
        !self.doubtful && self.element.as_ref().is_some_and(|stored| same(stored, element))
    }
}

/// Goes through the patches in their order; nothing where they are malformed, or `hear` gives nothing.
fn read_patches<'a>(known: Known<'a>, mut hear: impl FnMut(&'a str, Said<'a>) -> Option<()>) -> Option<()> {
    let mut later = known.later;
    while !later.is_empty() {
        for element in Elements::of(next_document(&mut later)?) {
            let element = within_session(element?)?;
            hear(element.key, Said::Set(element))?;
        }
        for element in Elements::of(next_document(&mut later)?) {
            hear(within_session(element?)?.key, Said::Removed)?;
        }
    }
    let mut doubtful = known.doubtful;
    while !doubtful.is_empty() {
        for element in Elements::of(next_document(&mut doubtful)?) {
            hear(within_session(element?)?.key, Said::Doubtful)?;
        }
    }
    Some(())
}

/// A stored session by its keys, which keep their order.
#[derive(Default)]
struct Stored<'a> {
    keys: Vec<Key<'a>>,
    places: HashMap<&'a str, usize>,
}

impl<'a> Stored<'a> {
    fn read(known: Known<'a>) -> Option<Self> {
        let mut stored = Self::default();
        for element in Elements::of(session_within(known.document)?) {
            let element = element?;
            let key = stored.key(element.key);
            if key.element.is_some() {
                return None;
            }
            key.element = Some(element);
        }
        read_patches(known, |name, said| {
            stored.key(name).hear(said);
            Some(())
        })?;
        Some(stored)
    }

    /// What is known of a key.
    fn key(&mut self, name: &'a str) -> &mut Key<'a> {
        let place = match self.places.entry(name) {
            Entry::Occupied(place) => *place.get(),
            Entry::Vacant(place) => {
                self.keys.push(Key::unknown(name));
                *place.insert(self.keys.len() - 1)
            }
        };
        &mut self.keys[place]
    }
}

fn next_document<'a>(bytes: &mut &'a [u8]) -> Option<&'a RawDocument> {
    let length = u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?) as usize;
    let (document, behind) = bytes.split_at_checked(length)?;
    *bytes = behind;
    RawDocument::from_bytes(document).ok()
}

/// An element of a patch, by its key instead of its path.
fn within_session(element: Element<'_>) -> Option<Element<'_>> {
    Some(Element { key: element.key.strip_prefix(WITHIN_SESSION)?, ..element })
}

/// Whether a key that is stored so would be stored as it is already.
fn same(stored: &Element<'_>, new: &Element<'_>) -> bool {
    (stored.kind == new.kind && stored.value == new.value) || same_value(stored, new, 0)
}

/// The same of values that are not compared as bytes first: a value that differs is looked at once, and its keys twice.
fn same_value(stored: &Element<'_>, new: &Element<'_>, depth: usize) -> bool {
    let (Ok(old), Ok(value)) = (stored.raw.value(), new.raw.value()) else { return false };
    if depth > MAX_DEPTH {
        return false;
    }
    match (old, value) {
        (RawBsonRef::Document(old), RawBsonRef::Document(value)) => same_document(old, value, depth),
        (RawBsonRef::Array(old), RawBsonRef::Array(value)) => same_array(old, value, depth),
        (RawBsonRef::JavaScriptCodeWithScope(old), RawBsonRef::JavaScriptCodeWithScope(code)) => {
            old.code == code.code && same_document(old.scope, code.scope, depth)
        }
        (RawBsonRef::Undefined, RawBsonRef::Null) => true,
        (RawBsonRef::Symbol(old), RawBsonRef::String(text)) => old == text,
        (old, value) => match (Number::of(old), Number::of(value)) {
            (Some(old), Some(value)) => old.through_javascript() == value,
            (None, None) => stored.kind == new.kind && stored.value == new.value,
            (None, Some(_)) | (Some(_), None) => false,
        },
    }
}

fn same_document(stored: &RawDocument, new: &RawDocument, depth: usize) -> bool {
    // The keys first, without looking into what they hold: no value is compared twice, however deep it is.
    if !keys(stored).eq(keys(new)) {
        return same_in_order(stored, new, depth);
    }
    same_values(Elements::of(stored), Elements::of(new), depth)
}

/// Whether these are as many elements, each with the same value; not where one is malformed.
fn same_values(mut stored: Elements<'_>, mut new: Elements<'_>, depth: usize) -> bool {
    loop {
        match (stored.next(), new.next()) {
            (None, None) => return true,
            (Some(Some(old)), Some(Some(now))) => {
                if !same_value(&old, &now, depth + 1) {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

/// A document's keys in their order; nothing for an element that is malformed, which is the last.
fn keys(document: &RawDocument) -> impl Iterator<Item = Option<&str>> {
    Elements::of(document).map(|element| element.map(|element| element.key))
}

/// Whether a document is the other one with its keys in the order that an object has.
fn same_in_order(stored: &RawDocument, new: &RawDocument, depth: usize) -> bool {
    let (old, now): (Option<Vec<_>>, Option<Vec<_>>) =
        (Elements::of(stored).collect(), Elements::of(new).collect());
    let (Some(mut old), Some(now)) = (old, now) else { return false };
    // Stable: the other keys stay as they are, behind the indexes.
    old.sort_by_key(|element| index(element.key).unwrap_or(u32::MAX));
    old.len() == now.len()
        && old.iter().zip(&now).all(|(old, now)| old.key == now.key && same_value(old, now, depth + 1))
}

/// The index of a JavaScript array that a key is.
fn index(key: &str) -> Option<u32> {
    let canonical = key == "0" || key.starts_with(|first: char| matches!(first, '1'..='9'));
    key.parse().ok().filter(|&index| canonical && index <= MAX_INDEX)
}

/// The elements of an array are in order, whatever their keys say.
fn same_array(stored: &RawArray, new: &RawArray, depth: usize) -> bool {
    same_values(Elements::within(stored), Elements::within(new), depth)
}

/// A number as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Number {
    Int32(i32),
    Int64(i64),
    /// A double by its bits, so that -0 is not 0; all that are no number are one.
    Double(u64),
}

impl Number {
    fn of(value: RawBsonRef<'_>) -> Option<Self> {
        match value {
            RawBsonRef::Int32(value) => Some(Self::Int32(value)),
            RawBsonRef::Int64(value) => Some(Self::Int64(value)),
            RawBsonRef::Double(value) => Some(Self::double(value)),
            _ => None,
        }
    }

    fn double(value: f64) -> Self {
        Self::Double(if value.is_nan() { f64::NAN } else { value }.to_bits())
    }

    /// The number that is stored for the JavaScript value that this one is read as.
    fn through_javascript(self) -> Self {
        match self {
            Self::Int32(_) => self,
            Self::Int64(value) if value.unsigned_abs() <= MAX_SAFE_INTEGER => {
                Self::of_javascript(value as f64)
            }
            Self::Int64(_) => self,
            Self::Double(bits) => Self::of_javascript(f64::from_bits(bits)),
        }
    }

    fn of_javascript(value: f64) -> Self {
        // `as` saturates, and makes 0 of what is no number.
        let whole = value as i32;
        if f64::from(whole).to_bits() == value.to_bits() { Self::Int32(whole) } else { Self::double(value) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use mongodb::bson::{
        Binary, Bson, DateTime, Decimal128, Document, RawDocumentBuf, Regex, Timestamp, doc, oid,
    };

    use super::*;

    fn raw(document: &Document) -> Vec<u8> {
        RawDocumentBuf::try_from(document).expect("valid").into_bytes()
    }

    fn within(session: impl Into<Bson>) -> Vec<u8> {
        raw(&doc! { "_id": "sid", "session": session.into(), "expires": DateTime::MAX })
    }

    fn patch(set: &Document, unset: &Document) -> Vec<u8> {
        [raw(set), raw(unset)].concat()
    }

    /// What is set and removed, and whether it can be by paths.
    type Taken = (Document, BTreeSet<String>, bool);

    fn taken(known: Known<'_>, session: &[u8]) -> Option<Taken> {
        let within = session_within(session)?;
        let keys = |difference: &Difference<'_>| difference.keys().map(str::to_owned).collect::<Vec<_>>();
        let by_key = Difference::by_key(known, within);
        if let Some(in_step) = Difference::in_step(known, within) {
            assert_eq!(Some(keys(&in_step)), by_key.as_ref().map(keys), "in step and by key");
        }
        let difference = Difference::take(known, session)?;
        let mut room = vec![0xff; difference.bytes() + 1];
        difference.write(&mut room);
        assert_eq!(room.pop(), Some(0xff), "more was written than it takes");
        let mut patch = room.as_slice();
        let mut next =
            || Document::try_from(next_document(&mut patch).expect("a document")).expect("valid BSON");
        let (set, unset) = (next(), next());
        let keys: Vec<String> = set.keys().chain(unset.keys()).cloned().collect();
        assert_eq!(keys, difference.keys().map(|key| format!("session.{key}")).collect::<Vec<_>>());
        Some((set, unset.keys().cloned().collect(), difference.is_addressable()))
    }

    fn between(stored: impl Into<Bson>, session: impl Into<Bson>) -> Option<Taken> {
        let (document, session) = (within(stored), within(session));
        taken(Known { document: &document, later: &[], doubtful: &[] }, &session)
    }

    fn set_between(stored: Document, session: Document) -> Document {
        let (set, unset, addressable) = between(stored, session).expect("a difference");
        assert!(unset.is_empty() && addressable);
        set
    }

    fn names(keys: &[&str]) -> BTreeSet<String> {
        keys.iter().map(|key| format!("session.{key}")).collect()
    }

    /// Whether a session is compared in step, with these patches stored later.
    fn is_in_step(stored: Document, later: &[u8], session: Document) -> bool {
        let (document, session) = (within(stored), within(session));
        let known = Known { document: &document, later, doubtful: &[] };
        taken(known, &session);
        Difference::in_step(known, session_within(&session).expect("a session")).is_some()
    }

    #[test]
    fn a_session_with_the_stored_keys_in_their_order_is_compared_in_step_and_no_other() {
        let stored = doc! { "cookie": { "a": 1 }, "user": "ada", "cart": [1, 2] };
        let changed = doc! { "cookie": { "a": 2 }, "user": "ada", "cart": [1] };
        let of_user = patch(&doc! { "session.user": "bob" }, &doc! {});
        let removed = patch(&doc! {}, &doc! { "session.user": "" });
        let of_another = patch(&doc! { "session.another": 1 }, &doc! {});
        for later in [vec![], of_user.clone(), removed, [of_user.clone(), of_user].concat()] {
            assert!(is_in_step(stored.clone(), &later, changed.clone()));
        }
        assert!(!is_in_step(stored.clone(), &of_another, changed));
        for other in [
            doc! { "cookie": {}, "user": "ada" },
            doc! { "cookie": {}, "user": "ada", "cart": [], "added": 1 },
            doc! { "cookie": {}, "cart": [], "user": "ada" },
        ] {
            assert!(!is_in_step(stored.clone(), &[], other));
        }
    }

    #[test]
    fn keys_that_patches_have_many_of_are_compared_all_the_same() {
        let keys = || (0..3 * MOST_PATCHED).map(|n| format!("key{n}"));
        let stored: Document = keys().map(|key| (key, Bson::Int32(1))).collect();
        let later: Document = keys().map(|key| (format!("session.{key}"), Bson::Int32(2))).collect();
        let session: Document = keys().map(|key| (key, Bson::Int32(2))).collect();
        let (document, session) = (within(stored), within(session));
        let known = Known { document: &document, later: &patch(&later, &doc! {}), doubtful: &[] };
        assert_eq!(taken(known, &session), Some((doc! {}, BTreeSet::new(), true)));
    }

    /// Whoever looks at each value twice needs 2^90 looks for this one.
    #[test]
    fn documents_in_documents_in_another_order_of_keys_are_compared_once() {
        let (mut stored, mut session) = (doc! {}, doc! {});
        for _ in 0..90 {
            stored = doc! { "0": stored, "a": 1, "1": 1 };
            session = doc! { "0": session, "1": 1, "a": 1 };
        }
        assert_eq!(
            set_between(doc! { "x": stored, "n": 1 }, doc! { "x": session, "n": 2 }),
            doc! { "session.n": 2 }
        );
    }

    #[test]
    fn what_changed_is_set_and_what_is_gone_removed_in_whatever_order_the_keys_are() {
        let stored = doc! { "a": 1, "same": { "deep": [1, "x"] }, "gone": 1, "cookie": {} };
        let session = doc! { "cookie": {}, "same": { "deep": [1, "x"] }, "added": [1], "a": 2 };
        let (set, unset, addressable) = between(stored, session).expect("a difference");
        assert_eq!(set, doc! { "session.added": [1], "session.a": 2 });
        assert_eq!((unset, addressable), (names(&["gone"]), true));
        for same in [doc! {}, doc! { "a": 1 }] {
            assert_eq!(set_between(same.clone(), same), doc! {});
        }
        assert_eq!(set_between(doc! {}, doc! { "a": {} }), doc! { "session.a": {} });
        assert_eq!(between(doc! { "a": {} }, doc! {}).expect("a difference").1, names(&["a"]));
    }

    #[test]
    fn a_change_of_kind_or_within_a_value_is_a_change() {
        for (stored, new) in [
            (Bson::Null, Bson::from(0)),
            (0.into(), false.into()),
            ("1".into(), 1.into()),
            (doc! {}.into(), Bson::Array(vec![])),
            (
                doc! { "a": doc! { "b": [1, { "c": 1 }] } }.into(),
                doc! { "a": doc! { "b": [1, { "c": 2 }] } }.into(),
            ),
            (doc! { "a": 1 }.into(), doc! { "a": 1, "b": 1 }.into()),
            (doc! { "a": 1, "b": 1 }.into(), doc! { "a": 1 }.into()),
            (doc! { "a": 1, "b": 1 }.into(), doc! { "b": 1, "a": 1 }.into()),
            (Bson::Array(vec![1.into()]), Bson::Array(vec![1.into(), 1.into()])),
            (Bson::Array(vec![1.into(), 2.into()]), Bson::Array(vec![1.into()])),
            (Bson::DateTime(DateTime::from_millis(7)), Bson::DateTime(DateTime::from_millis(8))),
            (Bson::DateTime(DateTime::from_millis(7)), Bson::Int64(7)),
            (Bson::Null, Bson::Undefined),
            (Bson::String("x".into()), Bson::Symbol("x".into())),
        ] {
            let set = set_between(doc! { "k": stored, "l": 1 }, doc! { "k": new.clone(), "l": 1 });
            assert_eq!(set, doc! { "session.k": new });
        }
    }

    #[test]
    fn what_javascript_reads_as_the_same_is_not_written() {
        let nan = Bson::Double(f64::from_bits(0x7ff0_0000_0000_0001));
        let code = |value: Bson| {
            let scope = doc! { "a": value };
            Bson::JavaScriptCodeWithScope(mongodb::bson::JavaScriptCodeWithScope { code: "x".into(), scope })
        };
        for (stored, new) in [
            (Bson::Int64(5), Bson::Int32(5)),
            (Bson::Double(5.0), Bson::Int32(5)),
            (Bson::Double(f64::from(i32::MIN)), Bson::Int32(i32::MIN)),
            (Bson::Int64(1 << 40), Bson::Double((1_u64 << 40) as f64)),
            (Bson::Int64(-(1 << 53)), Bson::Double(-((1_u64 << 53) as f64))),
            (Bson::Undefined, Bson::Null),
            (Bson::Symbol("x".into()), Bson::String("x".into())),
            (nan, Bson::Double(f64::NAN)),
            (code(Bson::Int64(5)), code(Bson::Int32(5))),
            (doc! { "b": 1, "10": Bson::Int64(2), "9": 3 }.into(), doc! { "9": 3, "10": 2, "b": 1 }.into()),
        ] {
            let deep = |value: &Bson| doc! { "k": value, "l": [{ "m": value }] };
            assert_eq!(set_between(deep(&stored), deep(&new)), doc! {}, "{stored} and {new}");
        }
    }

    #[test]
    fn what_javascript_can_tell_apart_is_written() {
        for (stored, new) in [
            (Bson::Int32(5), Bson::Int64(5)),
            (Bson::Int32(5), Bson::Double(5.0)),
            (Bson::Double(-0.0), Bson::Int32(0)),
            (Bson::Int32(0), Bson::Double(-0.0)),
            (Bson::Int64((1 << 53) + 1), Bson::Double((1_u64 << 53) as f64)),
            (Bson::Double(5.5), Bson::Int32(5)),
            (Bson::Double(f64::INFINITY), Bson::Int32(i32::MAX)),
            (Bson::Double(f64::NAN), Bson::Int32(0)),
            // Only indexes of arrays change their places: one that is too large does not, nor one with a zero before it.
            (doc! { "b": 1, "4294967295": 1 }.into(), doc! { "4294967295": 1, "b": 1 }.into()),
            (doc! { "b": 1, "01": 1 }.into(), doc! { "01": 1, "b": 1 }.into()),
            (doc! { "b": 1, "+1": 1 }.into(), doc! { "+1": 1, "b": 1 }.into()),
        ] {
            let set = set_between(doc! { "k": stored.clone() }, doc! { "k": new.clone() });
            assert_eq!(set, doc! { "session.k": &new }, "{stored} and {new}");
        }
    }

    #[test]
    fn values_of_every_kind_are_the_same_as_themselves() {
        let id = oid::ObjectId::from_bytes([7; 12]);
        let every = doc! {
            "double": 1.5, "text": "é", "document": { "a": {} }, "array": [1, [], {}], "id": id, "yes": true,
            "bytes": Binary { subtype: mongodb::bson::spec::BinarySubtype::BinaryOld, bytes: vec![1, 2] },
            "date": DateTime::MIN, "no": Bson::Null, "nothing": Bson::Undefined, "min": Bson::MinKey, "max": Bson::MaxKey,
            "pattern": Regex { pattern: "x".try_into().expect("text"), options: "im".try_into().expect("text") },
            "code": Bson::JavaScriptCode("x".into()), "symbol": Bson::Symbol("x".into()), "int": 1, "long": 1_i64,
            "time": Timestamp { time: 1, increment: 2 }, "decimal": Decimal128::from_bytes([1; 16]),
        };
        assert_eq!(set_between(every.clone(), every.clone()), doc! {});
        let nested = |more: i32| doc! { "k": { "every": [every.clone()], "more": more } };
        assert_eq!(set_between(nested(1), nested(1)), doc! {});
        assert_eq!(set_between(nested(1), nested(2)).keys().collect::<Vec<_>>(), ["session.k"]);
    }

    #[test]
    fn keys_that_are_no_paths_are_differences_that_cannot_be_applied() {
        for key in ["", "a.b", ".", "$a", "$"] {
            let (with, without) = (doc! { key: 1, "a": 1 }, doc! { "a": 1 });
            let (set, _, addressable) = between(without.clone(), with.clone()).expect("a difference");
            assert_eq!((set, addressable), (doc! { format!("session.{key}"): 1 }, false));
            let (_, unset, addressable) = between(with.clone(), without).expect("a difference");
            assert_eq!((unset, addressable), (names(&[key]), false));
            assert_eq!(set_between(with.clone(), doc! { key: 1, "a": 2 }), doc! { "session.a": 2 });
        }
        for key in ["a$", "0", "__proto__", "é", "a b", "session"] {
            assert_eq!(set_between(doc! {}, doc! { key: 1 }), doc! { format!("session.{key}"): 1 });
        }
    }

    #[test]
    fn without_a_session_on_both_sides_there_is_no_difference_to_take() {
        assert!(between("text", doc! {}).is_none());
        assert!(between(doc! {}, "text").is_none());
        assert!(between(Bson::Array(vec![]), Bson::Array(vec![])).is_none());
        let (empty, session) = (raw(&doc! {}), within(doc! {}));
        for document in [&*empty, &[], b"no BSON"] {
            let known = Known { document, later: &[], doubtful: &[] };
            assert!(Difference::take(known, &session).is_none());
            let known = Known { document: &session, later: &[], doubtful: &[] };
            assert!(Difference::take(known, document).is_none());
        }
    }

    #[test]
    fn a_key_that_comes_twice_is_in_doubt() {
        let twice = {
            let mut session = RawDocumentBuf::new();
            session.append(mongodb::bson::raw::cstr!("a"), 1);
            session.append(mongodb::bson::raw::cstr!("a"), 1);
            let mut document = RawDocumentBuf::new();
            document.append(mongodb::bson::raw::cstr!("session"), session);
            document.into_bytes()
        };
        let once = within(doc! { "a": 1 });
        for (document, session) in [(&twice, &once), (&once, &twice), (&twice, &twice)] {
            let known = Known { document, later: &[], doubtful: &[] };
            assert!(Difference::take(known, session).is_none());
        }
    }

    #[test]
    fn patches_that_were_stored_count() {
        let document = within(doc! { "a": 1, "b": 1, "c": 1 });
        let later = [
            patch(&doc! { "session.a": 2, "session.d": 1 }, &doc! { "session.b": "" }),
            patch(&doc! { "session.b": 3 }, &doc! { "session.c": "", "session.d": "" }),
        ]
        .concat();
        let known = Known { document: &document, later: &later, doubtful: &[] };
        let nothing = (doc! {}, BTreeSet::new(), true);
        assert_eq!(taken(known, &within(doc! { "a": 2, "b": 3 })), Some(nothing));
        let (set, unset, _) = taken(known, &within(doc! { "a": 1, "c": 1, "d": 1 })).expect("a difference");
        assert_eq!(set, doc! { "session.a": 1, "session.c": 1, "session.d": 1 });
        assert_eq!(unset, names(&["b"]));
    }

    #[test]
    fn what_may_be_stored_is_written_again_or_removed() {
        let document = within(doc! { "a": 1, "b": 1, "c": 1 });
        let doubtful = patch(&doc! { "session.a": 2, "session.new": 1 }, &doc! { "session.b": "" });
        let known = Known { document: &document, later: &[], doubtful: &doubtful };
        let (set, unset, _) = taken(known, &within(doc! { "a": 1, "b": 1, "c": 1 })).expect("a difference");
        assert_eq!((set, unset), (doc! { "session.a": 1, "session.b": 1 }, names(&["new"])));
        let (set, unset, _) = taken(known, &within(doc! { "c": 1 })).expect("a difference");
        assert_eq!((set, unset), (doc! {}, names(&["a", "b", "new"])));
    }

    #[test]
    fn malformed_patches_are_doubts_about_everything() {
        let document = within(doc! { "a": 1 });
        let session = within(doc! { "a": 1 });
        let one = raw(&doc! {});
        let elsewhere = patch(&doc! { "user": 1 }, &doc! {});
        for malformed in [&one, &elsewhere, &vec![0; 4], &vec![9]] {
            let known = Known { document: &document, later: malformed, doubtful: &[] };
            assert!(Difference::take(known, &session).is_none());
        }
        for malformed in [&elsewhere, &vec![0; 4], &vec![9]] {
            let known = Known { document: &document, later: &[], doubtful: malformed };
            assert!(Difference::take(known, &session).is_none());
        }
    }

    #[test]
    fn every_truncation_and_every_changed_byte_is_survived() {
        let document = within(doc! { "a": [1, { "b": "x" }], "c": 1.5 });
        let session = within(doc! { "a": [1, { "b": "y" }], "c": 2_i64 });
        for at in 0..document.len() {
            for byte in [0, 1, 3, 0x7f, 0xff] {
                let mut changed = document.clone();
                changed[at] = byte;
                for (document, session) in
                    [(&*changed, &*session), (&*session, &*changed), (&document[..at], &*session)]
                {
                    let known = Known { document, later: &[], doubtful: &[] };
                    let _ = taken_leniently(known, session);
                }
            }
        }
    }

    /// What is set may be invalid within, as it was.
    fn taken_leniently(known: Known<'_>, session: &[u8]) -> Option<usize> {
        let difference = Difference::take(known, session)?;
        let mut room = vec![0; difference.bytes()];
        difference.write(&mut room);
        let mut patch = room.as_slice();
        next_document(&mut patch).and(next_document(&mut patch)).expect("two documents");
        Some(patch.len())
    }

    #[test]
    fn nesting_of_any_depth_takes_no_stack() {
        let nested = |innermost: i32, depth: usize| {
            let mut bytes = raw(&doc! { "a": innermost });
            for _ in 0..depth {
                let mut outer = ((bytes.len() + 8) as u32).to_le_bytes().to_vec();
                outer.extend_from_slice(b"\x03a\0");
                outer.append(&mut bytes);
                outer.push(0);
                bytes = outer;
            }
            let mut document = ((bytes.len() + 14) as u32).to_le_bytes().to_vec();
            document.extend_from_slice(b"\x03session\0");
            document.append(&mut bytes);
            document.push(0);
            document
        };
        let changes = |stored: &[u8], new: &[u8]| {
            let known = Known { document: stored, later: &[], doubtful: &[] };
            Difference::take(known, new).expect("a difference").keys().count()
        };
        assert_eq!(changes(&nested(1, 150), &nested(1, 150)), 0);
        assert_eq!(changes(&nested(1, 150), &nested(2, 150)), 1);
        let (deep, other) = (nested(1, 20_000), nested(2, 20_000));
        assert_eq!(changes(&deep, &deep), 0);
        assert_eq!(changes(&deep, &other), 1);
    }

    #[test]
    fn nothing_is_written_where_there_is_no_room() {
        let (document, session) = (within(doc! {}), within(doc! { "a": 1 }));
        let known = Known { document: &document, later: &[], doubtful: &[] };
        let difference = Difference::take(known, &session).expect("a difference");
        let mut room = vec![9; difference.bytes() - 1];
        difference.write(&mut room);
        assert!(room.iter().all(|&byte| byte == 9));
    }
}
