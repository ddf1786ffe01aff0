//! Sessions that connect-mongo encrypted: read, never written.
//!
//! connect-mongo 3 had a format of its own, 4 to 6 those of the package kruptein, which changed it four times. None
//! names itself, so a stored text is taken apart first (`envelope.rs`), and then every scheme that it may be of is
//! tried with every secret: each signs what it has encrypted, and only the right one with the right secret finds its
//! signature. Nothing is decrypted before.
//!
//! | stored by | key: rounds of PBKDF2 | signed |
//! |---|---|---|
//! | connect-mongo 3 | 10,000, as text | the ciphertext, as text |
//! | kruptein 2.2 and 3.0 | 15,000 | the ciphertext, as text |
//! | kruptein 3.1.1 | 15,000 | ciphertext, salt and nonce, as text |
//! | kruptein 3.1.3 to 3.3 | 20,000 | the same |
//! | kruptein 3.4 | 20,000 | ciphertext, salt and nonce, as bytes |
//!
//! Bytes "as text" are read as UTF-8, as JavaScript does when it adds a buffer to a string.

mod envelope;
mod json;

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};

use aes_gcm::aead::consts::{U12, U16, U24, U32};
use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aead::{AeadInOut, KeyInit, array::ArraySize};
use aes_gcm::aes::Aes256;
use aes_gcm::{AesGcm, Nonce, Tag};
use mongodb::bson::RawBson;
use ring::{hmac, pbkdf2};
use serde::Deserialize;

use self::envelope::{Envelope, Hash, Scheme};
use crate::error::{Error, ErrorKind};
use crate::settings::Secret;

const KEY_BYTES: usize = 32;
/// Derived keys that are kept: a session has the same one until it is saved anew, and to derive it takes some 10 ms.
const KEPT_KEYS: usize = 4096;

/// The secrets that connect-mongo encrypted with.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct ConnectMongo {
    secrets: Vec<Secret>,
    #[serde(skip)]
    keys: Mutex<HashMap<Derivation, [u8; KEY_BYTES]>>,
}

impl std::fmt::Debug for ConnectMongo {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ConnectMongo").finish_non_exhaustive()
    }
}

/// What a key is derived of.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Derivation {
    /// The secret's place in the list.
    secret: usize,
    salt: Vec<u8>,
    rounds: NonZeroU32,
    hash: Hash,
}

fn refused(reason: &str) -> Error {
    Error::new(ErrorKind::Runtime, format!("the stored session cannot be decrypted: {reason}"))
}

impl ConnectMongo {
    /// Decrypts a stored session.
    ///
    /// # Returns
    /// The text or document that connect-mongo was to store; nothing where the text is not encrypted.
    ///
    /// # Errors
    /// When no secret fits, something was changed, or what was encrypted is no session.
    pub fn open(&self, stored: &str) -> Result<Option<RawBson>, Error> {
        let Some(envelope) = Envelope::read(stored)? else { return Ok(None) };
        let plain = self.decrypt(&envelope)?;
        json::session(&plain).map(Some).ok_or_else(|| refused("what connect-mongo encrypted is no session"))
    }

    fn decrypt(&self, envelope: &Envelope) -> Result<Vec<u8>, Error> {
        for scheme in envelope.schemes() {
            for (place, secret) in self.secrets.iter().enumerate() {
                let key = self.key(place, secret, envelope.hash, &scheme);
                let signing = hmac::Key::new(envelope.hash.signing(), &key);
                if hmac::verify(&signing, &scheme.signed, &envelope.signature).is_ok() {
                    return unlock(&key, envelope);
                }
            }
        }
        Err(refused(
            "connect-mongo encrypted it with a secret that is not in crypto.connectMongo, or it was changed",
        ))
    }

    fn key(&self, place: usize, secret: &Secret, hash: Hash, scheme: &Scheme) -> [u8; KEY_BYTES] {
        let secret = secret.expose();
        let salt = scheme.salt.bytes(secret, hash);
        let derivation = Derivation { secret: place, salt, rounds: scheme.rounds, hash };
        if let Some(key) = self.kept().get(&derivation) {
            return *key;
        }
        let derive = || scheme.salt.key(&stretched(secret, &derivation));
        let key = match tokio::runtime::Handle::try_current() {
            // Other stores' answers must not wait for it.
            Ok(_) => tokio::task::block_in_place(derive),
            Err(_) => derive(),
        };
        let mut kept = self.kept();
        if kept.len() >= KEPT_KEYS {
            kept.clear();
        }
        kept.insert(derivation, key);
        key
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<Derivation, [u8; KEY_BYTES]>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn stretched(secret: &str, Derivation { salt, rounds, hash, .. }: &Derivation) -> [u8; 2 * KEY_BYTES] {
    let mut bytes = [0; 2 * KEY_BYTES];
    pbkdf2::derive(hash.stretching(), *rounds, salt, secret.as_bytes(), &mut bytes);
    bytes
}

/// Decrypts with the right key. kruptein chose nonces of 12 or of 16 bytes; connect-mongo 3 took the text of one.
fn unlock(key: &[u8; KEY_BYTES], envelope: &Envelope) -> Result<Vec<u8>, Error> {
    let opened = match envelope.nonce.len() {
        12 => unlock_with::<U12>(key, envelope),
        16 => unlock_with::<U16>(key, envelope),
        24 => unlock_with::<U24>(key, envelope),
        32 => unlock_with::<U32>(key, envelope),
        _ => None,
    };
    opened.ok_or_else(|| {
        refused("connect-mongo encrypted it with something else than AES-256-GCM, or it was changed")
    })
}

fn unlock_with<N: ArraySize>(key: &[u8; KEY_BYTES], envelope: &Envelope) -> Option<Vec<u8>> {
    let cipher = AesGcm::<Aes256, N>::new_from_slice(key).ok()?;
    let nonce = Nonce::<N>::try_from(envelope.nonce.as_slice()).ok()?;
    let tag = Tag::try_from(envelope.tag.as_slice()).ok()?;
    let mut bytes = envelope.ciphertext.clone();
    let buffer = InOutBuf::from(bytes.as_mut_slice());
    cipher.decrypt_inout_detached(&nonce, &envelope.associated, buffer, &tag).ok()?;
    Some(bytes)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
