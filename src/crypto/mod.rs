//! Encryption of sessions at rest: AES-256-GCM, on this side of the boundary.
//!
//! [`keys`] makes keys of secrets, [`record`] is the format of one encrypted value, [`connect_mongo`] reads what that
//! package encrypted, and this module
//! knows which parts of a stored document are encrypted: the session as a whole, and once more its
//! cookie, which `touch` replaces without knowing the rest.

pub mod connect_mongo;
pub mod keys;
pub mod record;

use std::fmt;
use std::sync::OnceLock;

use mongodb::bson::raw::cstr;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, RawBson, RawBsonRef, RawDocument, RawDocumentBuf};
use serde::Deserialize;

use self::connect_mongo::ConnectMongo;
use self::keys::{Key, Secret};
use crate::error::{Error, ErrorKind};

/// The field of the stored document with the encrypted session.
pub const SESSION: &str = "session";
/// The field of the stored document with the encrypted cookie.
pub const COOKIE: &str = "cookie";
/// What a touch sets in sessions that are not encrypted.
pub const COOKIE_PATH: &str = "session.cookie";

/// What a store encrypts with.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Crypto {
    /// The first encrypts, all decrypt.
    secrets: Vec<Secret>,
    /// Whether sessions that are not encrypted are errors.
    #[serde(default)]
    required: bool,
    /// What connect-mongo encrypted sessions with, which are read as well.
    #[serde(default)]
    connect_mongo: Option<ConnectMongo>,
    /// Derived when first needed: that takes a passphrase some tenths of a second.
    #[serde(skip)]
    keys: OnceLock<Vec<Key>>,
}

impl fmt::Debug for Crypto {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Crypto").field("required", &self.required).finish_non_exhaustive()
    }
}

fn malformed() -> Error {
    Error::new(ErrorKind::Runtime, "the stored session is not BSON")
}

impl Crypto {
    /// Derives the keys, if that is not done or under way.
    pub fn prepare(&self) {
        self.keys.get_or_init(|| self.derive());
    }

    fn keys(&self) -> &[Key] {
        self.keys.get_or_init(|| match tokio::runtime::Handle::try_current() {
            // Other stores' answers must not wait for it.
            Ok(_) => tokio::task::block_in_place(|| self.derive()),
            Err(_) => self.derive(),
        })
    }

    fn derive(&self) -> Vec<Key> {
        self.secrets.iter().map(Secret::derive).collect()
    }

    fn seal(&self, field: &str, id: &str, plain: &RawDocument) -> Result<Binary, Error> {
        let key = self.keys().first().ok_or_else(|| Error::internal("no secret to encrypt with"))?;
        let bytes = record::seal(key, field, id, plain.as_bytes())?;
        Ok(Binary { subtype: BinarySubtype::Generic, bytes })
    }

    fn open(&self, field: &str, id: &str, bytes: &[u8]) -> Result<RawDocumentBuf, Error> {
        let plain = record::open(self.keys(), field, id, bytes)?;
        RawDocumentBuf::from_bytes(plain).map_err(|_| malformed())
    }

    /// The session of a document that connect-mongo encrypted.
    fn of_connect_mongo(&self, stored: &RawDocument) -> Result<Option<RawBson>, Error> {
        let Some(connect_mongo) = &self.connect_mongo else { return Ok(None) };
        match stored.get(SESSION).map_err(|_| malformed())? {
            Some(RawBsonRef::String(text)) => connect_mongo.open(text),
            _ => Ok(None),
        }
    }

    /// Encrypts the elements that a `set` stores: `{session}` becomes `{session, cookie}`, both binary. What is beside the
    /// session stays as it is.
    ///
    /// # Errors
    /// When the system has no random numbers, or the elements are not BSON.
    pub fn seal_session(&self, id: &str, elements: &RawDocument) -> Result<RawDocumentBuf, Error> {
        let session = elements.get(SESSION).map_err(|_| malformed())?.ok_or_else(malformed)?;
        // An application that serializes sessions stores text, perhaps.
        let cookie = session.as_document().and_then(|session| session.get_document(COOKIE).ok());
        let mut alone = RawDocumentBuf::new();
        alone.append(cstr!("session"), session);
        let mut sealed = RawDocumentBuf::new();
        sealed.append(cstr!("session"), self.seal(SESSION, id, &alone)?);
        match cookie {
            Some(cookie) => sealed.append(cstr!("cookie"), self.seal(COOKIE, id, &wrapped(cookie))?),
            // One that an earlier touch stored must not come back.
            None => sealed.append(cstr!("cookie"), RawBsonRef::Null),
        }
        append_all_but(SESSION, elements, &mut sealed)?;
        Ok(sealed)
    }

    /// Encrypts the elements that a `touch` sets: `{'session.cookie'}` becomes `{cookie}`, binary; others stay as they are.
    ///
    /// # Errors
    /// As [`Crypto::seal_session`].
    pub fn seal_cookie(&self, id: &str, elements: &RawDocument) -> Result<RawDocumentBuf, Error> {
        let mut sealed = RawDocumentBuf::new();
        if let Ok(cookie) = elements.get_document(COOKIE_PATH) {
            sealed.append(cstr!("cookie"), self.seal(COOKIE, id, &wrapped(cookie))?);
        }
        append_all_but(COOKIE_PATH, elements, &mut sealed)?;
        Ok(sealed)
    }

    /// Decrypts a stored document: its session and cookie as if they had never been encrypted.
    ///
    /// # Errors
    /// When a part was changed, moved from another session or encrypted with another secret; when nothing
    /// is encrypted but must be. Never anything of the session in them.
    pub fn open_document(&self, id: &str, stored: &[u8]) -> Result<Vec<u8>, Error> {
        let stored = RawDocument::from_bytes(stored).map_err(|_| malformed())?;
        if let Some(session) = self.of_connect_mongo(stored)? {
            return with_session(stored, &session);
        }
        let session = match part(stored, SESSION)? {
            Some(bytes) => Some(self.open(SESSION, id, bytes)?),
            None if self.required => {
                return Err(Error::new(
                    ErrorKind::Runtime,
                    "the stored session is not encrypted, and crypto.required is true",
                ));
            }
            None => None,
        };
        // Beside a session that is not encrypted, one is left over: a server without `crypto` saved since.
        if session.is_none() {
            return Ok(stored.as_bytes().to_vec());
        }
        let cookie = part(stored, COOKIE)?.map(|bytes| self.open(COOKIE, id, bytes)).transpose()?;
        let cookie = cookie.as_ref().map(|wrapped| wrapped.get_document(COOKIE)).transpose();
        let cookie = cookie.map_err(|_| malformed())?;
        let mut opened = RawDocumentBuf::new();
        for element in stored {
            let (key, value) = element.map_err(|_| malformed())?;
            match (key.as_str(), value) {
                ("cookie", RawBsonRef::Binary(_) | RawBsonRef::Null) => {}
                ("session", value) => {
                    let value = match &session {
                        Some(session) => session.get(SESSION).map_err(|_| malformed())?.unwrap_or(value),
                        None => value,
                    };
                    match (value, cookie) {
                        (RawBsonRef::Document(session), Some(cookie)) => {
                            opened.append(key, with_cookie(session, cookie)?);
                        }
                        (value, _) => opened.append(key, value),
                    }
                }
                (_, value) => opened.append(key, value),
            }
        }
        Ok(opened.into_bytes())
    }
}

/// Appends what is not encrypted.
fn append_all_but(encrypted: &str, elements: &RawDocument, sealed: &mut RawDocumentBuf) -> Result<(), Error> {
    for element in elements {
        let (key, value) = element.map_err(|_| malformed())?;
        if key.as_str() != encrypted {
            sealed.append(key, value);
        }
    }
    Ok(())
}

/// The document with another session in the place of its own. A cookie beside it is of touches since; the session's expiry
/// is in the document.
fn with_session(stored: &RawDocument, session: &RawBson) -> Result<Vec<u8>, Error> {
    let mut changed = RawDocumentBuf::new();
    for element in stored {
        let (key, value) = element.map_err(|_| malformed())?;
        match (key.as_str(), value) {
            ("cookie", RawBsonRef::Binary(_)) => {}
            ("session", _) => changed.append(key, session.as_raw_bson_ref()),
            (_, value) => changed.append(key, value),
        }
    }
    Ok(changed.into_bytes())
}

fn wrapped(cookie: &RawDocument) -> RawDocumentBuf {
    let mut document = RawDocumentBuf::new();
    document.append(cstr!("cookie"), cookie);
    document
}

/// The record in a field of a stored document, if there is one.
fn part<'a>(stored: &'a RawDocument, field: &str) -> Result<Option<&'a [u8]>, Error> {
    Ok(match stored.get(field).map_err(|_| malformed())? {
        // Other bytes are never stored there: those were tampered with.
        Some(RawBsonRef::Binary(binary)) => Some(binary.bytes),
        _ => None,
    })
}

/// The session with another cookie in the place of its own.
fn with_cookie(session: &RawDocument, cookie: &RawDocument) -> Result<RawDocumentBuf, Error> {
    let mut changed = RawDocumentBuf::new();
    for element in session {
        let (key, value) = element.map_err(|_| malformed())?;
        if key.as_str() == "cookie" {
            changed.append(key, cookie);
        } else {
            changed.append(key, value);
        }
    }
    Ok(changed)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
